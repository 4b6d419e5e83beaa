//! How long each stage of a run took, by the spans that the libraries open.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// The stages seen so far, in the order in which they began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timings(Arc<Mutex<Vec<Timing>>>);

/// One stage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Timing {
    /// Its name.
    stage: &'static str,
    /// How long it was open, in seconds; all of its times added up where it began several times.
    seconds: f64,
}

impl Timings {
    fn change(&self, stage: &'static str, more: Duration) {
        let mut timings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match timings.iter_mut().find(|timing| timing.stage == stage) {
            Some(timing) => timing.seconds += more.as_secs_f64(),
            None => timings.push(Timing { stage, seconds: more.as_secs_f64() }),
        }
    }

    /// The stages that have ended.
    pub(crate) fn list(&self) -> Vec<Timing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// In lines that a person reads.
    pub(crate) fn to_text(&self) -> String {
        let mut text = "stage         seconds  (stages overlap: their sum is more than the whole)".to_owned();
        for Timing { stage, seconds } in self.list() {
            // A String takes whatever is written to it.
            let _ = write!(text, "\n  {stage:<10} {seconds:>8.3}");
        }
        text
    }
}

/// When a span began.
struct Began(Instant);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Timings {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.change(attributes.metadata().name(), Duration::ZERO);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Began(Instant::now()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(Began(began)) = span.extensions().get() {
            self.change(span.name(), began.elapsed());
        }
    }
}
