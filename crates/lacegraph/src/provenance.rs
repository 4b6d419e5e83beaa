//! Where a run comes from: what no snapshot knows, for the manifest.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use lacegraph_export::manifest::{self, CaptureUse, KeyUse, MANIFEST_FILE, Provenance, ServerClock};
use lacegraph_fetch::{Clock as _, Event, KeyOwner, Observer, OrganizationPlan, Plan};
use lacegraph_model::DataSource;

use crate::outcome::Failure;
use crate::system::System;

/// Listens to a run for whose keys asked and what time the servers had, and passes everything on.
pub(crate) struct Witness {
    next: Box<dyn Observer>,
    seen: Mutex<Seen>,
}

/// Other files that the manifest names.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(crate) capture: Option<CaptureUse>,
    pub(crate) previous_manifest_sha256: Option<String>,
}

/// By organization.
#[derive(Default)]
struct Seen {
    owners: BTreeMap<String, KeyOwner>,
    clocks: BTreeMap<String, i64>,
}

impl Witness {
    pub(crate) fn new(next: Box<dyn Observer>) -> Self {
        Self { next, seen: Mutex::default() }
    }

    /// What the manifest of the run says beside its content.
    pub(crate) fn testify(self, plan: &Plan, configured_in: &str, links: Links, system: &System) -> Provenance {
        let Seen { owners, clocks } = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        // The demo's clock stands still: how far a server is ahead of it means nothing.
        let clocks = if plan.data_source == DataSource::Demo { BTreeMap::new() } else { clocks };
        let clock = |(organization, ahead_seconds)| ServerClock { organization, ahead_seconds };
        Provenance {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            tool_commit: env!("LACEGRAPH_COMMIT").to_owned(),
            written_at_utc: system.now().to_rfc3339(),
            operator: system.operator(),
            machine: system.machine(),
            command_line: system.command_line(),
            configured_in: configured_in.to_owned(),
            keys: plan.organizations.iter().flat_map(|plan| keys(plan, owners.get(&plan.name))).collect(),
            server_clocks: clocks.into_iter().map(clock).collect(),
            capture: links.capture,
            previous_manifest_sha256: links.previous_manifest_sha256,
        }
    }
}

impl Observer for Witness {
    fn notice(&self, event: &Event<'_>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match *event {
            Event::KeyOwnerKnown { organization, owner } => {
                seen.owners.insert(organization.to_owned(), owner.clone());
            }
            Event::ServerClock { organization, ahead_seconds } => {
                seen.clocks.entry(organization.to_owned()).or_insert(ahead_seconds);
            }
            _ => {}
        }
        drop(seen);
        self.next.notice(event);
    }
}

/// The keys of an organization: its own, and those of accounts.
fn keys(plan: &OrganizationPlan, owner: Option<&KeyOwner>) -> Vec<KeyUse> {
    let host = plan.shown_host.clone().unwrap_or_else(|| plan.base.host());
    let of_organization = plan.credential.iter().map(|credential| KeyUse {
        organization: plan.name.clone(),
        account: None,
        host: host.clone(),
        key_id: credential.masked_id(),
        owner: owner.and_then(|owner| owner.username.clone()),
        owner_role: owner.map_or("the API did not tell whose it is", role).to_owned(),
    });
    let mut keys: Vec<KeyUse> = of_organization.collect();
    for account in &plan.accounts {
        let Some(credential) = &account.credential else { continue };
        keys.push(KeyUse {
            organization: plan.name.clone(),
            account: Some(account.name.clone()),
            host: account.base.as_ref().map_or_else(|| host.clone(), lacegraph_fetch::ApiBase::host),
            key_id: credential.masked_id(),
            owner: None,
            owner_role: "not asked whose it is".to_owned(),
        });
    }
    keys
}

/// What the user whose key it is, is in the organization.
pub(crate) fn role(owner: &KeyOwner) -> &'static str {
    match (owner.is_organization_admin, owner.is_organization_user) {
        (true, _) => "organization admin",
        (false, true) => "organization user",
        (false, false) => "no role in the organization",
    }
}

/// The hash of the manifest of an earlier run.
pub(crate) fn previous_sha256(run: &Path) -> Result<String, Failure> {
    let path = if run.is_dir() { run.join(MANIFEST_FILE) } else { run.to_owned() };
    let hint = "name the directory of an earlier export with --previous";
    let bytes = fs_err::read(&path).map_err(|error| Failure::usage_because(error, hint))?;
    if !manifest::is_ours(&bytes) {
        return Err(Failure::usage(format!("{} is not the manifest of an export", path.display()), hint));
    }
    Ok(manifest::sha256(&bytes))
}
