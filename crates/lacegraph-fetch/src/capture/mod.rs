//! A capture: every answer of a run, in one file, so that the run can be made again without the API.
//!
//! # The file
//!
//! A sequence of entries, each closed by itself, so that a run that is interrupted leaves a file that is good up to there.
//! An entry is a frame of zstd (RFC 8878) behind a skippable frame (RFC 8878, 3.1.2) that guards it, so `zstd -dc` prints
//! the whole file as text:
//!
//! ```text
//! guard:  50 2A 4D 18                          magic of a skippable frame
//!         38 00 00 00                          its length: 56 bytes, little-endian, as all numbers here
//!         number of the entry, from 0          8 bytes
//!         length of the frame that follows     8 bytes
//!         check                                8 bytes: the beginning of SHA-256(chain of the entry before | number | length)
//!         chain                                32 bytes: SHA-256(chain of the entry before | number | length | frame);
//!                                              before the first entry 32 zeros
//! frame:  one line of JSON, the body of the answer where there is one, a line break
//! ```
//!
//! Entry 0 is the [`CaptureHeader`]: the plan without secrets, settings, the clock, the tool's version. Then an entry for each
//! call by its final outcome: `organization`, `account`, `endpoint`, `page`, `time`, `attempts` and `outcome`, which is
//! `answer` (any status; with `status`, `content_type`, `body_bytes`, `body_sha256`), `failed` (no answer) or `key_failed` (the key got
//! no token for it). A request for a token is `granted` with the status alone, or `failed`. The last entry is `end`.
//!
//! No secret and no token is in it: a body that repeats one is recorded without.

mod entry;
mod frame;
mod header;
mod reader;
mod recorded;
mod writer;

pub use header::CaptureHeader;
pub(crate) use header::KeyRecord;
pub use reader::Capture;
pub use writer::{CaptureEnd, CaptureWriter};

pub(crate) use entry::CallKey;
pub(crate) use recorded::Recorded;

/// A capture that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// It could not be written.
    #[error("write the capture")]
    Write(#[source] std::io::Error),
    /// The thread that writes it ended early.
    #[error("write the capture: its thread ended early")]
    WriterStopped,
    /// It is something else.
    #[error("read the capture: it does not begin like one")]
    NotACapture,
    /// Not even its first entry is whole.
    #[error("read the capture: it is cut off within its first entry")]
    NoHeader,
    /// Another version of the form.
    #[error("read the capture: it has form {0}, this version of lacegraph reads form {FORM}")]
    Form(u64),
    /// An entry is not what was written.
    #[error("read the capture: entry {entry}{}, at byte {offset}, is damaged: {what}", about(.call.as_deref()))]
    Damaged {
        /// Which, from 0.
        entry: u64,
        /// Where in the file it begins.
        offset: usize,
        /// What it is about, where that can still be told.
        call: Option<String>,
        /// What is wrong.
        what: &'static str,
    },
    /// It records a plan that cannot be made again.
    #[error("read the capture: its plan is not understood: {0}")]
    Plan(String),
    /// A run cannot go on from it: it was made with another plan.
    #[error("go on from the capture: it was made with another {0}")]
    OtherPlan(String),
    /// A run cannot go on from it: it is too old.
    #[error("go on from the capture: it was begun {age_minutes} minutes ago, and the limit is {limit_minutes}")]
    TooOld {
        /// Its age.
        age_minutes: i64,
        /// The limit.
        limit_minutes: i64,
    },
}

impl CaptureError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Write(_) => "check that there is room on the disk and that you may write there",
            Self::WriterStopped => "this is a defect of the tool; please report it with the command that was run",
            Self::NotACapture => "name a file that `export --capture` wrote",
            Self::NoHeader => "nothing of it can be used; run the export again",
            Self::Form(_) => "use the version of lacegraph that wrote it",
            Self::Damaged { .. } => {
                "it was changed after it was written, on purpose or by a fault of the disk: use a copy"
            }
            Self::Plan(_) => "use the version of lacegraph that wrote it",
            Self::OtherPlan(_) => {
                "use the configuration that it was made with, or run the export anew without --resume"
            }
            Self::TooOld { .. } => {
                "run the export anew without --resume; or raise --resume-max-age, if what was read then may stand beside what is read now"
            }
        }
    }
}

fn about(call: Option<&str>) -> String {
    call.map(|call| format!(" ({call})")).unwrap_or_default()
}

/// The version of the form.
const FORM: u64 = 1;
