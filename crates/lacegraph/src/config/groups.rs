//! What custom groups confer, as somebody found out and wrote into `lacegraph.toml`: no documented call tells it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use lacegraph_fetch::{GroupMeaning, OrganizationPlan};
use lacegraph_model::{AccessLevel, RoleScope, access_level};
use serde::Deserialize;
use toml::Spanned;

use super::organization::Reader;
use crate::outcome::Failure;

/// How an entry looks.
pub(super) const SHAPE: &str = "write [groups.\"ORGANIZATION/ACCOUNT/GROUP\"] with the quotation marks, then role = \"…\" and \
                                evidence = \"console, looked at by … on …\"";

/// An entry of `[groups]`. Both fields are required; a missing one has its own message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    role: Option<String>,
    evidence: Option<String>,
}

/// What groups confer, each once.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    meanings: Vec<GroupMeaning>,
    /// By organization, account and group in lower case.
    known: BTreeMap<[String; 3], usize>,
}

impl Meanings {
    /// Adds one. Of two that say the same the first stays.
    ///
    /// # Errors
    /// Where the group is known to confer another role: that one is returned.
    pub(super) fn add(&mut self, meaning: GroupMeaning) -> Result<(), GroupMeaning> {
        let key = [&meaning.organization, &meaning.account, &meaning.group].map(|part| part.trim().to_lowercase());
        match self.known.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(self.meanings.len());
                self.meanings.push(meaning);
                Ok(())
            }
            Entry::Occupied(entry) => match self.meanings.get(*entry.get()) {
                Some(known) if !known.role.eq_ignore_ascii_case(&meaning.role) => Err(known.clone()),
                _ => Ok(()),
            },
        }
    }

    pub(super) fn into_list(self) -> Vec<GroupMeaning> {
        self.meanings
    }
}

/// Reads the entries of a configuration with these organizations.
pub(super) fn of_configuration(
    groups: &BTreeMap<String, Spanned<Group>>,
    organizations: &[OrganizationPlan],
    reader: &Reader<'_>,
) -> Result<Vec<GroupMeaning>, Failure> {
    let mut meanings = Meanings::default();
    for (key, group) in groups {
        let (at, group) = (group.span().start, group.get_ref());
        // Names of organizations and accounts have no slash, those of groups may.
        let mut parts = key.splitn(3, '/').map(str::trim).filter(|part| !part.is_empty());
        let (Some(organization), Some(account), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(reader.failure(at, &format!("the group `{key}` is not ORGANIZATION/ACCOUNT/GROUP"), SHAPE));
        };
        let organization = organization_named(organizations, organization).ok_or_else(|| {
            let message = format!("the group `{key}` is of the organization `{organization}`, which is not configured");
            reader.failure(at, &message, &format!("the organizations are {}", names(organizations)))
        })?;
        let field = |name: &str, value: &Option<String>| {
            let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty());
            let value = value.ok_or_else(|| reader.failure(at, &format!("the group `{key}` has no {name}"), SHAPE))?;
            if value.contains(char::is_control) {
                let message = format!("the {name} of the group `{key}` has more than one line");
                return Err(reader.failure(at, &message, "write it in one line"));
            }
            Ok(value.to_owned())
        };
        let meaning = GroupMeaning {
            organization: organization.to_owned(),
            account: account.to_owned(),
            group: name.to_owned(),
            role: field("role", &group.role)?,
            evidence: field("evidence", &group.evidence)?,
        };
        meanings.add(meaning).map_err(|known| {
            let message = format!("the group `{key}` is there twice, the other time with the role {}", known.role);
            reader.failure(at, &message, "keep one of the two; upper and lower case count as the same")
        })?;
    }
    Ok(meanings.into_list())
}

/// An organization by its name in any case, as it is configured.
pub(super) fn organization_named<'a>(organizations: &'a [OrganizationPlan], name: &str) -> Option<&'a str> {
    let name = name.trim().to_lowercase();
    organizations.iter().map(|known| known.name.as_str()).find(|known| known.to_lowercase() == name)
}

/// The names of the organizations, for a message.
pub(super) fn names(organizations: &[OrganizationPlan]) -> String {
    let names: Vec<_> = organizations.iter().map(|organization| organization.name.as_str()).collect();
    names.join(", ")
}

/// A word about the roles of which nobody knows what they may do.
pub(super) fn note(meanings: &[GroupMeaning]) -> Option<String> {
    let is_unknown = |role: &&str| access_level(RoleScope::Account, role) == AccessLevel::Unknown;
    let mut roles: Vec<_> = meanings.iter().map(|meaning| meaning.role.as_str()).filter(is_unknown).collect();
    roles.sort_unstable();
    roles.dedup();
    (!roles.is_empty()).then(|| {
        format!(
            "the power of these roles of groups stays unknown, for it is known of ADMIN, POWER_USER, READ_ONLY and USER alone: {}",
            roles.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(group: &str, role: &str) -> GroupMeaning {
        GroupMeaning {
            organization: "acme".to_owned(),
            account: "ACME-DEV".to_owned(),
            group: group.to_owned(),
            role: role.to_owned(),
            evidence: "seen".to_owned(),
        }
    }

    #[test]
    fn a_group_has_one_meaning() {
        let mut meanings = Meanings::default();
        meanings.add(meaning("Auditors", "READ_ONLY")).unwrap();
        meanings.add(meaning("auditors ", "read_only")).unwrap();
        assert_eq!(meanings.add(meaning("AUDITORS", "ADMIN")), Err(meaning("Auditors", "READ_ONLY")));
        meanings.add(meaning("Others", "ADMIN")).unwrap();
        assert_eq!(meanings.into_list(), [meaning("Auditors", "READ_ONLY"), meaning("Others", "ADMIN")]);
    }

    #[test]
    fn entries_name_organization_account_and_group() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lacegraph.toml");
        let text = "[[organization]]\nname = \"acme\"\naccount = \"acme\"\nkey_id = \"K\"\nsecret_env = \"SECRET\"\n\
                    [groups.\" ACME / ACME-DEV / a/b team \"]\nrole = \" Custom \"\nevidence = \" console, ann, 2026-07-01 \"\n";
        fs_err::write(&path, text).unwrap();
        let system = crate::system::System::with_variables(&[("SECRET", "_s3cr3t")]);
        let configuration = super::super::file::load(&path, &system).unwrap();
        let evidence = "console, ann, 2026-07-01".to_owned();
        assert_eq!(configuration.plan.groups, [GroupMeaning { evidence, ..meaning("a/b team", "Custom") }]);
        assert!(!format!("{configuration:?}").contains("s3cr3t"));
    }

    #[test]
    fn roles_of_unknown_power_are_told_of() {
        assert_eq!(note(&[meaning("A", "ADMIN"), meaning("B", "read_only")]), None);
        let said = note(&[meaning("A", "SOC"), meaning("B", "ADMIN + SOC"), meaning("C", "SOC")]).unwrap();
        assert!(said.ends_with(": ADMIN + SOC, SOC"), "{said}");
    }
}
