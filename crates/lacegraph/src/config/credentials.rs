//! A key as it was found, and the profiles of the vendor's command line in which many are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lacegraph_fetch::Credential;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{document, permissions};
use crate::outcome::Failure;
use crate::system::System;

/// A key, and the account or host that came with it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) credential: Credential,
    pub(super) account: Option<String>,
    pub(super) subaccount: Option<String>,
    /// What the person should know of the place, though nothing is wrong.
    pub(super) notes: Vec<String>,
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
    let file = profile_file(system)?;
    let lacks = |field: &str| {
        let message = format!("the profile `{name}` in {} has no {field}", file.display());
        Failure::usage(message, "run `lacework configure` again")
    };
    let key_id = api_key.filter(|key| !key.is_empty()).ok_or_else(|| lacks("api_key"))?;
    let secret = api_secret.filter(|secret| !secret.expose_secret().is_empty()).ok_or_else(|| lacks("api_secret"))?;
    let origin = format!("the profile {name}");
    let notes = permissions::note("the file of profiles", &file).into_iter().collect();
    Ok(Found { credential: Credential { key_id, secret, origin }, account, subaccount, notes })
}
