//! What the libraries tell of a run, on stderr, and how long its stages take.

use std::io::IsTerminal as _;

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterFn, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

use crate::system::System;
use crate::timings::Timings;

/// Whose words may be shown: ours, at every level; and of the HTTP library where it connects to, no finer. At its finest it
/// writes headers and buffers.
const OTHERS: &str = "hyper_util::client::legacy";

/// Listens from now on: `RUST_LOG` says to what, else `-v` and `-vv`. `timings` listens to stages.
pub(crate) fn listen(verbose: u8, timings: Option<&Timings>, system: &System) {
    // One that is no text is none that we understand.
    let wanted = system.variable("RUST_LOG").unwrap_or_else(|_| Some("=".to_owned()));
    if wanted.is_none() && verbose == 0 && timings.is_none() {
        return;
    }
    let parsed = wanted.map(|text| text.parse::<Targets>());
    if matches!(parsed, Some(Err(_))) {
        system.say(
            "note: RUST_LOG is not understood, and not used: it takes a level, or TARGET=LEVEL, separated by commas",
        );
    }
    let targets = match parsed {
        Some(Ok(targets)) => targets,
        _ => Targets::new().with_target("lacegraph", level(verbose)),
    };
    let is_ours = |target: &str| target == "lacegraph" || target.starts_with("lacegraph_");
    let may_be_shown = FilterFn::new(move |metadata| {
        let is_coarse = *metadata.level() <= Level::DEBUG;
        metadata.is_event() && (is_ours(metadata.target()) || (is_coarse && metadata.target().starts_with(OTHERS)))
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && system.may_colour())
        .with_filter(targets)
        .with_filter(may_be_shown);
    let is_stage = FilterFn::new(|metadata| metadata.is_span() && metadata.target() == lacegraph_model::STAGE);
    let timings = timings.cloned().map(|timings| timings.with_filter(is_stage));
    // Refused only where somebody listens already, and nobody does.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(timings).with(lines));
}

fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0 => LevelFilter::OFF,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}
