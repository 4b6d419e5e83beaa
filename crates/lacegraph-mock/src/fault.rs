use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::StatusCode;
use serde::Deserialize;

use crate::aim::{Aim, Target};
use crate::effect::Effect;

/// A failure as a fixture asks for it, in its `organization.json`: which calls, and what becomes of them.
///
/// The crate's documentation tells what each field means.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultEntry {
    /// Only calls for this account.
    pub(crate) account: Option<String>,
    /// Only calls for the organization's data set.
    #[serde(default)]
    pub(crate) org: bool,
    /// Only this endpoint (`TeamMembers`, `access/tokens`); without one, every list.
    pub(crate) endpoint: Option<String>,
    /// Only this page of a list, counted from 1.
    pub(crate) page: Option<usize>,
    /// Only calls of this key.
    pub(crate) key_id: Option<String>,
    /// Not the first calls that match.
    #[serde(default)]
    pub(crate) after: u32,
    /// Only so many of the calls that match.
    pub(crate) times: Option<u32>,

    /// Without one, the answer is the usual one, changed by what follows.
    pub(crate) status: Option<u16>,
    pub(crate) message: Option<String>,
    /// A body to send as it is, in place of `{"message": ...}`.
    pub(crate) body: Option<String>,
    /// A body of so many bytes.
    pub(crate) filler_bytes: Option<usize>,
    pub(crate) content_type: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    /// Any header; `null` leaves it out.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Option<String>>,
    /// What the page says is the next one; `self` is the page itself.
    pub(crate) next_page: Option<String>,
    /// How many rows the page says there are in all.
    pub(crate) total_rows: Option<u64>,
    /// Holds the answer back.
    pub(crate) delay_ms: Option<u64>,
    /// Sends the body in small pieces with this pause between them.
    pub(crate) trickle_ms: Option<u64>,
    /// Announces the whole body, sends so many bytes of it and breaks the connection.
    pub(crate) cut_after: Option<usize>,
    /// Breaks the connection without an answer.
    #[serde(default)]
    pub(crate) reset: bool,
}

/// A failure that can be served.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) aim: Aim,
    pub(crate) effect: Effect,
    after: u32,
    times: Option<u32>,
}

impl Fault {
    /// The endpoint of the token exchange, as a fixture writes it.
    pub(crate) const TOKENS: &str = "access/tokens";

    /// The fault of a fixture, or what is wrong with it.
    pub(crate) fn read(entry: FaultEntry) -> Result<Self, String> {
        let (after, times) = (entry.after, entry.times);
        let aim = Aim::of(&entry)?;
        Ok(Self { aim, effect: Effect::of(entry)?, after, times })
    }

    /// Whether the call of this number, counted from 0 among those that match, is one to strike.
    fn is_due(&self, number: u32) -> bool {
        number.checked_sub(self.after).is_some_and(|number| self.times.is_none_or(|times| number < times))
    }
}

/// The faults of an organization, and how many calls each has matched.
#[derive(Debug)]
pub(crate) struct Faults {
    faults: Vec<(Fault, AtomicU32)>,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self { faults: faults.into_iter().map(|fault| (fault, AtomicU32::new(0))).collect() }
    }

    /// What is to become of a call: the first fault that matches and is due has its way.
    pub(crate) fn strike(&self, target: &Target<'_>) -> Option<&Effect> {
        self.faults
            .iter()
            .find(|(fault, matched)| fault.aim.matches(target) && fault.is_due(matched.fetch_add(1, Ordering::Relaxed)))
            .map(|(fault, _)| &fault.effect)
    }
}

/// A status that an answer can have.
pub(crate) fn status(number: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(number)
        .ok()
        .filter(|_| (200..600).contains(&number))
        .ok_or_else(|| format!("a fault has the status {number}, which is not between 200 and 599"))
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultEntry};

    #[test]
    fn a_fault_strikes_a_run_of_calls() {
        let struck = |after, times| {
            let entry = FaultEntry { status: Some(500), after, times, ..FaultEntry::default() };
            let fault = Fault::read(entry).unwrap();
            (0..5).filter(|number| fault.is_due(*number)).collect::<Vec<_>>()
        };
        assert_eq!(struck(0, None), [0, 1, 2, 3, 4]);
        assert_eq!(struck(0, Some(2)), [0, 1]);
        assert_eq!(struck(3, None), [3, 4]);
        assert_eq!(struck(1, Some(2)), [1, 2]);
        assert_eq!(struck(1, Some(0)), [0; 0]);
    }
}
