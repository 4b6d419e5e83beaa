//! What goes wrong, where, and what to do about it.

use std::time::Duration;

use crate::capture::CaptureError;
use crate::place::{Place, tries};
use crate::transport::{Endpoint, TransportError, TransportErrorKind};

/// No snapshot could be made at all. Whatever concerns one organization or account is a problem of the snapshot instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The HTTP client could not be set up.
    #[error("set up the HTTP client: {0}")]
    Client(String),
    /// A thread that puts the snapshot together ended early.
    #[error("put the snapshot together: a thread of it ended early")]
    RecorderStopped,
    /// The capture of the run cannot be written any more; what ends it tells why.
    #[error("take the run down")]
    CaptureStopped,
    /// The capture that it is made from, or that it goes on from, is of no use.
    #[error(transparent)]
    Capture(#[from] CaptureError),
}

impl FetchError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Client(_) => {
                "check the system's proxy settings, and that its certificate authorities are installed (package ca-certificates)"
            }
            Self::CaptureStopped => "check that there is room on the disk",
            Self::Capture(error) => error.hint(),
            Self::RecorderStopped => "this is a defect of the tool; please report it with the command that was run",
        }
    }
}

/// One call failed for good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No answer came.
    #[error("{place}: {source} ({})", tries(*.attempts))]
    NoAnswer {
        /// Where.
        place: Box<Place>,
        /// How often it was tried.
        attempts: u32,
        /// What the transport says of the last try.
        source: TransportError,
    },
    /// The API answered with a status that means no.
    #[error("{place}: status {status}{} ({})", said(.message.as_deref()), tries(*.attempts))]
    Status {
        /// Where.
        place: Box<Place>,
        /// How often it was tried.
        attempts: u32,
        /// The status.
        status: u16,
        /// What the answer says, cut to 300 characters.
        message: Option<String>,
        /// Whether the answer is a web page, which the API never sends.
        is_html: bool,
    },
    /// The answer is not what it should be.
    #[error("{place}: status {status}, {fault} (content type {})", .content_type.as_deref().unwrap_or("not given"))]
    Body {
        /// Where.
        place: Box<Place>,
        /// The status.
        status: u16,
        /// The `Content-Type`.
        content_type: Option<String>,
        /// What is wrong.
        fault: BodyFault,
    },
    /// The page after cannot be asked for.
    #[error("{place}: {fault}")]
    Paging {
        /// The page that names the next.
        place: Box<Place>,
        /// What is wrong.
        fault: PagingFault,
    },
    /// Both lists of an account, of the older and the newer access model, were refused.
    #[error("{legacy}; {newer}")]
    BothLists {
        /// The answer of `TeamMembers`.
        legacy: Box<Self>,
        /// The answer of `TeamUsers`.
        newer: Box<Self>,
    },
    /// It was not made, or not made again: the API wants no such call for longer than the run may wait.
    #[error(
        "{place}: {}the next try has to wait {}, more than is left of the {} for all waits of the run ({})",
        last(*.status, .failure.as_ref()), duration(*.wait), duration(*.max_wait), tries(*.attempts)
    )]
    WaitTooLong {
        /// Where.
        place: Box<Place>,
        /// How often it was tried; zero where calls before it had used the limit up.
        attempts: u32,
        /// The status of the last try.
        status: Option<u16>,
        /// What the transport says of the last try, where no answer came.
        failure: Option<TransportError>,
        /// How long it would have had to wait.
        wait: Duration,
        /// How long all waits of the run may take.
        max_wait: Duration,
    },
    /// The run is made again from a capture, which ends before this call.
    #[error("{place}: the capture does not have it")]
    NotCaptured {
        /// Where.
        place: Box<Place>,
    },
    /// There is no key to ask with.
    #[error("organization {organization}: it has no key")]
    NoKey {
        /// The organization.
        organization: String,
    },
    /// The account has an API base of its own, but no key: the organization's key goes to no other host.
    #[error("organization {organization}, account {account}: it has a host of its own but no key of its own")]
    NoKeyForBase {
        /// The organization.
        organization: String,
        /// The account.
        account: String,
    },
}

