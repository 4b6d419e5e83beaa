//! What one row of a list says, before it is known whose it is and what others say.

use crate::record::{AccountId, OrganizationId, RecordSource, UserType};
use crate::time::{Login, UtcTime};

/// One row of a list: a person, and what it says of that person in one or several accounts.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// The organization whose list it stands in.
    pub organization: OrganizationId,
    /// The kind of that list.
    pub source: RecordSource,
    /// Person or service user.
    pub user_type: UserType,
    /// The login name or e-mail as written; for a service user its name.
    pub login: Option<&'a str>,
    /// First and last name, joined.
    pub full_name: Option<&'a str>,
    /// The company.
    pub company: Option<&'a str>,
    /// The organization roles it gives: `ORG_ADMIN`, `ORG_USER`, or an unknown text.
    pub organization_roles: &'a [&'a str],
    /// A guid that belongs to no account of the row.
    pub user_guid: Option<&'a str>,
    /// Whether the person is enabled, where the row says so for no account in particular.
    pub enabled: Option<bool>,
    /// What it says of the person in each account; none for a person with organization roles only.
    pub memberships: &'a [StatedMembership<'a>],
}

/// What a row says of a person in one account.
#[derive(Clone, Debug)]
pub struct StatedMembership<'a> {
    /// The account.
    pub account: AccountRef<'a>,
    /// The roles, as written; `None` where the row says nothing of roles.
    pub roles: Option<&'a [&'a str]>,
    /// The groups; empty in the older access model.
    pub groups: &'a [StatedGroup<'a>],
    /// The user's guid in this account.
    pub user_guid: Option<&'a str>,
    /// Whether sign-in is on.
    pub enabled: Option<bool>,
    /// Just-in-time creation.
    pub jit_created: Option<bool>,
    /// When the record was created.
    pub created: Option<UtcTime>,
    /// When it was changed.
    pub updated: Option<UtcTime>,
    /// By whom.
    pub updated_by: Option<&'a str>,
    /// The last login.
    pub last_login: Login,
    /// The start of the last session.
    pub last_session: Login,
}

impl<'a> StatedMembership<'a> {
    /// A membership of `account` of which nothing else is said.
    pub fn of(account: AccountRef<'a>) -> Self {
        Self {
            account,
            roles: None,
            groups: &[],
            user_guid: None,
            enabled: None,
            jit_created: None,
            created: None,
            updated: None,
            updated_by: None,
            last_login: Login::UNKNOWN,
            last_session: Login::UNKNOWN,
        }
    }
}

/// How a row names an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountRef<'a> {
    /// The account whose list was asked for.
    Known(AccountId),
    /// By name, in any case.
    Named(&'a str),
    /// By the API's key of the account, which may be learnt later.
    Guid(&'a str),
}

/// A group that a row names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatedGroup<'a> {
    /// Its guid; empty where the row has none.
    pub guid: &'a str,
    /// Its name; the guid stands in where the row has none.
    pub name: &'a str,
}

/// What a row of an audit log says.
#[derive(Clone, Copy, Debug, Default)]
pub struct StatedEvent<'a> {
    /// When it happened.
    pub happened: Option<UtcTime>,
    /// Who did it: a login name or e-mail.
    pub actor: Option<&'a str>,
    /// What kind of event it is.
    pub event_name: Option<&'a str>,
    /// What was done.
    pub user_action: Option<&'a str>,
    /// More about it.
    pub description: Option<&'a str>,
    /// The account that it names, where that is not the one whose log it is.
    pub stated_account: Option<&'a str>,
}

/// What a row of a list of API keys says.
#[derive(Clone, Copy, Debug)]
pub struct StatedKey<'a> {
    /// The key's id by its ends.
    pub masked_id: &'a str,
    /// The first 16 hexadecimal digits of the SHA-256 of its id.
    pub fingerprint: &'a str,
    /// Whether it may be used.
    pub enabled: Option<bool>,
    /// What somebody wrote about it.
    pub description: Option<&'a str>,
}
