//! The command `lacegraph`: who can reach which Lacework / FortiCNAPP account, in what role, and why.
//!
//! This crate alone looks at arguments, environment, home directory, clock and terminal; everything else is a library
//! that is given what it needs. `cli` says what can be typed, `commands` has a module for each command, `config` turns
//! files and variables into a plan, `outcome` has the exit codes.

mod capture_file;
mod cli;
mod commands;
mod config;
mod logs;
mod outcome;
mod output;
mod progress;
mod provenance;
mod signature;
mod summary;
mod system;
mod timings;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let system = system::System::new();
    match commands::run(arguments, &system) {
        Ok(code) => code.into(),
        Err(failure) => system.report(&failure).into(),
    }
}
