//! A row of the matrix: a fault, and what has to come of it.

use std::process::Child;

use lacegraph_mock::{PagingForm, ServerOptions, World};
use serde_json::{Value, json};

use super::tls::Front;
use super::traps::Trap;
use crate::fixture::{Fixture, invalid};
use crate::mock::Mock;
use crate::place::Place;

/// A fault, and what has to come of it. Every method takes one thing away from the ordinary.
pub(crate) struct Row {
    pub(crate) fault: &'static str,
    pub(crate) world: World,
    pub(crate) options: ServerOptions,
    /// Variables that differ from the fitting ones.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) arguments: Vec<&'static str>,
    /// A `lacegraph.toml`, made of the mock's own.
    pub(crate) configuration: Option<fn(&Mock) -> String>,
    /// What happens to the command while it runs.
    pub(crate) meanwhile: Option<fn(&Mock, &Place, &Child)>,
    /// What stands before the mock and is asked in its place.
    pub(crate) front: Option<fn(&Mock, &Place) -> Front>,
    /// Words of a shell in front of the command, `"$@"`.
    pub(crate) shell: Option<&'static str>,
    pub(crate) exit: i32,
    /// How `check` ends where it ends otherwise: it reads first pages only.
    pub(crate) check: Option<i32>,
    pub(crate) says: Vec<String>,
    pub(crate) calls: String,
    pub(crate) access: Access,
    /// A further look at what was written and asked; gives what is wrong.
    pub(crate) also: Vec<fn(&Mock, &Place) -> Option<String>>,
    /// What a run leaves beside the directory that it writes.
    pub(crate) keeps: &'static [&'static str],
    /// Hosts that must not be asked.
    pub(crate) traps: Vec<Trap>,
}

/// What is known of the access that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Exactly that of the fixture, in every account.
    All,
    /// Of these accounts, everything but what members of the organization inherit; the others are not whole.
    Whole(&'static [&'static str]),
    /// Something else, or nothing.
    Other,
}

/// A row about a world that is like `fixtures/small` but for one thing.
pub(crate) fn row(fault: &'static str, fixture: Fixture) -> Row {
    Row {
        fault,
        world: fixture.world(),
        options: ServerOptions::default(),
        variables: Vec::new(),
        arguments: vec!["export", "--env", "--out", "out"],
        configuration: None,
        meanwhile: None,
        front: None,
        shell: None,
        exit: 0,
        check: None,
        says: Vec::new(),
        calls: String::new(),
        access: Access::All,
        also: Vec::new(),
        keeps: &[],
        traps: Vec::new(),
    }
}

/// A row about one fault of the small fixture, as it is but for that.
pub(crate) fn fault(fault: &'static str, entry: Value) -> Row {
    row(fault, Fixture::small().set("faults", json!([entry])))
}

/// A row about one fault of the account TINY-TWO, where the organization's list is not to be had.
pub(crate) fn account_fault(fault: &'static str, entry: Value) -> Row {
    let mut entry = entry;
    entry["account"] = json!("TINY-TWO");
    row(fault, without_org_list().set("faults", json!([entry])))
}

/// The small fixture without a list of the organization: each account is asked on its own.
pub(crate) fn without_org_list() -> Fixture {
    Fixture::small().without("tiny/org/TeamMembers.json")
}

/// A fault that answers an endpoint with a page to sign in.
pub(crate) fn login_page(endpoint: &str) -> Value {
    json!({"endpoint": endpoint, "status": 200, "body": invalid("html.html"), "content_type": "text/html"})
}

/// A `lacegraph.toml` that names both accounts, for a host without a directory.
pub(crate) fn configured_accounts(mock: &Mock) -> String {
    mock.configuration("") + "[organization.accounts.TINY-ONE]\n[organization.accounts.TINY-TWO]\n"
}

/// What is said of an account whose own list fails where the organization's is whole.
pub(crate) const COVERED: &str =
    "tiny/tiny-two: the account's own list could not be read to compare it with the organization's, which covers it";

/// The calls of a run in which each account is asked on its own: the organization's list is refused, and asked for again.
///
/// Where the refusals come before anything else is granted, a second token is tried, once for a key.
pub(crate) const EACH_ON_ITS_OWN: &str = "token 1, profile 1, org 2, one 1, two 1";

impl Row {
    /// A row with the same world, variables and configuration, of which nothing is expected.
    pub(crate) fn like(other: &Self) -> Self {
        Self {
            world: other.world.clone(),
            options: other.options.clone(),
            variables: other.variables.clone(),
            arguments: other.arguments.clone(),
            configuration: other.configuration,
            access: Access::Other,
            ..row(other.fault, Fixture::small())
        }
    }

    pub(crate) fn with_pages(self, size: usize) -> Self {
        Self { world: self.world.with_page_size(Some(size)), ..self }
    }

    pub(crate) fn with_paging(self, form: PagingForm) -> Self {
        Self { world: self.world.with_paging(form), ..self }
    }

    pub(crate) fn with_options(self, options: ServerOptions) -> Self {
        Self { options, ..self }
    }

    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Further arguments of the command.
    pub(crate) fn with(mut self, arguments: &[&'static str]) -> Self {
        self.arguments.extend(arguments);
        self
    }

    /// Runs by a configuration in place of variables.
    pub(crate) fn configured(self, configuration: fn(&Mock) -> String) -> Self {
        Self { configuration: Some(configuration), arguments: vec!["export", "--out", "out"], ..self }
    }

    pub(crate) fn in_shell(self, words: &'static str) -> Self {
        Self { shell: Some(words), ..self }
    }

    pub(crate) fn behind(self, front: fn(&Mock, &Place) -> Front) -> Self {
        Self { front: Some(front), ..self }
    }

    pub(crate) fn meanwhile(self, what: fn(&Mock, &Place, &Child)) -> Self {
        Self { meanwhile: Some(what), ..self }
    }

    /// How the command ends, and words that the user reads, in this order.
    pub(crate) fn ends(mut self, exit: i32, says: &[&str]) -> Self {
        self.says.extend(says.iter().map(|words| (*words).to_owned()));
        Self { exit, ..self }
    }

    /// How `check` ends, which cannot know of what comes after first pages or passes.
    pub(crate) fn check_ends(self, exit: i32) -> Self {
        Self { check: Some(exit), ..self }
    }

    /// The calls in all, as [`counted`](super::run::counted) writes them.
    pub(crate) fn calls(self, calls: &str) -> Self {
        Self { calls: calls.to_owned(), ..self }
    }

    /// A further look at what was written and asked; it gives what is wrong.
    pub(crate) fn also(mut self, look: fn(&Mock, &Place) -> Option<String>) -> Self {
        self.also.push(look);
        self
    }

    /// What a run leaves beside the directory that it writes.
    pub(crate) fn keeps(self, keeps: &'static [&'static str]) -> Self {
        Self { keeps, ..self }
    }

    pub(crate) fn never_asks(mut self, trap: Trap) -> Self {
        self.traps.push(trap);
        self
    }

    pub(crate) fn access(self, access: Access) -> Self {
        Self { access, ..self }
    }
}
