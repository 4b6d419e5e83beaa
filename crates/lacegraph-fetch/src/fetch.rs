//! A whole run.

use std::time::Duration;

use lacegraph_model::{Header, STAGE, Snapshot, UtcTime};
use tracing::Instrument as _;

use crate::capture::{Capture, CaptureWriter, Recorded};
use crate::clock::{Clock, FixedClock};
use crate::error::FetchError;
use crate::meanings::state_meanings;
use crate::observer::Observer;
use crate::optional::Asked;
use crate::organization::read_organization;
use crate::patience::Patience;
use crate::plan::Plan;
use crate::recorder::Recorder;
use crate::scope::settle_unlisted;
use crate::session::Context;
use crate::transport::{Request, Transport, TransportError, TransportErrorKind, TransportFuture};

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
    fetch_with(plan, transport, clock, observer, FetchOptions::default()).await
}

/// What a run may do beside reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchOptions<'a> {
    /// Takes down every answer; begun with the capture of `resume`, where there is one.
    pub capture: Option<&'a CaptureWriter>,
    /// The capture of a run to go on from: what it read to its end is not asked again.
    pub resume: Option<&'a Capture>,
    /// How old that may be.
    pub resume_max_age: Option<Duration>,
}

/// As [`fetch()`], with a capture to write or to go on from.
///
/// A run that goes on from another is dated as that one: what it says was read from then on. What was read is told for each
/// organization as a problem of severity `info`.
///
/// # Errors
/// As [`fetch()`], and where the capture was made with another plan, is damaged or too old.
pub async fn fetch_with(
    plan: &Plan,
    transport: &dyn Transport,
    clock: &dyn Clock,
    observer: &dyn Observer,
    options: FetchOptions<'_>,
) -> Result<Snapshot, FetchError> {
    let FetchOptions { capture, resume, resume_max_age } = options;
    let recorded = resume.map(|resume| {
        resume.must_fit(plan, clock.now(), resume_max_age)?;
        Recorded::finished(resume)
    });
    let recorded = recorded.transpose()?;
    let captured_at = match (capture, resume) {
        (Some(capture), _) => capture.captured_at(),
        (None, Some(resume)) => resume.header().captured_at()?,
        (None, None) => clock.now(),
    };
    let recorded = recorded.as_ref();
    let reading = read(plan, Source { transport, recorded, capture }, clock, observer, (captured_at, None));
    let stopped = async {
        match capture {
            Some(capture) => capture.stopped().await,
            None => std::future::pending().await,
        }
    };
    // A run whose capture is lost is lost: nobody need wait for its end.
    let snapshot = tokio::select! {
        biased;
        snapshot = reading => snapshot?,
        () = stopped => return Err(FetchError::CaptureStopped),
    };
    if let Some(capture) = capture {
        capture.end(snapshot.header().completed_at).await;
    }
    Ok(snapshot)
}

/// Makes a run again from its capture, and asks nobody: the same parser and the same rules give the same snapshot.
///
/// # Errors
/// Where the capture is damaged, or written by a version that knew other things.
pub async fn refetch(
    capture: &Capture,
    tool_version: &str,
    observer: &dyn Observer,
) -> Result<(Plan, Snapshot), FetchError> {
    capture.check_bodies()?;
    let plan = capture.header().to_plan(tool_version)?;
    let captured_at = capture.header().captured_at()?;
    let recorded = Recorded::all(capture);
    let ended_at = capture.last_time().unwrap_or(captured_at);
    let source = Source { transport: &NoTransport, recorded: Some(&recorded), capture: None };
    let snapshot = read(&plan, source, &FixedClock(captured_at), observer, (captured_at, Some(ended_at))).await?;
    Ok((plan, snapshot))
}

/// Where answers come from, and where they go.
struct Source<'a> {
    transport: &'a dyn Transport,
    recorded: Option<&'a Recorded<'a>>,
    capture: Option<&'a CaptureWriter>,
}

async fn read(
    plan: &Plan,
    source: Source<'_>,
    clock: &dyn Clock,
    observer: &dyn Observer,
    (captured_at, ended_at): (UtcTime, Option<UtcTime>),
) -> Result<Snapshot, FetchError> {
    let recorder = Recorder::new(Header {
        captured_at,
        completed_at: captured_at,
        tool_version: plan.tool_version.clone(),
        data_source: plan.data_source,
    });
    let patience = Patience::new(plan.settings.retry.max_wait);
    let Source { transport, recorded, capture } = source;
    let retry = &plan.settings.retry;
    let context = Context { transport, clock, observer, retry, patience: &patience, recorded, capture };
    let asked = Asked::of(plan.with, captured_at);
    let read = async {
        let mut organizations = Vec::with_capacity(plan.organizations.len());
        for organization in &plan.organizations {
            let id = read_organization(context, &recorder, organization, plan, &asked).await?;
            organizations.push((id, organization.name.clone()));
        }
        settle_unlisted(&recorder, organizations).await?;
        state_meanings(plan, &recorder).await
    };
    read.instrument(tracing::info_span!(target: STAGE, "fetch")).await?;
    recorder.finish(ended_at.unwrap_or_else(|| clock.now())).await
}

/// What a run has that asks nobody.
struct NoTransport;

impl Transport for NoTransport {
    fn send<'a>(&'a self, _: &'a Request) -> TransportFuture<'a> {
        let detail = "this run asks nobody".to_owned();
        Box::pin(async { Err(TransportError { kind: TransportErrorKind::Request, detail }) })
    }
}
