//! An organization of `lacegraph.toml`: its key or those of its accounts, its host, its accounts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lacegraph_fetch::{AccountFilter, AccountPlan, ApiBase, OrganizationPlan};
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::document;
use super::environment::base_failure;
use super::key::{A_KEY, Key};
use crate::outcome::Failure;
use crate::system::System;

// The fields of a key stand in both: what is flattened takes unknown fields, and those must be refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organization {
    pub(super) name: Spanned<String>,
    account: Option<String>,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    accounts: BTreeMap<String, Spanned<Account>>,
    profile: Option<String>,
    key_file: Option<PathBuf>,
    key_id: Option<String>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    secret_command: Option<Vec<String>>,
    secret: Refused,
    api_secret: Refused,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    account: Option<String>,
    owner: Option<String>,
    environment: Option<String>,
    #[serde(default)]
    scope: Vec<String>,
    profile: Option<String>,
    key_file: Option<PathBuf>,
    key_id: Option<String>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    secret_command: Option<Vec<String>>,
    secret: Refused,
    api_secret: Refused,
}

/// The place of a value that is known only to be refused.
type Refused = Option<Spanned<IgnoredAny>>;

impl Organization {
    fn key(&self) -> Key<'_> {
        Key {
            profile: self.profile.as_deref(),
            key_file: self.key_file.as_deref(),
            key_id: self.key_id.as_deref(),
            secret_env: self.secret_env.as_deref(),
            secret_file: self.secret_file.as_deref(),
            secret_command: self.secret_command.as_deref(),
        }
    }
}

impl Account {
    fn key(&self) -> Key<'_> {
        Key {
            profile: self.profile.as_deref(),
            key_file: self.key_file.as_deref(),
            key_id: self.key_id.as_deref(),
            secret_env: self.secret_env.as_deref(),
            secret_file: self.secret_file.as_deref(),
            secret_command: self.secret_command.as_deref(),
        }
    }
}

/// Reads organizations, and gathers what the person should know of them.
pub(super) struct Reader<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) system: &'a System,
    pub(super) notes: Vec<String>,
}

