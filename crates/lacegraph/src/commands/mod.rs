//! A module for each command.

mod check;
mod demo;
mod export;
mod init;
mod mock;
mod questions;
mod stop;
mod tables;
mod verify;

use std::io::Write as _;
use std::sync::OnceLock;

pub(crate) use stop::stopped;

use crate::cli::{Arguments, Command};
use crate::logs;
use crate::outcome::{Code, Failure};
use crate::system::System;
use crate::timings::Timings;

/// Does what was typed.
pub(crate) fn run(arguments: Arguments, system: &System) -> Result<Code, Failure> {
    let timings = arguments.command.output().is_some_and(|output| output.timings).then(Timings::default);
    logs::listen(arguments.verbose, timings.as_ref(), system);
    let target = arguments.command.output().map(|output| export::target(output, system)).unwrap_or_default();
    let (target, timings, is_verbose) = (target.as_path(), timings.as_ref(), arguments.verbose > 0);
    let captured_in = &OnceLock::new();
    match arguments.command {
        Command::Demo { output } => {
            let desk = export::Desk { output: &output, target, timings, is_verbose, captured_in, system };
            in_runtime(demo::run(desk)).map_err(|failure| export::with_capture(failure, captured_in))
        }
        Command::Export { connection, source, output } => {
            let desk = export::Desk { output: &output, target, timings, is_verbose, captured_in, system };
            in_runtime(export::run(&connection, &source, desk))
                .map_err(|failure| export::with_capture(failure, captured_in))
        }
        Command::Init { out, connection } => in_runtime(init::run(&out, &connection, system)),
        Command::Check { connection, json } => in_runtime(check::run(&connection, json, system)),
        // Being stopped is how serving ends: nothing to report.
        Command::Mock(arguments) => in_runtime(mock::run(&arguments)).or_else(|failure| match failure.code {
            Code::Interrupted => Ok(Code::Interrupted),
            _ => Err(failure),
        }),
        Command::Show { identity, run } => questions::show(&identity, &run, system),
        Command::Who { account, run } => questions::who(&account, &run, system),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Tables { name, format } => tables::run(name.as_deref(), format),
        Command::Why { identity, account, run } => questions::why(&identity, &account, &run, system),
    }
}

/// Runs what waits for the network, until it is done or somebody stops it.
fn in_runtime<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(stop::unless_stopped(command));
    // After an interruption a thread may still be writing, into a directory that is gone: not waited for.
    runtime.shutdown_background();
    result
}

/// Prints an answer. Whoever closed the pipe, `head` for example, has read enough: that changes nothing.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints an answer as JSON.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    print(&(text + "\n"))
}
