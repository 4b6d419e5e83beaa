//! A row of `TeamUsers`, newer access model.

use serde::Deserialize;

use super::value::{Flag, List, Moment, Text};

/// A person or a service user of one account (vendor documentation).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct TeamUser<'a> {
    /// `StandardUser` or `ServiceUser`.
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Text<'a>,
    /// First and last name; the name of a service user.
    #[serde(borrow)]
    pub(crate) name: Text<'a>,
    #[serde(borrow)]
    pub(crate) email: Text<'a>,
    #[serde(borrow)]
    pub(crate) company: Text<'a>,
    #[serde(borrow)]
    pub(crate) user_guid: Text<'a>,
    pub(crate) user_enabled: Flag,
    /// `NO_ORG_ACCESS` (vendor documentation), `ORG_ADMIN` (seen in the field), `ORG_USER` (inferred).
    #[serde(borrow)]
    pub(crate) org_access: Text<'a>,
    pub(crate) last_login_time: Moment,
    #[serde(borrow)]
    pub(crate) user_groups: List<GroupEntry<'a>>,
}

/// A group in `userGroups`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct GroupEntry<'a> {
    #[serde(borrow)]
    pub(crate) user_group_guid: Text<'a>,
    #[serde(borrow)]
    pub(crate) user_group_name: Text<'a>,
}
