//! The answers of an earlier run in place of the API's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::entry::{CallKey, Entry, Outcome};
use super::{Capture, CaptureError};
use crate::error::CallError;
use crate::place::Place;
use crate::session::{Answer, Exchange};
use crate::transport::{Endpoint, Response, ResponseHeaders};
use crate::wire::Body;

/// What a run takes from a capture instead of asking.
#[derive(Debug)]
pub(crate) struct Recorded<'c> {
    capture: &'c Capture,
    /// The entries it may use; `None` where it must use them all and ask nothing.
    kept: Option<BTreeSet<usize>>,
    /// How many calls it does not have, by organization.
    missing: Mutex<BTreeMap<String, u64>>,
}

impl<'c> Recorded<'c> {
    /// Everything: a run made again.
    pub(crate) fn all(capture: &'c Capture) -> Self {
        Self { capture, kept: None, missing: Mutex::default() }
    }

    /// The lists that were read to their end: a run that goes on.
    pub(crate) fn finished(capture: &'c Capture) -> Result<Self, CaptureError> {
        Ok(Self { capture, kept: Some(capture.finished()?.clone()), missing: Mutex::default() })
    }

    /// The entries it may use, in their order.
    pub(super) fn kept(&self) -> Vec<usize> {
        self.kept.iter().flatten().copied().collect()
    }

    /// Whether nothing may be asked.
    pub(crate) fn is_all(&self) -> bool {
        self.kept.is_none()
    }

    /// How the call ended then; `None` where it has to be made.
    pub(crate) fn call(&self, place: &Place) -> Option<Result<Answer, CallError>> {
        let missing = || self.is_all().then(|| Err(self.miss(place)));
        let Some(index) = self.index(&CallKey::from(place)) else { return missing() };
        let entry = self.capture.line(index);
        Some(match &entry.outcome {
            Outcome::Answer { status, content_type, .. } => match self.capture.entry(index) {
                Ok((_, body)) => {
                    let headers = ResponseHeaders { content_type: content_type.clone(), ..ResponseHeaders::default() };
                    let response = Response { status: *status, headers, body };
                    Ok(Answer { response, attempts: entry.attempts })
                }
                // `check_bodies` was to find it; a run must not go on as if the call had failed in some other way.
                Err(_) => return missing(),
            },
            Outcome::Failed { fault } => Err(fault.error(place.clone(), entry.attempts)),
            Outcome::KeyFailed { fault } => Err(fault.error(of_key(place), entry.attempts)),
            Outcome::Granted { .. } | Outcome::End => return missing(),
        })
    }

    /// How the request for a token ended of which `place` tells.
    pub(crate) fn exchange(&self, place: &Place) -> Result<(), CallError> {
        match self.index(&CallKey::from(place)).map(|index| self.capture.line(index)) {
            Some(Entry { outcome: Outcome::Granted { .. }, .. }) => Ok(()),
            Some(Entry { outcome: Outcome::Failed { fault }, attempts, .. }) => {
                Err(fault.error(of_key(place), *attempts))
            }
            _ => Err(self.miss(place)),
        }
    }

    /// The same for the snapshot's calls; `None` where no such request is recorded.
    pub(crate) fn exchange_record(&self, place: &Place) -> Option<Exchange> {
        let entry = self.capture.line(self.index(&CallKey::from(place))?);
        let status = match &entry.outcome {
            Outcome::Granted { status } => Some(*status),
            Outcome::Failed { fault } => fault.error(of_key(place), entry.attempts).status(),
            _ => return None,
        };
        Some(Exchange { status, attempts: entry.attempts })
    }

    fn miss(&self, place: &Place) -> CallError {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        *missing.entry(place.organization.clone()).or_default() += 1;
        CallError::NotCaptured { place: Box::new(place.clone()) }
    }

    /// How many calls of the organization it did not have.
    pub(crate) fn missed(&self, organization: &str) -> u64 {
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        missing.get(organization).copied().unwrap_or(0)
    }

