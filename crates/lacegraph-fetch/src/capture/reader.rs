//! Reads a capture.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;
use std::time::Duration;

use lacegraph_model::UtcTime;
use sha2::{Digest as _, Sha256};

use super::entry::{Entry, Outcome};
use super::frame::{self, Found};
use super::recorded::finished_lists;
use super::{CallKey, CaptureError, CaptureHeader, FORM};
use crate::credential::hexadecimal;
use crate::plan::Plan;
use crate::transport::Endpoint;

/// A capture that was read: every entry is as it was written.
pub struct Capture {
    file: Vec<u8>,
    header: CaptureHeader,
    entries: Vec<Indexed>,
    /// The entry of each call that counts.
    by_call: BTreeMap<CallKey, usize>,
    /// When the run ended, where the file says so.
    ended_at: Option<UtcTime>,
    cut_off_at: Option<usize>,
    /// Found out once: every body has to be read for it.
    finished: OnceLock<BTreeSet<usize>>,
}

struct Indexed {
    entry: Entry,
    frame: Range<usize>,
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Capture")
            .field("header", &self.header)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// No run takes a longer answer, unless it is told to: see [`HttpSettings::max_body_bytes`](crate::HttpSettings::max_body_bytes).
const LONGEST_BODY: usize = 512 * 1024 * 1024;

impl Capture {
    /// Reads the bytes of a file and checks each entry.
    ///
    /// # Errors
    /// Where it is no capture, of another form, or damaged. A file that ends early is none: [`is_whole`](Self::is_whole) tells.
    pub fn read(file: Vec<u8>) -> Result<Self, CaptureError> {
        let (header, mut offset, mut chain) = match frame::find(&file, 0, 0, &[0; 32])? {
            Found::CutOff => return Err(CaptureError::NoHeader),
            Found::Entry { frame, chain } => (header(&file[frame.clone()])?, frame.end, chain),
        };
        let mut capture = Self {
            file,
            header,
            entries: Vec::new(),
            by_call: BTreeMap::new(),
            ended_at: None,
            cut_off_at: None,
            finished: OnceLock::new(),
        };
        let mut number = 1;
        while offset < capture.file.len() {
            match frame::find(&capture.file, offset, number, &chain)? {
                Found::CutOff => {
                    capture.cut_off_at = Some(offset);
                    break;
                }
                Found::Entry { frame, chain: next } => {
                    let damaged = |what| CaptureError::Damaged { entry: number, offset, call: None, what };
                    if capture.ended_at.is_some() {
                        return Err(damaged("it comes after the last"));
                    }
                    let line = frame::line(&capture.file[frame.clone()]);
                    let line = line.map_err(|_| damaged("it cannot be unpacked"))?;
                    let entry: Entry = serde_json::from_str(&line).map_err(|_| damaged("it is not understood"))?;
                    (offset, chain) = (frame.end, next);
                    capture.take(entry, frame);
                    number += 1;
                }
            }
        }
        Ok(capture)
    }

    fn take(&mut self, entry: Entry, frame: Range<usize>) {
        if entry.outcome == Outcome::End {
            self.ended_at = entry.time();
        }
        if let Some(key) = entry.key() {
            let is_exchange = key.endpoint == Endpoint::AccessTokens;
            let known = self.by_call.entry(key).or_insert(self.entries.len());
            // Of requests for a token the first counts: later ones depend on timing. A list that is asked for again, with a
            // new token, ended as it did then.
            if !is_exchange {
                *known = self.entries.len();
            }
        }
        self.entries.push(Indexed { entry, frame });
    }

    /// Whether these may be the first bytes of a capture: a few are enough to tell that they are not.
    pub fn may_begin_with(bytes: &[u8]) -> bool {
        frame::begins(bytes)
    }

    /// Whether a file begins like a capture.
    pub fn begins_like_one(file: &[u8]) -> bool {
        matches!(frame::find(file, 0, 0, &[0; 32]), Ok(Found::Entry { .. }))
    }

    /// What it says of its run.
    pub fn header(&self) -> &CaptureHeader {
        &self.header
    }

