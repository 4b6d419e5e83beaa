//! `demo`: the embedded mock on loopback, and the real export of what it serves.

use lacegraph_fetch::{AccountFilter, ApiBase, Credential, FixedClock, OrganizationPlan, Plan};
use lacegraph_mock::{MockServer, PagingForm, ServerOptions, World};
use lacegraph_model::{DataSource, Settings, UtcTime};

use super::export;
use crate::outcome::{Code, Failure};

/// What the demo's configuration would say: of this organization, leave out the accounts of this pattern.
const EXCLUDE: (&str, &str) = ("acme", "*-SANDBOX");

/// Serves the demo's organizations and exports them at their own clock, so that every demo gives the same bytes.
pub(super) async fn run(desk: export::Desk<'_>) -> Result<Code, Failure> {
    let system = desk.system;
    // Page addresses would carry the port, which differs from run to run, into the recorded hashes: tokens do not.
    let world = World::embedded_demo()?.with_paging(PagingForm::Token);
    let clock = world.clock().and_then(UtcTime::from_timestamp).unwrap_or_else(|| lacegraph_fetch::Clock::now(system));
    let server = MockServer::start(world, ServerOptions::default()).await?;
    let failed = |error: anyhow::Error| Failure::failed(error, "this is a fault of lacegraph: please report it");
    let mut organizations = Vec::new();
    for key in server.keys() {
        let base = ApiBase::parse(server.base_url()).map_err(|error| failed(error.into()))?;
        let exclude = if key.organization == EXCLUDE.0 { vec![EXCLUDE.1.to_owned()] } else { Vec::new() };
        let filter = AccountFilter::new(&[], &exclude).map_err(|error| failed(error.into()))?;
        let credential = Credential::new(key.key_id.clone(), key.secret.clone());
        let organization = OrganizationPlan::new(&key.organization, base, credential);
        let shown_host = Some("embedded mock".to_owned());
        organizations.push(OrganizationPlan { filter, shown_host, ..organization });
    }
    let mut plan = Plan::new(organizations, DataSource::Demo, env!("CARGO_PKG_VERSION"));
    plan.with = desk.output.optional_sources();
    system.say("reading invented organizations from a mock on this machine");
    let (settings, configured_in, earlier) = (Settings::default(), "the demo", None);
    export::export(export::Job { plan: &plan, settings, configured_in, earlier }, &FixedClock(clock), desk).await
}
