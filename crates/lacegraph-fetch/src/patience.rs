//! How long a run may wait in all.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Counts the time in which a run waits, for the rate limit or before it tries again; waits that overlap count once.
#[derive(Debug)]
pub(crate) struct Patience {
    longest: Duration,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    total: Duration,
    /// Up to when waits are counted.
    until: Option<Instant>,
}

impl Patience {
    pub(crate) fn new(longest: Duration) -> Self {
        Self { longest, spent: Mutex::default() }
    }

    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }

    /// Counts a wait from now until then; `false`, and counts nothing, where that is more than is left.
    pub(crate) fn allows(&self, until: Instant) -> bool {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let from = spent.until.map_or(Instant::now(), |counted| counted.max(Instant::now()));
        let total = spent.total.saturating_add(until.saturating_duration_since(from));
        if total > self.longest {
            return false;
        }
        *spent = Spent { total, until: spent.until.max(Some(until)) };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_that_overlap_count_once() {
        let patience = Patience::new(Duration::from_secs(10));
        let after = |seconds| Instant::now() + Duration::from_secs(seconds);
        assert!(patience.allows(after(6)) && patience.allows(after(6)) && patience.allows(after(3)));
        assert!(!patience.allows(after(11)));
        tokio::time::advance(Duration::from_secs(100)).await;
        assert!(patience.allows(after(4)));
        assert!(!patience.allows(after(5)));
    }
}
