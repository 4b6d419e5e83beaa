//! One organization, without a configuration: from a profile or from `LW_*` variables, as the vendor's command line
//! takes them (vendor client source).

use lacegraph_fetch::{AccountPlan, ApiBase, Credential, OrganizationPlan};
use lacegraph_model::Settings;

use super::credentials::{self, Found, Profile};
use super::{Configuration, KeyReference};
use crate::cli::ConnectionArguments;
use crate::outcome::Failure;
use crate::system::System;

/// The profile that is taken where none is named (vendor client source).
const DEFAULT_PROFILE: &str = "default";

/// Whether the variables hold a key or a part of one.
pub(super) fn has_credentials(system: &System) -> Result<bool, Failure> {
    Ok(system.variable("LW_API_KEY")?.is_some() || system.variable("LW_API_SECRET")?.is_some())
}

/// The organization of a profile. Variables with credentials are left alone: they may be for another host.
pub(super) fn from_profile(name: &str, system: &System) -> Result<Configuration, Failure> {
    let found = credentials::from_profile(name, system)?;
    let mut configuration = of_profile(found, name, system)?;
    if has_credentials(system)? {
        configuration.notes.push("LW_API_KEY and LW_API_SECRET are set and not used: --profile was given".to_owned());
    }
    Ok(configuration)
}

/// The organization of the variables; what they leave out comes from the profile `LW_PROFILE`, or `default`.
pub(super) fn from_variables(system: &System) -> Result<Configuration, Failure> {
    let account = system.variable("LW_ACCOUNT")?;
    let subaccount = system.variable("LW_SUBACCOUNT")?;
    let (key_id, secret) = (system.variable("LW_API_KEY")?, system.variable("LW_API_SECRET")?);
    match (key_id, secret) {
        (Some(key_id), Some(secret)) => {
            let credential = Credential { origin: "the LW_* variables".to_owned(), ..Credential::new(key_id, secret) };
            let found = Found { credential, account, subaccount, notes: Vec::new() };
            one_organization(found, "the LW_* variables".to_owned(), system)
        }
        (Some(_), None) => Err(Failure::usage("LW_API_KEY is set and LW_API_SECRET is not", "set both, or neither")),
        (None, Some(_)) => Err(Failure::usage("LW_API_SECRET is set and LW_API_KEY is not", "set both, or neither")),
        (None, None) => from_default_profile(account, subaccount, system),
    }
}

/// How the key is found that there is without a configuration; `None` where there is none.
pub(crate) fn key_reference(arguments: &ConnectionArguments, system: &System) -> Result<Option<KeyReference>, Failure> {
    if let Some(name) = &arguments.profile {
        return Ok(Some(KeyReference::Profile(name.clone())));
    }
    if has_credentials(system)? {
        let key_id = system.variable("LW_API_KEY")?.unwrap_or_default();
        return Ok(Some(KeyReference::Variable { key_id, variable: "LW_API_SECRET".to_owned() }));
    }
    let named = system.variable("LW_PROFILE")?;
    let has_profiles = credentials::profile_file(system).is_ok_and(|path| path.is_file());
    // Where --env asks for a key that is not there, reading it says so.
    let is_meant = arguments.env || named.is_some() || has_profiles;
    Ok(is_meant.then(|| KeyReference::Profile(named.unwrap_or_else(|| DEFAULT_PROFILE.to_owned()))))
}

fn from_default_profile(
    account: Option<String>,
    subaccount: Option<String>,
    system: &System,
) -> Result<Configuration, Failure> {
    let named = system.variable("LW_PROFILE")?;
    let name = named.clone().unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
    let profiles = credentials::profile_file(system);
    if named.is_none() && !profiles.is_ok_and(|path| path.is_file()) {
        let message = if system.variable("LW_API_TOKEN")?.is_some() {
            "LW_API_TOKEN alone is not enough: a token cannot be renewed"
        } else {
            "there are no credentials"
        };
        let hint = "write a lacegraph.toml, or set LW_ACCOUNT, LW_API_KEY and LW_API_SECRET, or name a --profile of \
                    ~/.lacework.toml; `lacegraph demo` needs none";
        return Err(Failure::usage(message, hint));
    }
    if let Some(account) = account {
        // The key of the profile goes to the host of the profile; another one was not meant for it.
        let Profile { account: own, .. } = credentials::read_profile(&name, system)?;
        if own.as_deref() != Some(&account) {
            let message = format!("LW_ACCOUNT is `{account}`, and the profile `{name}` is for another account");
            return Err(Failure::usage(message, "set LW_API_KEY and LW_API_SECRET too, or unset LW_ACCOUNT"));
        }
    }
    let mut found = credentials::from_profile(&name, system)?;
    found.subaccount = subaccount.or(found.subaccount);
    of_profile(found, &name, system)
}

