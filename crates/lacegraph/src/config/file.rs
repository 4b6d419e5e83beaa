//! `lacegraph.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lacegraph_fetch::{AccountFilter, AccountPlan, ApiBase, OrganizationPlan};
use lacegraph_model::Settings;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::credentials::{self, Found};
use super::environment::base_failure;
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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Organization {
    name: Spanned<String>,
    account: Option<String>,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    accounts: BTreeMap<String, Spanned<Account>>,
    profile: Option<String>,
    key_file: Option<PathBuf>,
    key_id: Option<String>,
    secret_env: Option<String>,
    secret: Refused,
    api_secret: Refused,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    account: Option<String>,
    owner: Option<String>,
    environment: Option<String>,
    #[serde(default)]
    scope: Vec<String>,
    profile: Option<String>,
    key_file: Option<PathBuf>,
    key_id: Option<String>,
    secret_env: Option<String>,
    secret: Refused,
    api_secret: Refused,
}

/// The place of a value that is known only to be refused.
type Refused = Option<Spanned<IgnoredAny>>;

/// The fields of a key, wherever they stand.
struct Key<'a> {
    profile: Option<&'a str>,
    key_file: Option<&'a Path>,
    key_id: Option<&'a str>,
    secret_env: Option<&'a str>,
}

/// Reads a configuration.
pub(super) fn load(path: &Path, system: &System) -> Result<Configuration, Failure> {
    const HINT: &str = "the README shows a whole lacegraph.toml";
    let text = document::read(path, "the configuration", "name another one with --config FILE")?;
    let document: Document = document::toml(&text, path, HINT)?;
    let reader = Reader { path, text: &text, system };
    if document.organizations.is_empty() {
        return Err(Failure::usage(format!("{} has no [[organization]]", path.display()), HINT));
    }
    reader.refuse_secrets(&document)?;
    let mut names = BTreeSet::new();
    let mut organizations = Vec::new();
    for organization in &document.organizations {
        let name = organization.name.get_ref();
        if !names.insert(name.to_lowercase()) {
            let message = format!("a second organization is named `{name}`");
            let hint = "give each its own name; upper and lower case count as the same";
            return Err(reader.failure(organization.name.span().start, &message, hint));
        }
        organizations.push(reader.organization(organization)?);
    }
    let settings = Settings {
        dormant_after_days: document.dormant_after_days.map_or(Settings::default().dormant_after_days, i64::from),
        internal_domains: document.internal_domains,
    };
    let mut configuration = Configuration::of(organizations, settings, path.display().to_string());
    if system.variable("LW_API_SERVER_URL")?.is_some() {
        let note = "LW_API_SERVER_URL is set and not used: the configuration names the hosts";
        configuration.notes.push(note.to_owned());
    }
    Ok(configuration)
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    system: &'a System,
}

