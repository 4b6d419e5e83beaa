//! `export`: fetch, or make a fetch again, and write everything.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use lacegraph_export::csv::CellText;
use lacegraph_export::manifest::{CaptureUse, Provenance};
use lacegraph_export::{RunOptions, write_run};
use lacegraph_fetch::{
    Capture, CaptureHeader, Clock, FetchError, FetchOptions, HttpTransport, Observer, Plan, fetch_with, refetch,
};
use lacegraph_model::{Graph, Settings, Snapshot};

use super::print;
use crate::capture_file::{self, CaptureFile, Written};
use crate::cli::{ConnectionArguments, OutputArguments, SourceArguments, View};
use crate::config;
use crate::outcome::{Code, Failure};
use crate::output::Staging;
use crate::progress::{Progress, Waits};
use crate::provenance::{Links, Witness, previous_sha256};
use crate::signature::Signer;
use crate::summary::{Summary, first_error};
use crate::system::System;
use crate::timings::Timings;

/// Where the run is written, unless `--out` says so: named after the present moment.
pub(super) fn target(output: &OutputArguments, system: &System) -> PathBuf {
    match &output.out {
        // Without a slash or a `/.` at the end, by which nothing can be renamed.
        Some(directory) => directory.components().as_path().to_owned(),
        None => PathBuf::from(format!("lacegraph-{}", system.now().to_compact())),
    }
}

/// Reads the configured organizations, or a capture, and writes the run.
pub(super) async fn run(
    connection: &ConnectionArguments,
    source: &SourceArguments,
    desk: Desk<'_>,
) -> Result<Code, Failure> {
    if let Some(path) = &source.from {
        return again(path, desk).await;
    }
    let mut configuration = config::load(connection, desk.system)?;
    configuration.plan.with = desk.output.optional_sources();
    let system = desk.system;
    system.say(&format!("reading {} as configured in {}", organizations(&configuration.plan), configuration.origin));
    for note in &configuration.notes {
        system.say(&format!("note: {note}"));
    }
    let earlier = source.resume.as_deref().map(|path| Earlier::read(path, &configuration.plan, source, system));
    let job = Job {
        plan: &configuration.plan,
        settings: configuration.settings,
        configured_in: &configuration.origin,
        earlier: earlier.transpose()?,
    };
    export(job, system, desk).await
}

/// Makes an export again from its capture.
async fn again(path: &Path, desk: Desk<'_>) -> Result<Code, Failure> {
    let Desk { output, target, system, .. } = desk;
    Staging::check(target, output.replace)?;
    let ties = Ties::read(output)?;
    let capture = capture_file::read(path)?;
    let staging = Staging::new(target, output.replace)?;
    system.say(&format!("making the export of {} again, from {} answers", path.display(), capture.calls()));
    if !capture.is_whole() {
        let where_ = capture.cut_off_at().map(|at| format!(", in the entry at byte {at}")).unwrap_or_default();
        system
            .say(&format!("note: {} ends early{where_}: its run was interrupted, or its tail is lost", path.display()));
    }
    let witness = Witness::new(Box::new(()));
    let (plan, snapshot) =
        refetch(&capture, env!("CARGO_PKG_VERSION"), &witness).await.map_err(|error| match error {
            FetchError::Capture(error) => capture_file::failure(error, path),
            error => error.into(),
        })?;
    let used = CaptureUse { file: capture_file::file_name(path), sha256: capture.sha256(), is_source: true };
    let links = Links { capture: Some(used), previous_manifest_sha256: ties.previous_sha256 };
    let provenance = witness.testify(&plan, &format!("the capture {}", capture_file::file_name(path)), links, system);
    let graph = build(snapshot, capture.header().settings()).await?;
    finish(graph, staging, provenance, ties.signer, desk).await
}

/// What is to be exported.
pub(super) struct Job<'a> {
    /// What to read, with which keys.
    pub(super) plan: &'a Plan,
    /// What the snapshot means.
    pub(super) settings: Settings,
    /// Where both were written, in words.
    pub(super) configured_in: &'a str,
    /// The run to go on from.
    pub(super) earlier: Option<Earlier<'a>>,
}

/// The capture of a run to go on from.
pub(super) struct Earlier<'a> {
    capture: Capture,
    path: &'a Path,
    max_age: Duration,
}