/// The organization of a profile, with a word about a variable that sends its key elsewhere.
fn of_profile(found: Found, name: &str, system: &System) -> Result<Configuration, Failure> {
    let mut configuration = one_organization(found, format!("the profile `{name}`"), system)?;
    if system.variable("LW_API_SERVER_URL")?.is_some() {
        let hosts: Vec<_> =
            configuration.plan.organizations.iter().map(|organization| organization.base.host()).collect();
        let note = format!("the key of the profile `{name}` goes to {}: LW_API_SERVER_URL is set", hosts.join(", "));
        configuration.notes.push(note);
    }
    Ok(configuration)
}

fn one_organization(found: Found, origin: String, system: &System) -> Result<Configuration, Failure> {
    let Found { credential, account, subaccount, notes } = found;
    let account = account.map(|account| ApiBase::parse(&account)).transpose();
    let account = account.map_err(|error| base_failure(error, &format!("the account of {origin}")))?;
    let server = system.variable("LW_API_SERVER_URL")?.map(|url| ApiBase::parse(&url)).transpose();
    let server = server.map_err(|error| base_failure(error, "LW_API_SERVER_URL"))?;
    let name = account.as_ref().or(server.as_ref()).map(|base| base.account_name().to_owned());
    let (Some(name), Some(base)) = (name, server.or(account)) else {
        let hint = "set LW_ACCOUNT, or `account` in the profile, to the name of your account";
        return Err(Failure::usage(format!("no account is named in {origin}"), hint));
    };
    let mut organization = OrganizationPlan::new(name, base, credential);
    // A sub-account is one to expect; it narrows nothing, for a review that looks at one account alone misses people.
    organization.accounts = subaccount.into_iter().map(AccountPlan::named).collect();
    Ok(Configuration { notes, ..Configuration::of(vec![organization], Settings::default(), origin) })
}

/// What is wrong with a host, and where it was written.
pub(super) fn base_failure(error: lacegraph_fetch::BaseError, place: &str) -> Failure {
    let hint = error.hint();
    Failure::usage_because(anyhow::Error::new(error).context(format!("failed to read {place}")), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::chain;

    fn load(variables: &[(&str, &str)]) -> Result<Configuration, String> {
        from_variables(&System::with_variables(variables)).map_err(|failure| chain(failure.error.as_ref()))
    }

    #[test]
    fn the_variables_describe_one_organization() {
        let key = [("LW_ACCOUNT", "acme"), ("LW_API_KEY", "K"), ("LW_API_SECRET", "s3cr3t"), ("LW_SUBACCOUNT", "dev")];
        let configuration = load(&key).unwrap();
        let [organization] = &configuration.plan.organizations[..] else { panic!("one organization") };
        assert_eq!((organization.name.as_str(), organization.base.host().as_str()), ("acme", "acme.lacework.net"));
        assert_eq!(organization.accounts[0].name, "dev");
        assert!(!format!("{configuration:?}").contains("s3cr3t"));
    }

    #[test]
    fn the_server_url_replaces_the_host_and_not_the_name() {
        let key = [("LW_ACCOUNT", "acme"), ("LW_API_KEY", "K"), ("LW_API_SECRET", "s")];
        let url = ("LW_API_SERVER_URL", "http://127.0.0.1:8080");
        let configuration = load(&[key[0], key[1], key[2], url]).unwrap();
        let organization = &configuration.plan.organizations[0];
        assert_eq!((organization.name.as_str(), organization.base.host().as_str()), ("acme", "127.0.0.1:8080"));
        let url = ("LW_API_SERVER_URL", "http://acme.example");
        let error = load(&[key[0], key[1], key[2], url]).unwrap_err();
        assert!(error.starts_with("failed to read LW_API_SERVER_URL: "), "{error}");
    }

    #[test]
    fn half_a_key_is_refused() {
        let half = |name| load(&[("LW_ACCOUNT", "acme"), (name, "x")]).unwrap_err();
        assert_eq!(half("LW_API_KEY"), "LW_API_KEY is set and LW_API_SECRET is not");
        assert_eq!(half("LW_API_SECRET"), "LW_API_SECRET is set and LW_API_KEY is not");
        assert_eq!(load(&[]).unwrap_err(), "there are no credentials");
    }
}
