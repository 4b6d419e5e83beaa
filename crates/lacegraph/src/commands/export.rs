//! `export`: fetch, and write everything.

use std::path::{Path, PathBuf};

use lacegraph_export::{Format, write_run};
use lacegraph_fetch::{Clock, HttpTransport, Observer, Plan, fetch};
use lacegraph_model::{Graph, Settings};

use super::print;
use crate::cli::{ConnectionArguments, OutputArguments, View};
use crate::outcome::{Code, Failure};
use crate::output::Staging;
use crate::progress::Progress;
use crate::summary::{Summary, first_error};
use crate::system::System;
use crate::timings::Timings;
use crate::{config, manifest};

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
    export(&configuration.plan, configuration.settings, system, output, system).await
}

/// Reads what the plan asks for, at the time that `clock` tells, and writes the run.
pub(super) async fn export(
    plan: &Plan,
    settings: Settings,
    clock: &dyn Clock,
    output: &OutputArguments,
    system: &System,
) -> Result<Code, Failure> {
    let target = match &output.out {
        Some(directory) => directory.clone(),
        None => PathBuf::from(format!("lacegraph-{}", system.now().to_compact())),
    };
    // Before the first call: nobody wants to hear after ten minutes that the directory exists.
    let staging = Staging::new(&target, output.replace)?;
    let timings = output.timings.then(Timings::listen);
    let transport = HttpTransport::for_plan(plan)?;
    let progress: Box<dyn Observer> = if system.shows_progress() { Box::new(Progress::new()) } else { Box::new(()) };
    let snapshot = fetch(plan, &transport, clock, progress.as_ref()).await?;
    drop(progress);
    let graph = Graph::new(snapshot, settings);
    refuse_empty(&graph)?;
    let (code, summary) = write(graph, staging, &target, output, system).await?;
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
    system: &System,
) -> Result<(Code, Summary), Failure> {
    let formats: Vec<Format> = output.format.iter().map(|&format| format.into()).collect();
    let full_picture = output.view.contains(&View::Full);
    let directory = staging.path().to_owned();
    let now = system.now();
    let writing = tokio::task::spawn_blocking(move || -> Result<_, Failure> {
        graph.verify().map_err(|error| Failure::failed(error, "nothing was written"))?;
        let files = write_run(&graph, &directory, &formats, full_picture)?;
        manifest::write(&graph, &files, now, &directory)?;
        let totals = graph.totals();
        Ok((graph, files, totals))
    });
    let (graph, files, totals) = writing.await.map_err(|error| {
        Failure::failed(error, "this is a fault of lacegraph: please report it with the command that was run")
    })??;
    staging.commit()?;
    let summary = Summary::new(&graph, &totals, target, files);
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
