//! The text of a starting `lacegraph.toml`: what is known is filled in, the rest is a comment to take up.
//!
//! A comment that is meant to be taken up begins with `# `, one that explains a value with `#   `.

use std::fmt::Write as _;

/// What is known of the organization to begin with.
#[derive(Clone, Debug)]
pub(crate) struct Starter {
    /// How outputs will call it.
    pub(crate) name: String,
    /// Sub-domain, host or full URL.
    pub(crate) account: String,
    /// How its key is found.
    pub(crate) key: KeyReference,
    /// Its accounts, and whether the key can read each.
    pub(crate) accounts: Vec<(String, bool)>,
}

/// How a key is found again. Never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyReference {
    /// By a profile of `~/.lacework.toml`.
    Profile(String),
    /// By its id, with the secret in a variable.
    Variable {
        /// The key's id.
        key_id: String,
        /// The variable with the secret.
        variable: String,
    },
}

impl Starter {
    /// A form to fill in, where there is no key yet.
    pub(crate) fn placeholder() -> Self {
        Self {
            name: "my-organization".to_owned(),
            account: "my-account".to_owned(),
            key: KeyReference::Variable {
                key_id: "MYACCOUNT_0123456789ABCDEF".to_owned(),
                variable: "MY_ORGANIZATION_SECRET".to_owned(),
            },
            accounts: Vec::new(),
        }
    }

    /// The whole file.
    pub(crate) fn to_toml(&self) -> String {
        let mut text = String::from(TOP);
        // A String takes whatever is written to it.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "[[organization]]")?;
        line(text, "name", &self.name, "how it is called in every output")?;
        line(text, "account", &self.account, "sub-domain, host or full URL")?;
        match &self.key {
            KeyReference::Profile(name) => line(text, "profile", name, "of ~/.lacework.toml")?,
            KeyReference::Variable { key_id, variable } => {
                line(text, "key_id", key_id, "its id; the secret is never written here")?;
                line(text, "secret_env", variable, "the variable that holds the secret")?;
            }
        }
        text.push_str(ORGANIZATION);
        let example = ("NAME-OF-AN-ACCOUNT".to_owned(), true);
        let accounts = if self.accounts.is_empty() { std::slice::from_ref(&example) } else { &self.accounts };
        for (name, is_readable) in accounts {
            let note = if *is_readable { "" } else { "   # this key cannot read it: `lacegraph check` tells why" };
            writeln!(text, "# [organization.accounts.{}]{note}", key(name))?;
            writeln!(text, "# owner = \"\"\n# environment = \"\"\n# scope = []\n")?;
        }
        text.push_str(ANOTHER);
        let account = accounts.first().map_or("", |(name, _)| name);
        writeln!(text, "# [groups.{}]", quoted(&format!("{}/{account}/Name of the group", self.name)))?;
        writeln!(text, "# role = \"READ_ONLY\"\n# evidence = \"console, looked at by … on …\"")
    }
}

const TOP: &str = "\
#   Which organizations lacegraph reads, and with which keys. Begun by `lacegraph init`.
#   `lacegraph check` tells what an export would read; it exports nothing.
#   A secret does not belong into this file: one that is found here is refused.

#   Your own e-mail domains. Everybody else counts as external.
# internal_domains = [\"example.com\"]

#   Who has not logged in for more days than this is dormant.
# dormant_after_days = 90

";

const ORGANIZATION: &str = "
#   A key comes from one of these:
#     profile = \"…\"            a profile of ~/.lacework.toml
#     key_file = \"key.json\"    as downloaded in the console; a path counts from where this file is
#     key_id = \"…\" with        secret_env = \"VARIABLE\", secret_file = \"path\"
#                              or secret_command = [\"op\", \"read\", \"op://vault/item/field\"]

#   Patterns on the names of accounts. Without them every account is read.
# include = [\"*\"]
# exclude = [\"*-SANDBOX\"]