/// What is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyFault {
    /// A web page.
    #[error("HTML instead of JSON")]
    Html,
    /// Nothing at all.
    #[error("an empty body")]
    Empty,
    /// It ends in the middle of the JSON.
    #[error("JSON that is cut off after {0} bytes")]
    CutOff(usize),
    /// No JSON, or of another form.
    #[error("no JSON of the expected form, line {line} column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Bytes that are no UTF-8.
    #[error("text that is not UTF-8")]
    NotUtf8,
    /// JSON without the rows.
    #[error("JSON without a `data` list")]
    NoData,
    /// An answer to a request for a token that holds none.
    #[error("no token in the answer")]
    NoToken,
}

/// Why the next page cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PagingFault {
    /// It is at another scheme, host or port.
    #[error("the next page is at {0}, another origin than the API's")]
    Foreign(String),
    /// It was read already.
    #[error("the next page was read before")]
    Loop,
    /// It is named by no URL and no token.
    #[error("the field that names the next page is not understood")]
    NotUnderstood,
}

impl CallError {
    /// The error without its organization and account, for a report that names them in columns of its own.
    pub fn for_report(&self) -> String {
        match self {
            Self::NoAnswer { place, .. }
            | Self::Status { place, .. }
            | Self::Body { place, .. }
            | Self::WaitTooLong { place, .. }
            | Self::NotCaptured { place }
            | Self::Paging { place, .. } => {
                let text = self.to_string();
                text.strip_prefix(&place.owner()).map(str::to_owned).unwrap_or(text)
            }
            Self::BothLists { legacy, newer } => format!("{}; {}", legacy.for_report(), newer.for_report()),
            Self::NoKey { .. } => "there is no key to ask with".to_owned(),
            Self::NoKeyForBase { .. } => "it has a host of its own but no key of its own".to_owned(),
        }
    }

