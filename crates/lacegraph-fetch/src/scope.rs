//! How far what was read goes: accounts that nothing lists, lists that are refused, a key whose owner is in no list.

use lacegraph_model::{AccountView, FetchStatus, ORG_ADMIN, ORG_USER, OrganizationId, Severity};

use crate::directory::read_organization_info;
use crate::error::{CallError, FetchError};
use crate::fan_out::Reach;
use crate::organization::Reading;
use crate::own_list::COVERED;
use crate::problems::{Trouble, write_calls};
use crate::recorder::Recorder;
use crate::wire::Profile;

impl Reading<'_> {
    /// Says why the organization's list was refused, as far as it can be found out.
    ///
    /// The same status comes to a key of an account's user, to a key of somebody who is no organization admin, and in an account
    /// that is no organization (vendor documentation: the token has its owner's permissions).
    pub(crate) async fn explain_refused_list(
        &self,
        error: &CallError,
        profile: Option<&Profile>,
        is_directory_refused: bool,
    ) -> Result<Trouble, FetchError> {
        let is_organization = match profile.and_then(|profile| profile.org_account) {
            Some(known) => Some(known),
            None => {
                let (answer, call) = read_organization_info(&self.session).await;
                let id = self.id;
                self.recorder
                    .ask(move |recording| write_calls(&mut recording.builder, id, None, call.as_slice()))
                    .await?;
                answer
            }
        };
        let owner = profile.filter(|profile| !profile.org_admin).and_then(|profile| profile.username.as_deref());
        let hint = "nothing, if the accounts were read; else use the key of an organization admin";
        let (code, why, hint) = match (is_organization, owner, profile) {
            (Some(false), ..) => (
                "no_organization",
                "the API says that this account is no organization, and so has no list of one".to_owned(),
                "nothing; what its accounts' own lists say is all there is",
            ),
            (_, Some(owner), _) => (
                "organization_list_refused",
                format!("the key belongs to {owner}, who is no organization admin"),
                hint,
            ),
            (_, None, None) if is_directory_refused => (
                "organization_list_refused",
                "the key seems to be that of one account, of a service user or of somebody who is no organization admin: \
                 the API does not tell whose it is either"
                    .to_owned(),
                hint,
            ),
            _ => ("organization_list_refused", "the tenant does not offer it to this key".to_owned(), hint),
        };
        let message = format!(
            "the organization's list is not to be had, every account was asked on its own; {why}: {}",
            error.for_report()
        );
        Ok(Trouble::new(Severity::Info, code, message, hint))
    }

    /// Says where the organization's key does not reach, once for all accounts that refused it.
    pub(crate) async fn explain_reach(&self, reach: Reach, profile: Option<&Profile>) -> Result<(), FetchError> {
        let Reach { read, refused, is_uncertain } = reach;
        let (Some(first), None) = (read.first(), profile) else { return Ok(()) };
        if refused.is_empty() {
            return Ok(());
        }
        let count = if refused.len() == 1 { "1 account".to_owned() } else { format!("{} accounts", refused.len()) };
        let (code, message) = if read.len() == 1 && !is_uncertain {
            let message = format!(
                "the organization's key reaches account {first} alone and is refused by {count}: it seems to belong to a \
                 service user or a user of that account, whose key reaches no other"
            );
            ("key_of_one_account", message)
        } else {
            let reached = if read.len() == 1 { "1 account".to_owned() } else { format!("{} accounts", read.len()) };
            let message = format!("the organization's key reaches {reached} and is refused by {count}");
            ("key_misses_accounts", message)
        };
        let hint = "give each account that refused it a key of its own, in [organization.accounts.NAME], or the organization \
                    the key of an organization admin";
        self.write(Trouble::new(Severity::Error, code, message, hint)).await
    }

    /// Says what became of the accounts that the directory lists without a name: they cannot be asked for.
    pub(crate) async fn settle_nameless(&self, profile: &Profile, is_list_enough: bool) -> Result<(), FetchError> {
        let (id, filter, nameless) = (self.id, self.plan.filter.clone(), profile.nameless.clone());
        self.recorder
            .ask(move |recording| {
                for guid in nameless {
                    let known = recording.known(id, &guid).map(|known| (known.id, Some(known.name.clone())));
                    let builder = &mut recording.builder;
                    let (account, name) = known.unwrap_or_else(|| {
                        let account = builder.account(id, &guid);
                        builder.learn_cust_guid(id, &guid, account);
                        (account, None)
                    });
                    let is_settled = |view: &AccountView| view.id == account && view.status != FetchStatus::Unlisted;
                    let is_left_out = name.is_some_and(|name| !filter.admits(&name));
                    if is_left_out || builder.accounts(id).iter().any(is_settled) {
                        continue;
                    }
                    let is_named = builder.accounts_named_by_organization_list(id).contains(&account);
                    if is_named && is_list_enough {
                        builder.set_status(account, FetchStatus::Complete, Some(COVERED));
                        continue;
                    }
                    let status = if is_named { FetchStatus::Incomplete } else { FetchStatus::Failed };
                    let message =
                        "the directory lists this account by its key alone; without a name it cannot be asked";
                    let hint = "find the account's name in the console and name it in the configuration";
                    Trouble::new(Severity::Error, "account_without_name", message, hint)
                        .of(Some(account))
                        .write(builder, id);
                    builder.set_status(account, status, Some(message));
                }
            })
            .await
    }

    /// Warns of patterns that are likely a mistake, and marks accounts as excluded that only members name and the
    /// configuration leaves out.
    pub(crate) async fn settle_scope(&self, is_listed: bool) -> Result<(), FetchError> {
        let (id, filter) = (self.id, self.plan.filter.clone());
        self.recorder
            .ask(move |recording| {
                for view in recording.builder.accounts(id) {
                    if view.status != FetchStatus::Unlisted {
                        continue;
                    }
                    // Patterns are on names: an account known by its key alone matches none, and may be any.
                    let is_named = recording.builder.find_account(id, &view.name) == Some(view.id);
                    if is_named && !filter.admits(&view.name) {
                        let detail = Some("left out by the configuration");
                        recording.builder.set_status(view.id, FetchStatus::Excluded, detail);
                    }
                }
                if !is_listed {
                    // Nothing told which accounts there are: that no pattern matches means nothing.
                    return;
                }
                let accounts = recording.builder.accounts(id);
                let names: Vec<String> = accounts.iter().map(|view| view.name.clone()).collect();
                for pattern in filter.idle_patterns(&names) {
                    let message = format!("the pattern `{pattern}` of include or exclude matches no account");
                    let hint = "correct it or take it out; as it is, accounts may be read or left out that were not meant to be";
                    Trouble::new(Severity::Warning, "idle_pattern", message, hint).write(&mut recording.builder, id);
                }
                if !accounts.is_empty() && accounts.iter().all(|view| view.status == FetchStatus::Excluded) {
                    let message = "include and exclude leave out every account of this organization: nothing of it was read";
                    let hint = "correct the patterns, or take the organization out of the configuration";
                    Trouble::new(Severity::Warning, "nothing_in_scope", message, hint).write(&mut recording.builder, id);
                }
            })
            .await
    }

    /// Warns where the key's own user, or that user's organization role, is not in what was read: then others may be
    /// missing too. Whether the newer lists show every organization admin is not established.
    pub(crate) async fn check_key_owner(&self, profile: Profile) -> Result<(), FetchError> {
        let id = self.id;
        // A name without `@` differs from account to account and cannot be looked up.
        let Some(owner) = profile.username.filter(|owner| owner.contains('@')) else { return Ok(()) };
        self.recorder
            .ask(move |recording| {
                let builder = &mut recording.builder;
                let lacks = |is_held: bool, role| is_held && !builder.holds_organization_role(id, &owner, role);
                let message = if !builder.knows_login(id, &owner) {
                    format!("the key's own user {owner} is in no list that was read")
                } else if lacks(profile.org_admin, ORG_ADMIN) {
                    format!("the key's own user {owner} is an organization admin, which no list that was read says")
                } else if lacks(profile.org_user, ORG_USER) {
                    format!("the key's own user {owner} is an organization user, which no list that was read says")
                } else {
                    return;
                };
                let message = format!("{message}; organization members may be missing");
                let hint = "compare the organization's admins and users in the console with the result";
                Trouble::new(Severity::Warning, "key_owner_not_listed", message, hint).write(builder, id);
            })
            .await
    }
}

