//! A whole run.

use lacegraph_model::{Header, STAGE, Snapshot};
use tracing::Instrument as _;

use crate::clock::Clock;
use crate::error::FetchError;
use crate::observer::Observer;
use crate::organization::read_organization;
use crate::plan::Plan;
use crate::recorder::Recorder;
use crate::session::Context;
use crate::transport::Transport;

/// Reads everything that the plan asks for.
///
/// What could not be read is in the snapshot: as the `fetch_status` of accounts and as problems. The same answers give
/// the same snapshot, in whatever order they arrive. Needs a tokio runtime with its timer on.
///
/// # Errors
/// Only where no snapshot can be made at all.
pub async fn fetch(
    plan: &Plan,
    transport: &dyn Transport,
    clock: &dyn Clock,
    observer: &dyn Observer,
) -> Result<Snapshot, FetchError> {
    let captured_at = clock.now();
    let recorder = Recorder::new(Header {
        captured_at,
        completed_at: captured_at,
        tool_version: plan.tool_version.clone(),
        data_source: plan.data_source,
    });
    let context = Context { transport, clock, observer, retry: &plan.settings.retry };
    let read = async {
        for organization in &plan.organizations {
            read_organization(context, &recorder, organization, plan.concurrency).await?;
        }
        Ok(())
    };
    read.instrument(tracing::info_span!(target: STAGE, "fetch")).await?;
    recorder.finish(clock.now()).await
}