    /// The HTTP status, where an answer came; that of the newer list where two were asked for.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } | Self::Body { status, .. } => Some(*status),
            Self::BothLists { newer, .. } => newer.status(),
            Self::WaitTooLong { status, .. } => *status,
            _ => None,
        }
    }

    /// How often the call was tried.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::NoAnswer { attempts, .. } | Self::Status { attempts, .. } | Self::WaitTooLong { attempts, .. } => {
                *attempts
            }
            Self::NotCaptured { .. } => 0,
            _ => 1,
        }
    }

    /// Whether the API refused a request for a token: the key is of no use.
    pub fn is_refused_key(&self) -> bool {
        match self {
            Self::Status { place, status, .. } => {
                place.endpoint == Endpoint::AccessTokens && (400..500).contains(status) && *status != 429
            }
            _ => false,
        }
    }

    /// Whether it is about the key, so that no call was made for what was wanted.
    pub(crate) fn is_about_key(&self) -> bool {
        match self {
            Self::NoAnswer { place, .. }
            | Self::Status { place, .. }
            | Self::Body { place, .. }
            | Self::NotCaptured { place }
            | Self::WaitTooLong { place, .. } => place.endpoint == Endpoint::AccessTokens,
            Self::NoKey { .. } | Self::NoKeyForBase { .. } => true,
            _ => false,
        }
    }

    /// Whether the status is one by which a list is switched off or refused.
    ///
    /// How a list that is switched off is answered is not established, so all of them are taken.
    pub(crate) fn is_list_not_available(&self) -> bool {
        matches!(self, Self::Status { place, status: 400 | 403 | 404 | 405 | 410 | 501, .. }
            if place.endpoint != Endpoint::AccessTokens)
    }

    /// Whether the directory is refused: the API answers so to those who are no organization admins (500: vendor client
    /// source).
    pub(crate) fn is_directory_refused(&self) -> bool {
        matches!(self, Self::Status { place, status: 401 | 403 | 404 | 500, is_html: false, .. }
            if place.endpoint == Endpoint::UserProfile)
    }

    /// Whether the API refused: by a status by which a list is switched off or refused, or as if the token were none.
    pub(crate) fn is_refusal(&self) -> bool {
        if let Self::BothLists { legacy, newer } = self {
            return legacy.is_refusal() && newer.is_refusal();
        }
        // A web page is a proxy's word.
        let is_html = matches!(self, Self::Status { is_html: true, .. });
        !is_html && (self.is_list_not_available() || (self.status() == Some(401) && !self.is_about_key()))
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoAnswer { source, .. } | Self::WaitTooLong { failure: Some(source), .. } => match source.kind {
                TransportErrorKind::Connect => {
                    "check the account or host name, the network, the proxy and the certificates"
                }
                TransportErrorKind::Certificate => {
                    "if a proxy or the company signs certificates, name its authority with --ca-cert FILE; else check the host: \
                     somebody may be in between"
                }
                TransportErrorKind::ProxyLogin => {
                    "check the user and the password in --proxy or HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT"
                }
                TransportErrorKind::Proxy => {
                    "check that the proxy may lead to this host; --proxy names another, NO_PROXY goes without"
                }
                TransportErrorKind::Timeout => {
                    "run again; if it stays so, check the network and the proxy, lower --concurrency, or raise --timeout"
                }
                TransportErrorKind::Interrupted => {
                    "run again; if it stays so, check the network and the proxy, or lower --concurrency"
                }
                TransportErrorKind::TooLarge => "this is no list of members; check the host",
                TransportErrorKind::Request => {
                    "check that the key, its secret and the account's name hold no stray characters"
                }
            },
            Self::Status { is_html: true, .. } | Self::Body { fault: BodyFault::Html, .. } => {
                "a proxy or a login page answered instead of the API; check the host and the proxy"
            }
            Self::Status { place, status, .. } => match (place.endpoint, status) {
                (_, 400 | 403 | 404 | 410) if place.page > 1 => {
                    "run again: the pages before were granted, and the address of this one is no longer good"
                }
                // The answer to callers who are no organization admins (vendor client source).
                (Endpoint::UserProfile | Endpoint::OrganizationInfo, 401 | 403 | 404 | 500) => {
                    "the API tells it to organization admins: name the accounts in the configuration, or use the key of one"
                }
                (Endpoint::AccessTokens, 400..=428 | 430..=499) => {
                    "check the key id, its secret and that the key is enabled and belongs to this account or host"
                }
                (_, 401) => {
                    "the API takes no token of this key: check that the key belongs to this host, and that no proxy takes the \
                     header Authorization away"
                }
                (_, 429) => "the rate limit is 480 calls an hour for each user and list; wait, or use another key",
                (_, 500..) => "the API has a fault of its own; run again later",
                (_, 400..=499) => {
                    "the key's owner may not read this; use the key of an organization admin, or a key of the account's own"
                }
                _ => "check the host and the proxy; redirects are never followed",
            },
            Self::Body { fault: BodyFault::CutOff(_) | BodyFault::Empty, .. } => {
                "run again; if it stays so, a proxy may be cutting the answers off"
            }
            Self::Body { .. } => "check that the host is the API's; if it is, please report the form of the answer",
            Self::Paging { .. } => {
                "run again; if it stays so, report it to the vendor: the list cannot be read to its end"
            }
            Self::WaitTooLong { status: Some(500..), .. } => {
                "the API asks to be left alone for that long; run again later, or raise --max-wait"
            }
            Self::WaitTooLong { .. } => {
                "the API allows 480 calls an hour for each user and kind of call; raise --max-wait, run again later, or use another user's key"
            }
            Self::NotCaptured { .. } => {
                "the run that wrote the capture was interrupted; run the export again with --resume"
            }
            Self::BothLists { newer, .. } => newer.hint(),
            Self::NoKey { .. } => "give the account a key, or the organization one that reaches it",
            Self::NoKeyForBase { .. } => "give the account a key, or remove its host",
        }
    }
}

fn last(status: Option<u16>, failure: Option<&TransportError>) -> String {
    match (status, failure) {
        (Some(status), _) => format!("status {status}; "),
        (None, Some(failure)) => format!("{failure}; "),
        (None, None) => String::new(),
    }
}

/// `less than a second`, `8 s`, `12 min`, `3 h`.
fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0 if !duration.is_zero() => "less than a second".to_owned(),
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3600)),
    }
}

fn said(message: Option<&str>) -> String {
    message.map(|message| format!(": {message}")).unwrap_or_default()
}
