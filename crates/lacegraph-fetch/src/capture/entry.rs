//! What a capture says of one call.

use std::time::Duration;

use lacegraph_model::UtcTime;
use serde::{Deserialize, Serialize};

use crate::error::{BodyFault, CallError};
use crate::place::Place;
use crate::transport::{Endpoint, TransportError, TransportErrorKind};

/// The line of JSON of an entry after the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Empty for `end`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) organization: String,
    /// The account that is asked for. Of a request for a token: the first account that the key is for, `None` for the
    /// organization's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) endpoint: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) page: u32,
    /// RFC 3339, by the run's clock.
    pub(super) time: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) attempts: u32,
    /// Whether it was taken over from the capture of an earlier run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) taken_over: bool,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum Outcome {
    /// An answer came, of whatever status; its body follows the line.
    Answer { status: u16, content_type: Option<String>, body_bytes: usize, body_sha256: String },
    /// A token was granted.
    Granted { status: u16 },
    /// The call itself failed.
    Failed { fault: Fault },
    /// The key got no token for it.
    KeyFailed { fault: Fault },
    /// The run is over.
    End,
}

/// Why there is no answer, or why it is not recorded: answers to requests for a token are not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Fault {
    NoAnswer {
        failure: TransportErrorKind,
        detail: String,
    },
    Refused {
        status: u16,
        message: Option<String>,
        is_html: bool,
    },
    NoToken {
        status: u16,
        content_type: Option<String>,
        is_html: bool,
    },
    WaitTooLong {
        status: Option<u16>,
        failure: Option<(TransportErrorKind, String)>,
        wait_milliseconds: u64,
        max_wait_milliseconds: u64,
    },
    NoKey,
}

impl Fault {
    /// The fault that an error tells of; `None` for errors that no call ends with.
    pub(super) fn of(error: &CallError) -> Option<Self> {
        Some(match error {
            CallError::NoAnswer { source, .. } => {
                Self::NoAnswer { failure: source.kind, detail: source.detail.clone() }
            }
            CallError::Status { status, message, is_html, .. } => {
                Self::Refused { status: *status, message: message.clone(), is_html: *is_html }
            }
            CallError::Body { status, content_type, fault, .. } => Self::NoToken {
                status: *status,
                content_type: content_type.clone(),
                is_html: *fault == BodyFault::Html,
            },
            CallError::WaitTooLong { status, failure, wait, max_wait, .. } => Self::WaitTooLong {
                status: *status,
                failure: failure.as_ref().map(|failure| (failure.kind, failure.detail.clone())),
                wait_milliseconds: milliseconds(*wait),
                max_wait_milliseconds: milliseconds(*max_wait),
            },
            CallError::NoKey { .. } => Self::NoKey,
            _ => return None,
        })
    }

    /// The error at that place.
    pub(super) fn error(&self, place: Place, attempts: u32) -> CallError {
        let organization = place.organization.clone();
        let place = Box::new(place);
        match self.clone() {
            Self::NoAnswer { failure: kind, detail } => {
                CallError::NoAnswer { place, attempts, source: TransportError { kind, detail } }
            }
            Self::Refused { status, message, is_html } => {
                CallError::Status { place, attempts, status, message, is_html }
            }
            Self::NoToken { status, content_type, is_html } => {
                let fault = if is_html { BodyFault::Html } else { BodyFault::NoToken };
                CallError::Body { place, status, content_type, fault }
            }
            Self::WaitTooLong { status, failure, wait_milliseconds, max_wait_milliseconds } => {
                let failure = failure.map(|(kind, detail)| TransportError { kind, detail });
                let (wait, max_wait) =
                    (Duration::from_millis(wait_milliseconds), Duration::from_millis(max_wait_milliseconds));
                CallError::WaitTooLong { place, attempts, status, failure, wait, max_wait }
            }
            Self::NoKey => CallError::NoKey { organization },
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Which call an entry is about: no run makes the same one twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallKey {
    pub(crate) organization: String,
    pub(crate) account: Option<String>,
    pub(crate) endpoint: Endpoint,
    pub(crate) page: u32,
}

impl From<&Place> for CallKey {
    fn from(place: &Place) -> Self {
        let Place { organization, account, endpoint, page } = place.clone();
        Self { organization, account, endpoint, page }
    }
}

impl CallKey {
    pub(super) fn place(&self) -> Place {
        let Self { organization, account, endpoint, page } = self.clone();
        Place { organization, account, endpoint, page }
    }
}

impl Entry {
    pub(super) fn new(key: CallKey, time: UtcTime, attempts: u32, outcome: Outcome) -> Self {
        let CallKey { organization, account, endpoint, page } = key;
        let (endpoint, time) = (endpoint.as_str().to_owned(), time.to_rfc3339());
        Self { organization, account, endpoint, page, time, attempts, taken_over: false, outcome }
    }

    pub(super) fn end(time: UtcTime) -> Self {
        Self {
            organization: String::new(),
            account: None,
            endpoint: String::new(),
            page: 0,
            time: time.to_rfc3339(),
            attempts: 0,
            taken_over: false,
            outcome: Outcome::End,
        }
    }

    /// Which call it is about; `None` for the end, and for endpoints that this version does not know.
    pub(super) fn key(&self) -> Option<CallKey> {
        let endpoint = Endpoint::named(&self.endpoint)?;
        let (organization, account) = (self.organization.clone(), self.account.clone());
        Some(CallKey { organization, account, endpoint, page: self.page })
    }

    pub(super) fn time(&self) -> Option<UtcTime> {
        UtcTime::from_timestamp(self.time.parse().ok()?)
    }
}