/// Warns of accounts that members name and nothing lists. They are looked for in the other organizations, and never taken for
/// an account there.
pub(crate) async fn settle_unlisted(
    recorder: &Recorder,
    organizations: Vec<(OrganizationId, String)>,
) -> Result<(), FetchError> {
    recorder
        .ask(move |recording| {
            let builder = &mut recording.builder;
            for (id, name) in &organizations {
                let unlisted = builder.accounts(*id).into_iter().filter(|view| view.status == FetchStatus::Unlisted);
                for view in unlisted.collect::<Vec<_>>() {
                    let is_same = |other: &AccountView| {
                        other.status != FetchStatus::Unlisted && other.name.to_lowercase() == view.name.to_lowercase()
                    };
                    let others = organizations.iter().filter(|(other, _)| other != id);
                    let elsewhere: Vec<&str> = others
                        .filter(|(other, _)| builder.accounts(*other).iter().any(is_same))
                        .map(|(_, name)| name.as_str())
                        .collect();
                    let (known, detail) = if elsewhere.is_empty() {
                        (String::new(), "named by members alone".to_owned())
                    } else {
                        let places = elsewhere.join(", ");
                        (
                            format!("; organization {places} has one of this name, which is not taken for the same"),
                            format!("named by members alone; organization {places} has one of this name"),
                        )
                    };
                    let message = format!(
                        "members name this account, no directory and no configuration of organization {name} does; it was not \
                         asked{known}"
                    );
                    let hint = "find out whose account it is; if it is yours, name it in the configuration";
                    let trouble = Trouble::new(Severity::Warning, "unlisted_account", message, hint);
                    trouble.of(Some(view.id)).write(builder, *id);
                    builder.set_status(view.id, FetchStatus::Unlisted, Some(&detail));
                }
            }
        })
        .await
}