#   What is to be known of an account. One that has a key of its own names it here too, with the same lines as above.
";

const ANOTHER: &str = "\
#   Another organization: the same lines again.
# [[organization]]
# name = \"another\"
# account = \"another\"
# key_id = \"ANOTHER_0123456789ABCDEF\"
# secret_env = \"ANOTHER_SECRET\"

#   What a custom group confers, as the console shows it: no call of the API tells.
";

/// A line with a value, and what it is.
fn line(text: &mut String, key: &str, value: &str, what: &str) -> std::fmt::Result {
    writeln!(text, "{key} = {}   # {what}", quoted(value))
}

/// A key, in quotation marks where it needs them.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string. What a terminal does not show as it is, is escaped: names come from the API.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if is_hidden(letter) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Configuration, file};
    use crate::system::System;

    /// Writes the text where there is a profile and the variables, and reads it back.
    fn read_back(text: &str) -> Configuration {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lacegraph.toml");
        fs_err::write(&path, text).unwrap();
        let profile = "[\"my audit\"]\naccount = \"acme\"\napi_key = \"PROFILE_1\"\napi_secret = \"_s3cr3t\"\n";
        fs_err::write(place.path().join(".lacework.toml"), profile).unwrap();
        let home = place.path().display().to_string();
        let secrets = ["LW_API_SECRET", "MY_ORGANIZATION_SECRET", "ANOTHER_SECRET"].map(|name| (name, "_s3cr3t"));
        let system = System::with_variables(&[&secrets[..], &[("HOME", &home), ("USERPROFILE", &home)]].concat());
        file::load(&path, &system).unwrap_or_else(|failure| panic!("{failure:?}\n{text}"))
    }

    /// Takes up every comment that is meant for it.
    fn taken_up(text: &str) -> String {
        let lines = text.lines().map(|line| match line.strip_prefix("# ") {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn starter(key: KeyReference) -> Starter {
        let accounts =
            ["ACME-DEV", "a \"strange\" one\\\n\u{202e}[x]", "ÄÖ"].map(|name| (name.to_owned(), name != "ÄÖ"));
        Starter { name: "acme".to_owned(), account: "acme.lacework.net".to_owned(), key, accounts: accounts.into() }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let variable = KeyReference::Variable { key_id: "ACME_1".to_owned(), variable: "LW_API_SECRET".to_owned() };
        let profile = KeyReference::Profile("my audit".to_owned());
        for (starter, key_id) in [
            (starter(variable), "ACME_1"),
            (starter(profile), "PROFILE_1"),
            (Starter::placeholder(), "MYACCOUNT_0123456789ABCDEF"),
        ] {
            let text = starter.to_toml();
            let configuration = read_back(&text);
            let [organization] = &configuration.plan.organizations[..] else { panic!("one organization") };
            assert_eq!((&organization.name, organization.accounts.len()), (&starter.name, 0));
            assert_eq!(organization.credential.as_ref().unwrap().key_id, key_id);

            let configuration = read_back(&taken_up(&text));
            let [organization, another] = &configuration.plan.organizations[..] else { panic!("two organizations") };
            assert_eq!(another.name, "another");
            let mut names: Vec<_> = starter.accounts.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            let read: Vec<_> = organization.accounts.iter().map(|account| account.name.as_str()).collect();
            assert_eq!(read, if names.is_empty() { vec!["NAME-OF-AN-ACCOUNT"] } else { names });
            assert!(
                organization.accounts.iter().all(|account| account.owner.is_none() && account.audit_scope.is_none())
            );
            let [group] = &configuration.plan.groups[..] else { panic!("one group") };
            assert_eq!((&group.organization, group.group.as_str()), (&starter.name, "Name of the group"));
        }
    }

    #[test]
    fn nothing_hidden_gets_into_it() {
        let text = starter(KeyReference::Profile("p".to_owned())).to_toml();
        assert!(!text.chars().any(|letter| letter != '\n' && is_hidden(letter)), "{text}");
    }
}