impl<'a> Earlier<'a> {
    fn read(path: &'a Path, plan: &Plan, source: &SourceArguments, system: &System) -> Result<Self, Failure> {
        let capture = capture_file::read(path)?;
        let max_age = source.resume_max_age;
        let unfit = |error| capture_file::failure(error, path);
        capture.must_fit(plan, system.now(), Some(max_age)).map_err(unfit)?;
        let begun = capture.header().captured_at().map_err(unfit)?;
        system.say(&format!("going on from {}, which was begun {}", path.display(), begun.to_rfc3339()));
        Ok(Self { capture, path, max_age })
    }
}

/// What the command line says of every export, however it comes about.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) output: &'a OutputArguments,
    pub(super) target: &'a Path,
    pub(super) timings: Option<&'a Timings>,
    pub(super) is_verbose: bool,
    /// Where the capture of this run is, once it is begun.
    pub(super) captured_in: &'a OnceLock<PathBuf>,
    pub(super) system: &'a System,
}

/// Files that are read before anything is asked: they may be missing.
struct Ties {
    previous_sha256: Option<String>,
    signer: Option<Signer>,
}

impl Ties {
    fn read(output: &OutputArguments) -> Result<Self, Failure> {
        let previous_sha256 = output.previous.as_deref().map(previous_sha256).transpose()?;
        let signer = output.sign.as_deref().map(Signer::read).transpose()?;
        Ok(Self { previous_sha256, signer })
    }
}

/// Reads what the plan asks for, at the time that `clock` tells, and writes the run.
pub(super) async fn export(job: Job<'_>, clock: &dyn Clock, desk: Desk<'_>) -> Result<Code, Failure> {
    let Job { plan, settings, configured_in, earlier } = job;
    let Desk { output, target, system, .. } = desk;
    // Before the first call: nobody wants to hear after ten minutes that the directory exists.
    Staging::check(target, output.replace)?;
    let ties = Ties::read(output)?;
    let staging = Staging::new(target, output.replace)?;
    let transport = HttpTransport::for_plan(plan)?;
    let file = output.capture.then(|| begin_capture(plan, &settings, earlier.as_ref(), clock, desk)).transpose()?;
    let progress: Box<dyn Observer> = if system.shows_progress() && !desk.is_verbose {
        Box::new(Progress::new())
    } else {
        Box::new(Waits::default())
    };
    let witness = Witness::new(progress);
    let options = FetchOptions {
        capture: file.as_ref().map(CaptureFile::writer),
        resume: earlier.as_ref().map(|earlier| &earlier.capture),
        resume_max_age: earlier.as_ref().map(|earlier| earlier.max_age),
    };
    let fetched = fetch_with(plan, &transport, clock, &witness, options).await;
    let finished = file.map(CaptureFile::finish);
    let (snapshot, finished) = match (fetched, finished.transpose()) {
        (Ok(snapshot), Ok(finished)) => (snapshot, finished),
        // What stopped it is why it could not be written.
        (Ok(_) | Err(FetchError::CaptureStopped), Err(failure)) => return Err(failure),
        (Err(error), _) => return Err(error.into()),
    };
    let (capture, written) = finished.unzip();
    let links = Links { capture, previous_manifest_sha256: ties.previous_sha256 };
    let provenance = witness.testify(plan, configured_in, links, system);
    let graph = build(snapshot, settings).await?;
    let code = finish(graph, staging, provenance, ties.signer, desk).await?;
    written.map_or(Ok(code), |written: Written| written.settle().map(|()| code))
}

fn begin_capture(
    plan: &Plan,
    settings: &Settings,
    earlier: Option<&Earlier<'_>>,
    clock: &dyn Clock,
    desk: Desk<'_>,
) -> Result<CaptureFile, Failure> {
    let captured_at = match earlier {
        Some(earlier) => {
            earlier.capture.header().captured_at().map_err(|error| capture_file::failure(error, earlier.path))?
        }
        None => clock.now(),
    };
    let header = CaptureHeader::new(plan, settings, captured_at);
    let earlier = earlier.map(|earlier| (&earlier.capture, earlier.path));
    let file = CaptureFile::begin(&capture_file::path_beside(desk.target), &header, earlier, desk.output.replace)?;
    // Set once: a command has one run.
    let _ = desk.captured_in.set(file.current().to_owned());
    Ok(file)
}

/// The graph of a snapshot, made where it holds up nobody who waits for a signal.
async fn build(snapshot: Snapshot, settings: Settings) -> Result<Graph, Failure> {
    let graph = tokio::task::spawn_blocking(move || Graph::new(snapshot, settings)).await;
    graph.map_err(|error| {
        Failure::failed(error, "this is a fault of lacegraph: please report it with the command that was run")
    })
}