    /// How many calls it records.
    pub fn calls(&self) -> usize {
        self.entries.iter().filter(|indexed| indexed.entry.outcome != Outcome::End).count()
    }

    /// Whether its run came to an end and all of it is there.
    pub fn is_whole(&self) -> bool {
        self.ended_at.is_some()
    }

    /// Where in the file the entry begins that is cut off.
    pub fn cut_off_at(&self) -> Option<usize> {
        self.cut_off_at
    }

    /// The SHA-256 of the file, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        hexadecimal(&Sha256::digest(&self.file))
    }

    /// The entries that a run may go on from.
    pub(super) fn finished(&self) -> Result<&BTreeSet<usize>, CaptureError> {
        if let Some(finished) = self.finished.get() {
            return Ok(finished);
        }
        let finished = finished_lists(self)?;
        Ok(self.finished.get_or_init(|| finished))
    }

    /// When its run ended, or what was recorded last.
    pub(crate) fn last_time(&self) -> Option<UtcTime> {
        self.ended_at.or_else(|| self.entries.iter().filter_map(|indexed| indexed.entry.time()).max())
    }

    pub(super) fn place_of(&self, key: &CallKey) -> Option<usize> {
        self.by_call.get(key).copied()
    }

    pub(super) fn line(&self, index: usize) -> &Entry {
        &self.entries[index].entry
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &Entry)> {
        self.entries.iter().map(|indexed| &indexed.entry).enumerate()
    }

    /// An entry with its body.
    pub(super) fn entry(&self, index: usize) -> Result<(Entry, Vec<u8>), CaptureError> {
        let Indexed { entry, frame } = &self.entries[index];
        let damaged = |what| CaptureError::Damaged {
            entry: index as u64 + 1,
            offset: frame.start,
            call: entry.key().map(|key| key.place().to_string()),
            what,
        };
        let Outcome::Answer { body_bytes, body_sha256, .. } = &entry.outcome else {
            return Ok((entry.clone(), Vec::new()));
        };
        if *body_bytes > LONGEST_BODY {
            return Err(damaged("its body is longer than any answer that is taken"));
        }
        let body = frame::body(&self.file[frame.clone()], *body_bytes);
        let body = body.map_err(|_| damaged("its body cannot be unpacked, or is longer than it says"))?;
        if *body_sha256 != hexadecimal(&Sha256::digest(&body)) {
            return Err(damaged("its body is another than the entry says"));
        }
        Ok((entry.clone(), body))
    }

    /// Whether a run of this plan may go on from it at that time.
    ///
    /// # Errors
    /// Where it was made with another plan, or longer ago than `max_age`.
    pub fn must_fit(&self, plan: &Plan, now: UtcTime, max_age: Option<Duration>) -> Result<(), CaptureError> {
        if let Some(difference) = self.header.plan.difference(plan) {
            return Err(CaptureError::OtherPlan(difference));
        }
        let age = now.as_seconds().saturating_sub(self.header.captured_at()?.as_seconds());
        match max_age.map(|max_age| i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX)) {
            Some(limit) if age > limit => {
                Err(CaptureError::TooOld { age_minutes: age / 60, limit_minutes: limit / 60 })
            }
            _ => Ok(()),
        }
    }

    /// Unpacks every body, so that a damaged one is found before anything is made of the others.
    ///
    /// # Errors
    /// Where one is damaged.
    pub fn check_bodies(&self) -> Result<(), CaptureError> {
        (0..self.entries.len()).try_for_each(|index| self.entry(index).map(|_| ()))
    }
}

fn header(frame: &[u8]) -> Result<CaptureHeader, CaptureError> {
    #[derive(serde::Deserialize)]
    struct Form {
        form: u64,
    }
    let line = frame::line(frame).map_err(|_| CaptureError::NotACapture)?;
    let Form { form } = serde_json::from_str(&line).map_err(|_| CaptureError::NotACapture)?;
    if form != FORM {
        return Err(CaptureError::Form(form));
    }
    let header: CaptureHeader = serde_json::from_str(&line).map_err(|error| CaptureError::Plan(error.to_string()))?;
    header.captured_at()?;
    Ok(header)
}
