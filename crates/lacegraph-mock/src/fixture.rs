use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::document::Document;
use crate::error::MockError;
use crate::fault::{Fault, FaultEntry};
use crate::key::{KeyScope, MockKey};
use crate::listing::PagingForm;
use crate::organization::Organization;
use crate::resource::{Resource, Scope};
use crate::world::World;

/// The JSON files of a fixture: path with `/`, relative to the fixture, and text.
pub(crate) type Files = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorldFile {
    clock: Option<String>,
    page_size: Option<usize>,
    #[serde(default)]
    paging: PagingName,
    organizations: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum PagingName {
    #[default]
    Url,
    Token,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganizationFile {
    name: String,
    host_account: String,
    keys: Vec<KeyEntry>,
    #[serde(default)]
    faults: Vec<FaultEntry>,
    primary: Option<String>,
    legacy_off_status: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntry {
    key_id: String,
    secret: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    scope: ScopeName,
    /// The account of a key whose scope is `account`; without it, the primary account.
    account: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum ScopeName {
    #[default]
    Organization,
    Account,
}

/// Reads every JSON file below a directory.
pub(crate) fn read_directory(root: &Path) -> Result<Files, MockError> {
    let mut files = Files::new();
    read_into(root, "", &mut files)?;
    Ok(files)
}

fn read_into(directory: &Path, prefix: &str, files: &mut Files) -> Result<(), MockError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| MockError::Read { path, source }
    };
    for entry in fs::read_dir(directory).map_err(failed(directory))? {
        let path = entry.map_err(failed(directory))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let relative = format!("{prefix}{name}");
        if path.is_dir() {
            read_into(&path, &format!("{relative}/"), files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            files.insert(relative, text);
        }
    }
    Ok(())
}

/// Reads a world from the files of a fixture.
pub(crate) fn world(files: &Files) -> Result<World, MockError> {
    let world: WorldFile = parse(files, "world.json")?;
    if world.page_size == Some(0) {
        return Err(invalid("world.json", "page_size is 0"));
    }
    let mut organizations = Vec::with_capacity(world.organizations.len());
    let mut key_ids = BTreeSet::new();
    for folder in &world.organizations {
        let organization = organization(files, folder)?;
        for key in &organization.keys {
            if !key_ids.insert(key.key_id.clone()) {
                let path = format!("{folder}/organization.json");
                return Err(invalid(&path, &format!("the key id {} occurs twice", key.key_id)));
            }
        }
        organizations.push(organization);
    }
    if key_ids.is_empty() {
        return Err(invalid("world.json", "no organization has a key"));
    }
    let clock: Option<Timestamp> = match world.clock {
        Some(text) => Some(text.parse().map_err(|_| invalid("world.json", &format!("clock is not a time: {text}")))?),
        None => None,
    };
    Ok(World {
        clock,
        page_size: world.page_size,
        paging: match world.paging {
            PagingName::Url => PagingForm::Url,
            PagingName::Token => PagingForm::Token,
        },
        organizations,
    })
}

fn organization(files: &Files, folder: &str) -> Result<Organization, MockError> {
    let path = format!("{folder}/organization.json");
    let file: OrganizationFile = parse(files, &path)?;
    let status = file.legacy_off_status.unwrap_or(403);
    let legacy_off_status = StatusCode::from_u16(status)
        .ok()
        .filter(|status| status.is_client_error() || status.is_server_error())
        .ok_or_else(|| invalid(&path, &format!("legacy_off_status is {status}, which is no failure")))?;
    let faults: Vec<Fault> = file
        .faults
        .into_iter()
        .map(Fault::read)
        .collect::<Result<_, _>>()
        .map_err(|mistake| invalid(&path, &mistake))?;
    let stranger = |key_id: &&str| !file.keys.iter().any(|key| key.key_id == **key_id);
    if let Some(key_id) = faults.iter().filter_map(|fault| fault.aim.key_id()).find(stranger) {
        return Err(invalid(&path, &format!("a fault names the key {key_id}, which the organization does not have")));
    }
    let documents = documents(files, folder)?;
    let primary = file.primary.unwrap_or_else(|| file.host_account.clone()).to_uppercase();
    let keys = file.keys.into_iter().map(|key| MockKey {
        key_id: key.key_id,
        secret: key.secret,
        owner: key.owner,
        organization: file.name.clone(),
        host_account: file.host_account.clone(),
        scope: match key.scope {
            ScopeName::Organization => KeyScope::Organization,
            ScopeName::Account => KeyScope::Account(key.account.unwrap_or_else(|| primary.clone())),
        },
    });
    let mut organization = Organization {
        keys: keys.collect(),
        name: file.name,
        faults,
        primary,
        legacy_off_status,
        accounts: BTreeSet::new(),
        documents,
    };
    organization.collect_accounts();
    Ok(organization)
}

/// The bodies of an organization: `<Type>.json` and `org/<Type>.json` are the organization's,
/// `accounts/<NAME>/<Type>.json` an account's.
fn documents(files: &Files, folder: &str) -> Result<BTreeMap<(Resource, Scope), Document>, MockError> {
    let mut documents = BTreeMap::new();
    let prefix = format!("{folder}/");
    for (path, _) in files.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix)) {
        let parts: Vec<&str> = path[prefix.len()..].split('/').collect();
        let (scope, name) = match parts.as_slice() {
            ["organization.json"] => continue,
            [name] | ["org", name] => (Scope::Organization, name),
            ["accounts", account, name] => (Scope::account(account), name),
            _ => return Err(invalid(path, "there is no use for a file in this place")),
        };
        let resource = Resource::named(name.trim_end_matches(".json"))
            .ok_or_else(|| invalid(path, "no endpoint has this name"))?;
        let body = parse(files, path)?;
        if documents.insert((resource, scope), Document::Json(body)).is_some() {
            return Err(invalid(path, "another file holds the same list"));
        }
    }
    Ok(documents)
}

fn parse<T: DeserializeOwned>(files: &Files, path: &str) -> Result<T, MockError> {
    let failed = |source| MockError::Json { path: path.to_owned(), source };
    let text = files.get(path).ok_or_else(|| MockError::Missing { path: path.to_owned() })?;
    let mut value: Value = serde_json::from_str(text).map_err(failed)?;
    strip_comments(&mut value);
    serde_json::from_value(value).map_err(failed)
}

/// Takes out every key that begins with `_`: what a fixture says to its reader is not served.
fn strip_comments(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !key.starts_with('_'));
            fields.values_mut().for_each(strip_comments);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_comments),
        _ => {}
    }
}

fn invalid(path: &str, message: &str) -> MockError {
    MockError::Invalid { path: path.to_owned(), message: message.to_owned() }
}