    /// How many calls of the organization were taken over from a run before the one that is made again, or is going on.
    pub(crate) fn taken_over(&self, organization: &str) -> usize {
        let is_taken = |index: usize, entry: &Entry| match &self.kept {
            Some(kept) => kept.contains(&index),
            None => entry.taken_over,
        };
        self.capture
            .lines()
            .filter(|(index, entry)| entry.organization == organization && is_taken(*index, entry))
            .count()
    }

    fn index(&self, key: &CallKey) -> Option<usize> {
        let index = self.capture.place_of(key)?;
        self.kept.as_ref().is_none_or(|kept| kept.contains(&index)).then_some(index)
    }
}

/// Errors of a key name no account: the key may be for several.
fn of_key(place: &Place) -> Place {
    Place { account: None, endpoint: Endpoint::AccessTokens, page: 1, ..place.clone() }
}

/// The entries of lists that were read to their end, and of refusals that such a list followed.
///
/// A list of one person is none of them: it may show the key's owner alone, and a key that sees more may have come since.
pub(super) fn finished_lists(capture: &Capture) -> Result<BTreeSet<usize>, CaptureError> {
    let mut lists: BTreeMap<(String, Option<String>, Endpoint), Vec<usize>> = BTreeMap::new();
    for (index, entry) in capture.lines() {
        let Some(key) = entry.key().filter(|key| key.endpoint != Endpoint::AccessTokens) else { continue };
        if capture.place_of(&key) == Some(index) {
            lists.entry((key.organization, key.account, key.endpoint)).or_default().push(index);
        }
    }
    let mut kept = BTreeSet::new();
    for pages in lists.values_mut() {
        pages.sort_by_key(|&index| capture.line(index).page);
        if is_finished(capture, pages)? {
            kept.extend(pages.iter().copied());
        }
    }
    // That an account does not offer the older list is known where the newer one followed.
    for ((organization, account, endpoint), pages) in &lists {
        let newer = (organization.clone(), account.clone(), Endpoint::TeamUsers);
        let followed = lists.get(&newer).is_some_and(|pages| pages.iter().all(|index| kept.contains(index)));
        if *endpoint == Endpoint::TeamMembers && followed {
            kept.extend(pages.iter().copied());
        }
    }
    Ok(kept)
}

/// Whether it is a list of members.
fn is_list(endpoint: &str) -> bool {
    let members = [Endpoint::OrganizationMembers, Endpoint::TeamMembers, Endpoint::TeamUsers];
    Endpoint::named(endpoint).is_some_and(|endpoint| members.contains(&endpoint))
}

/// Whether these are all pages of a list, in order.
fn is_finished(capture: &Capture, pages: &[usize]) -> Result<bool, CaptureError> {
    let mut rows = 0;
    let mut promised = None;
    for (position, &index) in pages.iter().enumerate() {
        let (entry, body) = capture.entry(index)?;
        if entry.page as usize != position + 1 {
            return Ok(false);
        }
        let is_last = position + 1 == pages.len();
        match entry.outcome {
            Outcome::Answer { status: 204, .. } => return Ok(is_last),
            Outcome::Answer { status: 200 | 201, content_type, .. } => {
                let headers = ResponseHeaders { content_type, ..ResponseHeaders::default() };
                let Ok(body) = Body::read(Response { status: 200, headers, body }) else { return Ok(false) };
                rows += body.envelope.rows;
                promised = promised.max(body.envelope.total);
                let is_end = matches!(body.envelope.next, Ok(None));
                if is_end || is_last {
                    let is_credible = rows > 1 || !is_list(&entry.endpoint);
                    let is_all_there = promised.is_none_or(|promised| promised <= rows);
                    return Ok(is_end && is_last && is_all_there && is_credible);
                }
            }
            _ => return Ok(false),
        }
    }
    Ok(false)
}
