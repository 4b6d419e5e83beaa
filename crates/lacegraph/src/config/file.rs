//! `lacegraph.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lacegraph_fetch::OrganizationPlan;
use lacegraph_model::Settings;
use serde::Deserialize;
use toml::Spanned;

use super::groups::{self, Group};
use super::organization::{Organization, Reader};
use super::{Configuration, document};
use crate::outcome::Failure;
use crate::system::System;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    dormant_after_days: Option<u32>,
    #[serde(default)]
    internal_domains: Vec<String>,
    #[serde(default, rename = "organization")]
    organizations: Vec<Organization>,
    #[serde(default)]
    groups: BTreeMap<String, Spanned<Group>>,
}

/// Reads a configuration.
pub(super) fn load(path: &Path, system: &System) -> Result<Configuration, Failure> {
    const HINT: &str = "the README shows a whole lacegraph.toml";
    let text = document::read(path, "the configuration", "name another one with --config FILE")?;
    let document: Document = document::toml(&text, path, HINT)?;
    let mut reader = Reader { path, text: &text, system, notes: Vec::new() };
    if document.organizations.is_empty() {
        return Err(Failure::usage(format!("{} has no [[organization]]", path.display()), HINT));
    }
    for organization in &document.organizations {
        reader.refuse_secrets(organization)?;
    }
    let mut names = BTreeSet::new();
    for organization in &document.organizations {
        let name = organization.name.get_ref();
        if !names.insert(name.to_lowercase()) {
            let message = format!("a second organization is named `{name}`");
            let hint = "give each its own name; upper and lower case count as the same";
            return Err(reader.failure(organization.name.span().start, &message, hint));
        }
    }
    let mut organizations = Vec::new();
    for organization in &document.organizations {
        organizations.push(reader.organization(organization)?);
    }
    let groups = groups::of_configuration(&document.groups, &organizations, &reader)?;
    let settings = Settings {
        dormant_after_days: document.dormant_after_days.map_or(Settings::default().dormant_after_days, i64::from),
        internal_domains: document.internal_domains,
    };
    let mut notes = reader.notes;
    notes.extend(twins(&organizations));
    if system.variable("LW_API_SERVER_URL")?.is_some() {
        notes.push("LW_API_SERVER_URL is set and not used: the configuration names the hosts".to_owned());
    }
    let mut configuration = Configuration::of(organizations, settings, path.display().to_string());
    configuration.plan.groups = groups;
    configuration.notes = notes;
    Ok(configuration)
}

/// A word about each organization that asks the same host with the same key as one before it.
fn twins(organizations: &[OrganizationPlan]) -> Vec<String> {
    let mut notes = Vec::new();
    for (index, organization) in organizations.iter().enumerate() {
        let is_twin = |other: &&OrganizationPlan| {
            let keys = (&other.credential, &organization.credential);
            matches!(keys, (Some(one), Some(other)) if one.key_id == other.key_id) && other.base == organization.base
        };
        if let Some(twin) = organizations[..index].iter().find(is_twin) {
            notes.push(format!(
                "the organizations `{}` and `{}` ask the same host with the same key, so everything is there twice: take \
                 one of them out",
                twin.name, organization.name
            ));
        }
    }
    notes
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_of_the_readme_is_one() {
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        let readme = fs_err::read_to_string(readme).unwrap();
        let (_, text) = readme.split_once("```toml\n").unwrap();
        let (text, _) = text.split_once("```").unwrap();
        let place = tempfile::tempdir().unwrap();
        let give = |name: &str, content: &str| fs_err::write(place.path().join(name), content).unwrap();
        give(".lacework.toml", "[acme-audit]\naccount = \"acme\"\napi_key = \"ACME_1\"\napi_secret = \"_s3cr3t\"\n");
        give("dev-key.json", r#"{"keyId": "DEV_1", "secret": "_s3cr3t"}"#);
        give("emea-key.json", r#"{"keyId": "EMEA_1", "secret": "_s3cr3t", "account": "emea.lacework.net"}"#);
        give("secret", "_s3cr3t");
        let home = place.path().display().to_string();
        let command = r#"["op", "read", "op://audit/globex-hq/secret"]"#;
        assert!(text.contains(command), "{text}");
        give("lacegraph.toml", &text.replace(command, &format!("[\"cat\", \"{home}/secret\"]")));

        let system = System::with_variables(&[("HOME", &home)]);
        let configuration = load(&place.path().join("lacegraph.toml"), &system).unwrap();
        assert!(!format!("{configuration:?}").contains("s3cr3t"));
        let [acme, globex] = &configuration.plan.organizations[..] else { panic!("two organizations") };
        let origins = |plan: &OrganizationPlan| -> Vec<String> {
            let of_accounts = plan.accounts.iter().map(|account| account.credential.as_ref());
            let keys = std::iter::once(plan.credential.as_ref()).chain(of_accounts);
            keys.map(|key| key.map_or("none", |key| &key.origin).replace(&format!("{home}/"), "")).collect()
        };
        assert_eq!(origins(acme), ["the profile acme-audit", "the key file dev-key.json"]);
        assert_eq!(origins(globex), ["none", "the key file emea-key.json", "the command cat"]);
        assert_eq!(globex.base.host(), "emea.lacework.net");
        let hosts: Vec<_> = globex.accounts.iter().map(|account| account.base.as_ref().unwrap().host()).collect();
        assert_eq!(hosts, ["emea.lacework.net", "globex.fra.lacework.net"]);
        assert_eq!(configuration.plan.groups[0].group, "SOC analysts");
    }
}
