//! A row of `TeamMembers`, older access model: three shapes in one, since they come mixed.

use serde::Deserialize;

use super::value::{Flag, List, Moment, Text};

/// A row in the nested, the flat or the role-list shape, or several at once.
///
/// Nested rows have `accounts`, flat ones `custGuid` and `props`, the third kind `adminRoleAccounts` and
/// `userRoleAccounts`. All were seen in the field; which tenant sends which is not established.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct TeamMember<'a> {
    #[serde(borrow)]
    pub(crate) user_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) username: Text<'a>,
    #[serde(borrow)]
    pub(crate) email: Text<'a>,
    #[serde(borrow)]
    pub(crate) user_guid: Text<'a>,
    #[serde(borrow)]
    pub(crate) cust_guid: Text<'a>,
    #[serde(borrow)]
    pub(crate) account_name: Text<'a>,
    pub(crate) user_enabled: Flag,
    pub(crate) org_admin: Flag,
    pub(crate) org_user: Flag,
    #[serde(borrow)]
    pub(crate) accounts: List<AccountEntry<'a>>,
    #[serde(borrow)]
    pub(crate) admin_role_accounts: List<Text<'a>>,
    #[serde(borrow)]
    pub(crate) user_role_accounts: List<Text<'a>>,
    #[serde(borrow)]
    pub(crate) props: Option<MemberProps<'a>>,
}

impl TeamMember<'_> {
    /// The person: the first of `userName`, `username` and `email` that is not empty.
    pub(crate) fn login(&self) -> Option<&str> {
        [&self.user_name, &self.username, &self.email].into_iter().find_map(Text::non_empty)
    }
}

/// What the flat shape keeps in `props`; every field is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct MemberProps<'a> {
    #[serde(borrow)]
    pub(crate) first_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) last_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) company: Text<'a>,
    pub(crate) account_admin: Flag,
    pub(crate) org_admin: Flag,
    pub(crate) org_user: Flag,
    pub(crate) jit_created: Flag,
    pub(crate) created_time: Moment,
    pub(crate) updated_time: Moment,
    #[serde(borrow)]
    pub(crate) updated_by: Text<'a>,
    pub(crate) last_login_time: Moment,
    pub(crate) last_session_created_time: Moment,
}

/// An account in `accounts`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct AccountEntry<'a> {
    #[serde(borrow)]
    pub(crate) account_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) cust_guid: Text<'a>,
    #[serde(borrow)]
    pub(crate) user_guid: Text<'a>,
    pub(crate) user_enabled: Flag,
    pub(crate) admin: Flag,
    #[serde(borrow)]
    pub(crate) user_roles: List<Text<'a>>,
}
