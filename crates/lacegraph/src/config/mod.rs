//! From flags, environment and files to a plan: which organizations, with which keys.
//!
//! Flags beat the environment, the environment beats files. Credentials are never mixed: those of one organization come
//! from one place, so that no secret goes to a host it is not for.

mod console_groups;
mod credentials;
mod document;
mod environment;
mod file;
mod groups;
mod key;
mod key_file;
mod masking;
mod organization;
mod permissions;
mod secret;
mod secret_command;
mod starter;

use std::path::Path;

pub(crate) use environment::key_reference;
use lacegraph_fetch::{HttpTransport, ModelChoice, OrganizationPlan, Plan, ProxyChoice};
use lacegraph_model::{DataSource, Settings};
pub(crate) use starter::{KeyReference, Starter};

use crate::cli::{ApiModel, ConnectionArguments};
use crate::outcome::{Failure, chain};
use crate::system::System;

/// The configuration that is read without being named.
const DEFAULT_FILE: &str = "lacegraph.toml";

/// What to fetch, and how to read it.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) plan: Plan,
    pub(crate) settings: Settings,
    /// In words, where it comes from: `lacegraph.toml`, `the profile acme-audit`, `the LW_* variables`.
    pub(crate) origin: String,
    /// What the person should know, though nothing is wrong.
    pub(crate) notes: Vec<String>,
}

impl Configuration {
    fn of(organizations: Vec<OrganizationPlan>, settings: Settings, origin: String) -> Self {
        let plan = Plan::new(organizations, DataSource::Live, env!("CARGO_PKG_VERSION"));
        Self { plan, settings, origin, notes: Vec::new() }
    }
}

/// Finds out what is meant, and reads it.
pub(crate) fn load(arguments: &ConnectionArguments, system: &System) -> Result<Configuration, Failure> {
    let mut configuration = source(arguments, system).map_err(Failure::without_secrets)?;
    configuration.plan.concurrency = arguments.concurrency.into();
    configure_calls(arguments, &mut configuration.plan)?;
    for argument in &arguments.console_groups {
        console_groups::read(argument, &mut configuration)?;
    }
    let note = groups::note(&configuration.plan.groups);
    configuration.notes.extend(note);
    Ok(configuration)
}

/// What flags say of how calls are made.
fn configure_calls(arguments: &ConnectionArguments, plan: &mut Plan) -> Result<(), Failure> {
    plan.api_model = match arguments.api_model {
        ApiModel::Auto => ModelChoice::Auto,
        ApiModel::TeamMembers => ModelChoice::TeamMembers,
        ApiModel::TeamUsers => ModelChoice::TeamUsers,
    };
    plan.settings.retry.max_wait = arguments.max_wait;
    let http = &mut plan.settings.http;
    if arguments.timeout.is_zero() {
        return Err(Failure::usage("--timeout 0 leaves no time for an answer", "give it seconds: --timeout 60"));
    }
    http.request_timeout = arguments.timeout;
    http.connect_timeout = http.connect_timeout.min(arguments.timeout);
    http.read_timeout = http.read_timeout.min(arguments.timeout);
    for path in &arguments.ca_cert {
        let hint = "--ca-cert takes a file of certificates in PEM form";
        let pem = document::read(path, "the file of certificate authorities", hint)?;
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(Failure::usage(format!("{} holds no certificate", path.display()), hint));
        }
        http.root_certificates.push(pem.into_bytes());
        HttpTransport::check(http).map_err(|error| {
            let error = anyhow::Error::new(error).context(format!("{} cannot be used", path.display()));
            Failure::usage_because(error, hint)
        })?;
    }
    if let Some(url) = &arguments.proxy {
        if !["http://", "https://", "socks5://"].iter().any(|scheme| url.starts_with(scheme)) {
            // Not repeated: it may hold a password.
            let hint = "--proxy takes http://HOST:PORT, with USER:PASSWORD@ before the host if it asks for one";
            return Err(Failure::usage("the proxy has no http:// in front", hint));
        }
        http.proxy = ProxyChoice::Url(url.clone());
    }
    if arguments.proxy.is_none() {
        return Ok(());
    }
    HttpTransport::check(http).map_err(|error| {
        let hint = "--proxy takes http://HOST:PORT, with USER:PASSWORD@ before the host if it asks for one";
        Failure::usage_because(error, hint)
    })
}

impl Failure {
    /// The same with nothing in its words that looks like a secret: what was pasted into a wrong place is not repeated.
    fn without_secrets(self) -> Self {
        let text = chain(self.error.as_ref());
        let masked = masking::without_secrets(&text);
        let error = if masked == text { self.error } else { anyhow::Error::msg(masked) };
        Self { error, hint: self.hint.map(|hint| masking::without_secrets(&hint)), ..self }
    }
}

fn source(arguments: &ConnectionArguments, system: &System) -> Result<Configuration, Failure> {
    if let Some(path) = &arguments.config {
        return file::load(path, system);
    }
    if let Some(profile) = &arguments.profile {
        return environment::from_profile(profile, system);
    }
    if arguments.env {
        return environment::from_variables(system);
    }
    let default = Path::new(DEFAULT_FILE);
    let has_file = default.is_file();
    if has_file && environment::has_credentials(system)? {
        let message = format!("both {DEFAULT_FILE} and LW_* variables with credentials are here");
        return Err(Failure::usage(message, format!("say which is meant: --config {DEFAULT_FILE}, or --env")));
    }
    if has_file { file::load(default, system) } else { environment::from_variables(system) }
}
