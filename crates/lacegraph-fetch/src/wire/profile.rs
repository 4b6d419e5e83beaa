//! `UserProfile`: whose key it is, and which accounts there are.

use serde::Deserialize;

use super::rows::each_row;
use super::value::{Flag, List, Text};

/// The directory of an organization, as the API tells it to a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Whose key it is.
    pub(crate) username: Option<String>,
    pub(crate) org_admin: bool,
    pub(crate) org_user: bool,
    /// Whether the key's account is an organization's.
    pub(crate) org_account: Option<bool>,
    /// The accounts, by name and the API's own key, as listed; the primary account is among them.
    pub(crate) accounts: Vec<DirectoryEntry>,
    /// Entries that cannot be used: they name no account, or are not understood.
    pub(crate) unusable: u64,
}

/// An account of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DirectoryEntry {
    pub(crate) name: String,
    pub(crate) cust_guid: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
struct ProfileRow<'a> {
    #[serde(borrow)]
    username: Text<'a>,
    #[serde(borrow)]
    user_name: Text<'a>,
    org_account: Flag,
    org_admin: Flag,
    org_user: Flag,
    #[serde(borrow)]
    accounts: List<&'a serde_json::value::RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
struct AccountRow<'a> {
    #[serde(borrow)]
    account_name: Text<'a>,
    #[serde(borrow)]
    cust_guid: Text<'a>,
}

impl Profile {
    /// Reads a body with rows; what does not fit is counted and left out.
    pub(crate) fn read(body: &str) -> Self {
        let mut profile = Self::default();
        each_row::<ProfileRow<'_>>(body, |_, row| match row {
            Ok(row) => profile.take(&row),
            Err(_) => profile.unusable += 1,
        });
        profile
    }

    fn take(&mut self, row: &ProfileRow<'_>) {
        if self.username.is_none() {
            self.username = row.username.non_empty().or(row.user_name.non_empty()).map(str::to_owned);
        }
        self.org_admin |= row.org_admin.0 == Some(true);
        self.org_user |= row.org_user.0 == Some(true);
        self.org_account = self.org_account.or(row.org_account.0);
        for entry in row.accounts.entries() {
            let entry: Option<AccountRow<'_>> = serde_json::from_str(entry.get()).ok();
            match entry.as_ref().and_then(|entry| Some((entry.account_name.non_empty()?, entry))) {
                Some((name, entry)) => self.accounts.push(DirectoryEntry {
                    name: name.to_owned(),
                    cust_guid: entry.cust_guid.non_empty().map(str::to_owned),
                }),
                None => self.unusable += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enveloped_and_bare() {
        let row = r#"{"username":"me@x","orgAccount":true,"orgAdmin":"1","accounts":[
            {"admin":true,"accountName":"A","custGuid":"A_1"},{"accountName":"B"},{"custGuid":"C_1"},{"accountName":7}]}"#;
        let entry = |name: &str, guid: Option<&str>| DirectoryEntry {
            name: name.to_owned(),
            cust_guid: guid.map(str::to_owned),
        };
        let expected = Profile {
            username: Some("me@x".to_owned()),
            org_admin: true,
            org_user: false,
            org_account: Some(true),
            accounts: vec![entry("A", Some("A_1")), entry("B", None)],
            unusable: 2,
        };
        assert_eq!(Profile::read(&format!("[{row}]")), expected);
        assert_eq!(Profile::read(&format!(r#"{{"data":[{row}]}}"#)), expected);
    }
}
