//! `export`: fetch, and write everything.

use std::path::{Path, PathBuf};

use lacegraph_export::csv::CellText;
use lacegraph_export::manifest::Provenance;
use lacegraph_export::{RunOptions, write_run};
use lacegraph_fetch::{Clock, HttpTransport, Observer, Plan, fetch};
use lacegraph_model::{Graph, Settings};

use super::print;
use crate::cli::{ConnectionArguments, OutputArguments, View};
use crate::config;
use crate::outcome::{Code, Failure};
use crate::output::Staging;
use crate::progress::Progress;
use crate::provenance::{Witness, previous_sha256};
use crate::signature::Signer;
use crate::summary::{Summary, first_error};
use crate::system::System;
use crate::timings::Timings;

/// Reads the configured organizations and writes the run.
pub(super) async fn run(
    connection: &ConnectionArguments,
    output: &OutputArguments,
    system: &System,
) -> Result<Code, Failure> {
    let configuration = config::load(connection, system)?;
    system.say(&format!("reading {} as configured in {}", organizations(&configuration.plan), configuration.origin));
    for note in &configuration.notes {
        system.say(&format!("note: {note}"));
    }
    let job = Job { plan: &configuration.plan, settings: configuration.settings, configured_in: &configuration.origin };
    export(job, system, output, system).await
}

/// What is to be exported.
pub(super) struct Job<'a> {
    /// What to read, with which keys.
    pub(super) plan: &'a Plan,
    /// What the snapshot means.
    pub(super) settings: Settings,
    /// Where both were written, in words.
    pub(super) configured_in: &'a str,
}

/// Reads what the plan asks for, at the time that `clock` tells, and writes the run.
pub(super) async fn export(
    job: Job<'_>,
    clock: &dyn Clock,
    output: &OutputArguments,
    system: &System,
) -> Result<Code, Failure> {
    let Job { plan, settings, configured_in } = job;
    let target = match &output.out {
        Some(directory) => directory.clone(),
        None => PathBuf::from(format!("lacegraph-{}", system.now().to_compact())),
    };
    // Before the first call: nobody wants to hear after ten minutes that the directory exists.
    let staging = Staging::new(&target, output.replace)?;
    let previous = output.previous.as_deref().map(previous_sha256).transpose()?;
    let signer = output.sign.as_deref().map(Signer::read).transpose()?;
    let timings = output.timings.then(Timings::listen);
    let transport = HttpTransport::for_plan(plan)?;
    let progress: Box<dyn Observer> = if system.shows_progress() { Box::new(Progress::new()) } else { Box::new(()) };
    let witness = Witness::new(progress);
    let snapshot = fetch(plan, &transport, clock, &witness).await?;
    let provenance = witness.testify(plan, configured_in, previous, system);
    let graph = Graph::new(snapshot, settings);
    refuse_empty(&graph)?;
    let (code, summary) = write(graph, staging, &target, output, provenance, signer).await?;
    let summary = match &timings {
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