impl Reader<'_> {
    /// What is wrong at a place in the file.
    fn failure(&self, offset: usize, message: &str, hint: &str) -> Failure {
        Failure::usage(format!("{}{}: {message}", self.path.display(), document::position(self.text, offset)), hint)
    }

    /// Before anything else is looked at: the person should hear of it whatever else is wrong.
    fn refuse_secrets(&self, document: &Document) -> Result<(), Failure> {
        for organization in &document.organizations {
            let place = format!("organization `{}`", organization.name.get_ref());
            self.refuse_secret(&place, &organization.secret, &organization.api_secret)?;
            for (name, account) in &organization.accounts {
                let account = account.get_ref();
                self.refuse_secret(&format!("account `{name}` of {place}"), &account.secret, &account.api_secret)?;
            }
        }
        Ok(())
    }

    fn refuse_secret(&self, place: &str, secret: &Refused, api_secret: &Refused) -> Result<(), Failure> {
        for (key, value) in [("secret", secret), ("api_secret", api_secret)] {
            if let Some(value) = value {
                let hint = "a secret does not belong into this file: use secret_env, key_file or profile, and change the \
                            secret, for it has been in a file that is easily shared";
                return Err(self.failure(value.span().start, &format!("`{key}` of {place} holds a secret"), hint));
            }
        }
        Ok(())
    }

    fn organization(&self, organization: &Organization) -> Result<OrganizationPlan, Failure> {
        let name = organization.name.get_ref();
        let at = organization.name.span().start;
        let place = format!("organization `{name}`");
        if name.trim().is_empty() || name.contains('/') {
            let message = format!("{place} needs a name without `/`");
            return Err(self.failure(at, &message, "the name is part of every account_id"));
        }
        let key = Key {
            profile: organization.profile.as_deref(),
            key_file: organization.key_file.as_deref(),
            key_id: organization.key_id.as_deref(),
            secret_env: organization.secret_env.as_deref(),
        };
        let found = self.key(&key, at, &place)?.ok_or_else(|| {
            self.failure(at, &format!("{place} has no key"), "add profile, key_file, or key_id with secret_env")
        })?;
        let base = organization.account.as_deref().or(found.account.as_deref()).ok_or_else(|| {
            self.failure(at, &format!("{place} has no account"), "add account = \"…\": sub-domain, host or full URL")
        })?;
        let base = self.base(base, &place)?;
        let filter = AccountFilter::new(&organization.include, &organization.exclude).map_err(|error| {
            let hint = error.hint();
            Failure::usage_because(anyhow::Error::new(error).context(format!("{}: {place}", self.path.display())), hint)
        })?;
        let mut accounts: Vec<AccountPlan> = Vec::new();
        let is_known = |accounts: &[AccountPlan], name: &str| {
            accounts.iter().any(|known| known.name.trim().to_lowercase() == name.trim().to_lowercase())
        };
        for (name, account) in &organization.accounts {
            if is_known(&accounts, name) {
                let message = format!("account `{name}` of {place} is there twice");
                let hint = "keep one of the two; upper and lower case count as the same";
                return Err(self.failure(account.span().start, &message, hint));
            }
            accounts.push(self.account(name, account, &place)?);
        }
        if let Some(name) = found.subaccount.filter(|name| !is_known(&accounts, name)) {
            accounts.push(AccountPlan::named(name));
        }
        Ok(OrganizationPlan { accounts, filter, ..OrganizationPlan::new(name.clone(), base, found.credential) })
    }

    fn account(&self, name: &str, account: &Spanned<Account>, organization: &str) -> Result<AccountPlan, Failure> {
        let (at, account) = (account.span().start, account.get_ref());
        let place = format!("account `{name}` of {organization}");
        let key = Key {
            profile: account.profile.as_deref(),
            key_file: account.key_file.as_deref(),
            key_id: account.key_id.as_deref(),
            secret_env: account.secret_env.as_deref(),
        };
        let found = self.key(&key, at, &place)?;
        if found.is_none() && account.account.is_some() {
            let message = format!("{place} has a host of its own and no key of its own");
            return Err(self.failure(
                at,
                &message,
                "a key goes to its own host only: add profile, key_file, or key_id with secret_env",
            ));
        }
        let own_host = account.account.clone().or(found.as_ref().and_then(|found| found.account.clone()));
        Ok(AccountPlan {
            name: name.to_owned(),
            base: own_host.map(|host| self.base(&host, &place)).transpose()?,
            credential: found.map(|found| found.credential),
            owner: account.owner.clone(),
            environment: account.environment.clone(),
            audit_scope: Some(account.scope.join(", ")).filter(|scope| !scope.is_empty()),
        })
    }

    fn base(&self, text: &str, place: &str) -> Result<ApiBase, Failure> {
        let place = format!("the account of {place} in {}", self.path.display());
        ApiBase::parse(text).map_err(|error| base_failure(error, &place))
    }

    /// The key that the fields describe; none where there is none of them.
    fn key(&self, key: &Key<'_>, at: usize, place: &str) -> Result<Option<Found>, Failure> {
        match (key.profile, key.key_file, key.key_id, key.secret_env) {
            (None, None, None, None) => Ok(None),
            (Some(profile), None, None, None) => credentials::from_profile(profile, self.system).map(Some),
            (None, Some(file), None, None) => credentials::from_key_file(&self.beside(file)).map(Some),
            (None, None, Some(key_id), Some(variable)) => {
                credentials::from_variable(key_id, variable, self.system).map(Some)
            }
            (None, None, Some(_), None) => Err(self.failure(
                at,
                &format!("{place} has key_id and no secret"),
                "add secret_env = \"NAME_OF_A_VARIABLE\"",
            )),
            (None, None, None, Some(_)) => {
                Err(self.failure(at, &format!("{place} has secret_env and no key_id"), "add key_id = \"…\""))
            }
            _ => Err(self.failure(
                at,
                &format!("{place} has more than one key"),
                "keep one of profile, key_file, or key_id with secret_env",
            )),
        }
    }

    /// A path as written in the configuration: beside it, or below the home directory.
    fn beside(&self, file: &Path) -> PathBuf {
        match (file.strip_prefix("~"), self.system.home()) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => self.path.parent().unwrap_or(Path::new("")).join(file),
        }
    }
}