impl Reader<'_> {
    /// What is wrong at a place in the file.
    pub(super) fn failure(&self, offset: usize, message: &str, hint: &str) -> Failure {
        Failure::usage(format!("{}{}: {message}", self.path.display(), document::position(self.text, offset)), hint)
    }

    /// Before anything else is looked at: the person should hear of it whatever else is wrong.
    pub(super) fn refuse_secrets(&self, organization: &Organization) -> Result<(), Failure> {
        let place = format!("organization `{}`", organization.name.get_ref());
        self.refuse_secret(&place, &organization.secret, &organization.api_secret)?;
        for (name, account) in &organization.accounts {
            let account = account.get_ref();
            self.refuse_secret(&format!("account `{name}` of {place}"), &account.secret, &account.api_secret)?;
        }
        Ok(())
    }

    fn refuse_secret(&self, place: &str, secret: &Refused, api_secret: &Refused) -> Result<(), Failure> {
        for (key, value) in [("secret", secret), ("api_secret", api_secret)] {
            if let Some(value) = value {
                let message = format!("`{key}` of {place} holds a secret");
                return Err(self.failure(value.span().start, &message, document::NO_SECRETS_HERE));
            }
        }
        Ok(())
    }

    /// The plan of an organization.
    pub(super) fn organization(&mut self, organization: &Organization) -> Result<OrganizationPlan, Failure> {
        let name = organization.name.get_ref();
        let at = organization.name.span().start;
        let place = format!("organization `{name}`");
        if name.contains(char::is_control) {
            return Err(self.failure(at, "the name of an organization has more than one line", "write it in one line"));
        }
        if name.trim().is_empty() || name.contains('/') {
            let message = format!("{place} needs a name without `/`");
            return Err(self.failure(at, &message, "the name is part of every account_id"));
        }
        let found = self.key(&organization.key(), at, &place)?;
        let filter = AccountFilter::new(&organization.include, &organization.exclude).map_err(|error| {
            let hint = error.hint();
            Failure::usage_because(anyhow::Error::new(error).context(format!("{}: {place}", self.path.display())), hint)
        })?;
        let mut accounts: Vec<AccountPlan> = Vec::new();
        for (name, account) in &organization.accounts {
            if is_known(&accounts, name) {
                let message = format!("account `{name}` of {place} is there twice");
                let hint = "keep one of the two; upper and lower case count as the same";
                return Err(self.failure(account.span().start, &message, hint));
            }
            accounts.push(self.account(name, account, &place)?);
        }
        if found.is_none() {
            self.refuse_keyless(&accounts, at, &place)?;
        }
        let own_host = organization.account.as_deref().or(found.as_ref().and_then(|found| found.account.as_deref()));
        let base = match own_host {
            Some(host) => self.base(host, &place)?,
            None if found.is_some() => {
                let hint = "add account = \"…\": sub-domain, host or full URL";
                return Err(self.failure(at, &format!("{place} has no account"), hint));
            }
            None => self.base_of_accounts(&accounts, at, &place)?,
        };
        let (credential, subaccount) = match found {
            Some(found) => (Some(found.credential), found.subaccount),
            None => (None, None),
        };
        if let Some(name) = subaccount.filter(|name| !is_known(&accounts, name)) {
            accounts.push(AccountPlan::named(name));
        }
        Ok(OrganizationPlan { name: name.clone(), base, shown_host: None, credential, accounts, filter })
    }

    /// In an organization without a key, no account goes without one.
    fn refuse_keyless(&self, accounts: &[AccountPlan], at: usize, place: &str) -> Result<(), Failure> {
        let keyless: Vec<_> = accounts
            .iter()
            .filter(|account| account.credential.is_none())
            .map(|account| format!("`{}`", account.name))
            .collect();
        if keyless.len() == accounts.len() {
            let hint = format!("add {A_KEY}; or give each of its accounts a key of its own");
            return Err(self.failure(at, &format!("{place} has no key"), &hint));
        }
        if keyless.is_empty() {
            return Ok(());
        }
        let nor = if keyless.len() == 1 { "nor has its account" } else { "nor have its accounts" };
        let message = format!("{place} has no key, {nor} {}", keyless.join(", "));
        let hint = format!("give the organization a key, or each of these accounts: {A_KEY}");
        Err(self.failure(at, &message, &hint))
    }

    /// The host of an organization that has neither a host nor a key: that of its accounts, which must all have one.
    ///
    /// Where they differ it is the first, for something has to stand in the outputs; nothing is asked there but that account.
    fn base_of_accounts(&self, accounts: &[AccountPlan], at: usize, place: &str) -> Result<ApiBase, Failure> {
        let homeless: Vec<_> = accounts
            .iter()
            .filter(|account| account.base.is_none())
            .map(|account| format!("`{}`", account.name))
            .collect();
        let base = accounts.iter().find_map(|account| account.base.clone());
        match base.filter(|_| homeless.is_empty()) {
            Some(base) => Ok(base),
            None => {
                let message = format!("{place} has no account, and nothing tells the host of {}", homeless.join(", "));
                let hint =
                    "add account = \"…\" (sub-domain, host or full URL) to the organization, or to each of these";
                Err(self.failure(at, &message, hint))
            }
        }
    }

    fn account(&mut self, name: &str, account: &Spanned<Account>, organization: &str) -> Result<AccountPlan, Failure> {
        let (at, account) = (account.span().start, account.get_ref());
        let place = format!("account `{name}` of {organization}");
        let found = self.key(&account.key(), at, &place)?;
        if found.is_none() && account.account.is_some() {
            let message = format!("{place} has a host of its own and no key of its own");
            return Err(self.failure(at, &message, &format!("a key goes to its own host only: add {A_KEY}")));
        }
        let own_host = account.account.clone().or(found.as_ref().and_then(|found| found.account.clone()));
        Ok(AccountPlan {
            name: name.to_owned(),
            base: own_host.map(|host| self.base(&host, &place)).transpose()?,
            credential: found.map(|found| found.credential),
            owner: given(&account.owner),
            environment: given(&account.environment),
            audit_scope: Some(account.scope.join(", ")).filter(|scope| !scope.is_empty()),
        })
    }

    fn base(&self, text: &str, place: &str) -> Result<ApiBase, Failure> {
        let place = format!("the account of {place} in {}", self.path.display());
        ApiBase::parse(text).map_err(|error| base_failure(error, &place))
    }
}

/// Whether one of the accounts has that name, in any case.
fn is_known(accounts: &[AccountPlan], name: &str) -> bool {
    accounts.iter().any(|known| known.name.trim().to_lowercase() == name.trim().to_lowercase())
}

/// A text that says something.
fn given(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.trim().is_empty())
}
