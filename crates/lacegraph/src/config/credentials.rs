//! The forms in which keys lie around: profiles of the vendor's command line, key files of the console.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lacegraph_fetch::Credential;
use secrecy::SecretString;
use serde::Deserialize;

use super::document;
use crate::outcome::Failure;
use crate::system::System;

/// A key, and the account or host that came with it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) credential: Credential,
    pub(super) account: Option<String>,
    pub(super) subaccount: Option<String>,
}

/// A profile of `~/.lacework.toml` (vendor client source). Every field may be missing.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Profile {
    pub(super) account: Option<String>,
    pub(super) subaccount: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) api_secret: Option<SecretString>,
}

/// The file in which the vendor's command line keeps its profiles.
pub(super) fn profile_file(system: &System) -> Result<PathBuf, Failure> {
    let home = system.home().ok_or_else(|| {
        Failure::usage("there is no home directory to find .lacework.toml in", "set HOME, or use a lacegraph.toml")
    })?;
    Ok(home.join(".lacework.toml"))
}

/// Reads a profile by name; it may lack fields.
pub(super) fn read_profile(name: &str, system: &System) -> Result<Profile, Failure> {
    const HINT: &str = "make it with `lacework configure`, or use a lacegraph.toml";
    let path = profile_file(system)?;
    let text = document::read(&path, "the file of profiles", HINT)?;
    let mut profiles: BTreeMap<String, toml::Value> =
        document::toml(&text, &path, "correct it, or make it anew with `lacework configure`")?;
    let Some(profile) = profiles.remove(name) else {
        let is_table = |value: &toml::Value| value.is_table();
        let names: Vec<_> =
            profiles.iter().filter(|(_, value)| is_table(value)).map(|(name, _)| name.as_str()).collect();
        let hint = if names.is_empty() { HINT.to_owned() } else { format!("its profiles are {}", names.join(", ")) };
        return Err(Failure::usage(format!("{} has no profile `{name}`", path.display()), hint));
    };
    profile.try_into().map_err(|_: toml::de::Error| {
        let message = format!("the profile `{name}` in {} has a field of the wrong type", path.display());
        Failure::usage(message, "account, subaccount, api_key and api_secret are texts")
    })
}

/// Reads a profile that must have everything a key needs.
pub(super) fn from_profile(name: &str, system: &System) -> Result<Found, Failure> {
    let Profile { account, subaccount, api_key, api_secret } = read_profile(name, system)?;
    let lacks = |field: &str| {
        let file = profile_file(system).map(|path| path.display().to_string()).unwrap_or_default();
        Failure::usage(format!("the profile `{name}` in {file} has no {field}"), "run `lacework configure` again")
    };
    let key_id = api_key.filter(|key| !key.is_empty()).ok_or_else(|| lacks("api_key"))?;
    let secret = api_secret.ok_or_else(|| lacks("api_secret"))?;
    let origin = format!("the profile {name}");
    Ok(Found { credential: Credential { key_id, secret, origin }, account, subaccount })
}

/// A key file as the console hands it out (vendor client source).
#[derive(Debug, Deserialize)]
struct KeyFile {
    #[serde(rename = "keyId")]
    key_id: String,
    secret: SecretString,
    account: Option<String>,
    #[serde(rename = "subAccount")]
    subaccount: Option<String>,
}

/// Reads a key file.
pub(super) fn from_key_file(path: &Path) -> Result<Found, Failure> {
    const HINT: &str = "download the key again in the console; the file is JSON with keyId and secret";
    let text = document::read(path, "the key file", HINT)?;
    let KeyFile { key_id, secret, account, subaccount } = document::json(&text, path, HINT)?;
    let origin = format!("the key file {}", path.display());
    Ok(Found { credential: Credential { key_id, secret, origin }, account, subaccount })
}

/// A key whose secret is in an environment variable.
pub(super) fn from_variable(key_id: &str, variable: &str, system: &System) -> Result<Found, Failure> {
    let secret = system.variable(variable)?.ok_or_else(|| {
        let message = format!("the environment variable {variable}, which holds the secret of {key_id}, is not set");
        Failure::usage(message, format!("export {variable}=… before you start lacegraph"))
    })?;
    let origin = format!("the variable {variable}");
    let credential = Credential { origin, ..Credential::new(key_id, secret) };
    Ok(Found { credential, account: None, subaccount: None })
}
