//! The wall clock, passed in.

use lacegraph_model::UtcTime;

/// Tells the time of day.
///
/// The library never asks the system: the command passes its clock in, and the demo passes its fixture's.
pub trait Clock: Send + Sync {
    /// The present moment, UTC.
    fn now(&self) -> UtcTime;
}

/// A clock that stands still, for the demo and for tests.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub UtcTime);

impl Clock for FixedClock {
    fn now(&self) -> UtcTime {
        self.0
    }
}
