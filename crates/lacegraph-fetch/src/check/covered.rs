//! Which accounts the organization's list covers, as far as its first page tells.

use std::collections::{BTreeMap, BTreeSet};

use super::FirstPage;
use crate::directory::Directory;
use crate::wire::{TeamMember, each_row};

/// The accounts that the organization's list covers, as far as its first page tells.
pub(super) enum Covered {
    Nothing,
    /// A page follows, which may name any.
    Perhaps,
    /// The accounts named, in lower case.
    These(BTreeSet<String>),
}

impl Covered {
    pub(super) fn by(first: &FirstPage, directory: &Directory) -> Self {
        match &first.text {
            Some(_) if first.list.rows > 0 && !first.is_last => Self::Perhaps,
            Some(text) if first.list.rows > 0 => Self::These(named_accounts(text, directory)),
            _ => Self::Nothing,
        }
    }

    /// Whether it covers the account of this name in lower case.
    pub(super) fn covers(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Perhaps => true,
            Self::These(names) => names.contains(name),
        }
    }
}

/// The accounts that the rows of a page name, by name or by the API's own key, in lower case.
fn named_accounts(text: &str, directory: &Directory) -> BTreeSet<String> {
    let listed = directory.profile.iter().flat_map(|profile| &profile.accounts);
    let by_guid: BTreeMap<&str, &str> =
        listed.filter_map(|entry| Some((entry.cust_guid.as_deref()?, entry.name.as_str()))).collect();
    let mut names = BTreeSet::new();
    let mut see = |name: Option<&str>, guid: Option<&str>| {
        let name = name.or_else(|| by_guid.get(guid?).copied());
        names.extend(name.map(|name| name.trim().to_lowercase()));
    };
    each_row::<TeamMember<'_>>(text, |_, row| {
        let Ok(row) = row else { return };
        for entry in row.accounts.entries() {
            see(entry.account_name.non_empty(), entry.cust_guid.non_empty());
        }
        for name in row.admin_role_accounts.entries().iter().chain(row.user_role_accounts.entries()) {
            see(name.non_empty(), None);
        }
        see(row.account_name.non_empty(), row.cust_guid.non_empty());
    });
    names
}