/// Writes the run and tells what it comes to.
async fn finish(
    graph: Graph,
    staging: Staging,
    provenance: Provenance,
    signer: Option<Signer>,
    desk: Desk<'_>,
) -> Result<Code, Failure> {
    let Desk { output, target, timings, system, .. } = desk;
    refuse_empty(&graph)?;
    let (code, summary) = write(graph, staging, target, output, provenance, signer).await?;
    let summary = match timings {
        Some(timings) => summary.with_timings(timings.list()),
        None => summary,
    };
    let text = if output.json { summary.to_json().map_err(std::io::Error::from)? } else { summary.to_text() };
    if let Err(failure) = print(&text) {
        // The export is in its place: a summary that nobody can read makes it no less so.
        system.report(&failure);
    }
    if let Some(timings) = timings.filter(|_| !output.json) {
        system.say(&timings.to_text());
    }
    Ok(code)
}

/// Tells of the capture that a run leaves which comes to nothing: what it read is not lost.
pub(super) fn with_capture(failure: Failure, captured_in: &OnceLock<PathBuf>) -> Failure {
    let Some(path) = captured_in.get() else { return failure };
    if failure.code == Code::NoAccess {
        // Nothing could be read, so there is nothing to go on from; beside an earlier capture it would only be in the way.
        if path.extension().is_some_and(|ending| ending == capture_file::UNFINISHED) {
            let _ = fs_err::remove_file(path);
        }
        return failure;
    }
    let shown = path.display();
    let hint = format!("what was read is in {shown}; --resume {shown} goes on from there");
    if failure.code == Code::Interrupted {
        let error = anyhow::Error::msg("interrupted; no export was left behind");
        return Failure { error, hint: Some(hint), ..failure };
    }
    Failure { hint: Some(failure.hint.map_or(hint.clone(), |known| format!("{known}; {hint}"))), ..failure }
}

/// Ends a run that read nothing: an export of it would look like a company without users.
fn refuse_empty(graph: &Graph) -> Result<(), Failure> {
    let counts = graph.snapshot().account_counts();
    let has_read_any = counts.complete + counts.incomplete > 0;
    if has_read_any && !graph.snapshot().users().is_empty() {
        return Ok(());
    }
    let (message, hint) = match first_error(graph) {
        Some((message, hint)) => (format!("no account could be read; {message}"), hint),
        None if graph.snapshot().accounts().iter().all(|account| account.fetch_status.as_str() == "excluded") => {
            let hint = "look at include and exclude in the configuration".to_owned();
            ("no account could be read; the configuration excludes every account".to_owned(), Some(hint))
        }
        None => {
            let hint = "a key sees what its owner sees: use the key of an organization admin; `lacegraph check` tells whose it is";
            let message = "no account could be read; every list that answered was empty".to_owned();
            (message, Some(hint.to_owned()))
        }
    };
    Err(Failure::no_access(message, hint))
}

async fn write(
    graph: Graph,
    staging: Staging,
    target: &Path,
    output: &OutputArguments,
    provenance: Provenance,
    signer: Option<Signer>,
) -> Result<(Code, Summary), Failure> {
    let options = RunOptions {
        formats: output.format.iter().map(|&format| format.into()).collect(),
        full_picture: output.view.contains(&View::Full),
        cells: if output.csv_raw { CellText::Raw } else { CellText::Neutralised },
    };
    let directory = staging.path().to_owned();
    let writing = tokio::task::spawn_blocking(move || -> Result<_, Failure> {
        graph.verify().map_err(|error| Failure::failed(error, "nothing was written"))?;
        let run = write_run(&graph, &directory, &options, provenance)?;
        if let Some(signer) = signer {
            signer.sign(&directory)?;
        }
        let totals = graph.totals();
        Ok((graph, run, totals))
    });
    let (graph, run, totals) = writing.await.map_err(|error| {
        Failure::failed(error, "this is a fault of lacegraph: please report it with the command that was run")
    })??;
    staging.commit()?;
    let summary = Summary::new(&graph, &totals, target, run);
    let code = if graph.snapshot().is_partial() { Code::Partial } else { Code::Complete };
    Ok((code, summary))
}

fn organizations(plan: &Plan) -> String {
    let names: Vec<_> = plan
        .organizations
        .iter()
        .map(|organization| format!("{} ({})", organization.name, organization.base.host()))
        .collect();
    names.join(", ")
}
