//! `UserProfile`: whose key it is, and which accounts there are.

use serde::Deserialize;
use serde_json::value::RawValue;

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
    /// The API's own keys of accounts that are listed without a name.
    pub(crate) nameless: Vec<String>,
    /// Parts that cannot be used: entries that name no account, values that are not understood.
    pub(crate) unusable: u64,
}

/// An account of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DirectoryEntry {
    pub(crate) name: String,
    pub(crate) cust_guid: Option<String>,
    /// Whether the key's owner is an administrator of the account.
    pub(crate) admin: bool,
}

/// A row of which one bad part does not lose the others.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
struct ProfileRow<'a> {
    #[serde(borrow)]
    username: Part<'a>,
    #[serde(borrow)]
    user_name: Part<'a>,
    #[serde(borrow)]
    org_account: Part<'a>,
    #[serde(borrow)]
    org_admin: Part<'a>,
    #[serde(borrow)]
    org_user: Part<'a>,
    #[serde(borrow)]
    accounts: Part<'a>,
}

type Part<'a> = Option<&'a RawValue>;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
struct AccountRow<'a> {
    #[serde(borrow)]
    account_name: Part<'a>,
    #[serde(borrow)]
    cust_guid: Part<'a>,
    #[serde(borrow)]
    admin: Part<'a>,
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
        for part in [row.username, row.user_name] {
            let name = self.part::<Text<'_>>(part);
            if self.username.is_none() {
                self.username = name.non_empty().map(str::to_owned);
            }
        }
        self.org_admin |= self.part::<Flag>(row.org_admin).0 == Some(true);
        self.org_user |= self.part::<Flag>(row.org_user).0 == Some(true);
        let org_account = self.part::<Flag>(row.org_account).0;
        self.org_account = self.org_account.or(org_account);
        for entry in self.part::<List<&RawValue>>(row.accounts).entries() {
            let Ok(entry) = serde_json::from_str::<AccountRow<'_>>(entry.get()) else {
                self.unusable += 1;
                continue;
            };
            let before = self.unusable;
            let name = self.part::<Text<'_>>(entry.account_name);
            let guid = self.part::<Text<'_>>(entry.cust_guid);
            let admin = self.part::<Flag>(entry.admin).0 == Some(true);
            match (name.non_empty(), guid.non_empty().map(str::to_owned)) {
                (Some(name), cust_guid) => {
                    self.accounts.push(DirectoryEntry { name: name.to_owned(), cust_guid, admin });
                }
                (None, Some(guid)) => self.nameless.push(guid),
                // A name that is not understood is counted already.
                (None, None) => self.unusable += u64::from(self.unusable == before),
            }
        }
    }

    /// A part of a row; its default, counted as unusable, where it is not understood.
    fn part<'a, T: Deserialize<'a> + Default>(&mut self, part: Part<'a>) -> T {
        match part.map(|part| serde_json::from_str(part.get())) {
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.unusable += 1;
                T::default()
            }
            None => T::default(),
        }
    }

    /// Whether the account of this name is listed.
    pub(crate) fn lists(&self, name: &str) -> bool {
        let name = name.trim().to_lowercase();
        self.accounts.iter().any(|entry| entry.name.to_lowercase() == name)
    }

    /// Whether the key's owner is an administrator of the account of this name.
    pub(crate) fn is_admin_of(&self, name: &str) -> bool {
        let name = name.trim().to_lowercase();
        self.org_admin || self.accounts.iter().any(|entry| entry.admin && entry.name.to_lowercase() == name)
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
            admin: name == "A",
        };
        let expected = Profile {
            username: Some("me@x".to_owned()),
            org_admin: true,
            org_user: false,
            org_account: Some(true),
            accounts: vec![entry("A", Some("A_1")), entry("B", None)],
            nameless: vec!["C_1".to_owned()],
            unusable: 1,
        };
        assert_eq!(Profile::read(&format!("[{row}]")), expected);
        assert_eq!(Profile::read(&format!(r#"{{"data":[{row}]}}"#)), expected);
    }

    #[test]
    fn one_bad_part_does_not_lose_the_others() {
        let row = r#"{"username":7,"userName":"me@x","orgAdmin":"perhaps","orgUser":1,"accounts":[
            {"admin":"perhaps","accountName":"A","custGuid":7},7,{"admin":1,"accountName":"B"}]}"#;
        let profile = Profile::read(&format!("[{row},7]"));
        assert_eq!(profile.username.as_deref(), Some("me@x"));
        assert_eq!((profile.org_admin, profile.org_user, profile.unusable), (false, true, 6));
        let names: Vec<&str> = profile.accounts.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["A", "B"]);
        assert!(!profile.is_admin_of("A") && profile.is_admin_of("b"));
    }
}
