//! The seam between what is asked and how it travels: live HTTP, a recording, a script in a test.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Carries one request to the API and its answer back. Knows nothing of tokens, pages and retries.
pub trait Transport: Send + Sync {
    /// Sends `request` once.
    ///
    /// # Errors
    /// Where no answer came, or not all of it. Any status is an answer.
    fn send<'a>(&'a self, request: &'a Request) -> TransportFuture<'a>;
}

/// What [`Transport::send`] gives.
pub type TransportFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// A token for a key.
    AccessTokens,
    /// Whose key it is, and which accounts there are.
    UserProfile,
    /// Whether the account is an organization's.
    OrganizationInfo,
    /// The members of the organization, older access model.
    OrganizationMembers,
    /// The members of an account, older access model.
    TeamMembers,
    /// The members of an account, newer access model.
    TeamUsers,
    /// Who did what in an account.
    AuditLogs,
    /// The API keys of an account.
    ApiKeys,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 8] = [
        Self::AccessTokens,
        Self::UserProfile,
        Self::OrganizationInfo,
        Self::OrganizationMembers,
        Self::TeamMembers,
        Self::TeamUsers,
        Self::AuditLogs,
        Self::ApiKeys,
    ];

    /// The endpoint that is spelled so.
    pub(crate) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.as_str() == text)
    }

    /// How messages and the snapshot's calls spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessTokens => "access/tokens",
            Self::UserProfile => "UserProfile",
            Self::OrganizationInfo => "OrganizationInfo",
            Self::OrganizationMembers => "TeamMembers (organization)",
            Self::TeamMembers => "TeamMembers",
            Self::TeamUsers => "TeamUsers",
            Self::AuditLogs => "AuditLogs",
            Self::ApiKeys => "ApiKeys",
        }
    }

    /// The path after `/api/v2/`.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::OrganizationMembers => Self::TeamMembers.as_str(),
            other => other.as_str(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request, complete.
#[derive(Clone, Debug)]
pub struct Request {
    /// The organization it is for, as configured.
    pub organization: String,
    /// The account it is for, by name, where it is for one: what the answer is about, not a header.
    pub account: Option<String>,
    /// What is asked for.
    pub endpoint: Endpoint,
    /// The page, from 1.
    pub page: u32,
    /// Where it goes.
    pub url: Url,
    /// Which data set it selects.
    pub scope: Scope,
    /// How it shows who asks.
    pub authorization: Authorization,
}

/// Which data set a request selects, by header (vendor documentation).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No header: the primary account, or the key itself.
    Primary,
    /// `Account-Name`: one account.
    Account(String),
    /// `Org-Access: true`: the organization.
    Organization,
}

/// How a request shows who asks. `Debug` shows no secret and no token.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// `POST` with the key: asks for a token.
    Key {
        /// The key's id, for the body.
        key_id: String,
        /// The key's secret, for the header `X-LW-UAKS` (vendor documentation).
        secret: SecretString,
        /// The lifetime to ask for.
        lifetime: Duration,
    },
    /// `GET` with a token in `Authorization`.
    Bearer(SecretString),
}

/// An answer: its status, the headers that matter, and the whole body.
#[derive(Clone, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers that matter.
    pub headers: ResponseHeaders,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// Shows the size of the body alone: it may hold a token.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The headers of an answer that matter, as sent; `None` where one is missing or no text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHeaders {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Date`: the server's clock (RFC 9110, 6.6.1).
    pub date: Option<String>,
    /// `Retry-After`: undocumented, honoured where present.
    pub retry_after: Option<String>,
    /// `RateLimit-Limit`: `480`, or `480, 480;w=3600` (vendor documentation).
    pub rate_limit_limit: Option<String>,
    /// `RateLimit-Remaining` (vendor documentation).
    pub rate_limit_remaining: Option<String>,
    /// `RateLimit-Reset`: seconds from now, not a clock time (vendor documentation).
    pub rate_limit_reset: Option<String>,
}

/// No answer, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct TransportError {
    /// What kind of failure it is.
    pub kind: TransportErrorKind,
    /// What the layer below says. Holds neither secret nor token nor URL.
    pub detail: String,
}

/// How a request got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransportErrorKind {
    /// The connection did not come about: name, network, TLS.
    Connect,
    /// The server's certificate is not trusted: asking again makes it no better.
    Certificate,
    /// The proxy wants a user and a password, or others.
    ProxyLogin,
    /// The proxy does not lead to the host.
    Proxy,
    /// It took too long.
    Timeout,
    /// The connection broke before the end of the answer.
    Interrupted,
    /// The body is larger than [`max_body_bytes`](crate::HttpSettings::max_body_bytes).
    TooLarge,
    /// The request could not be made: a header that no header can be, or a recording without this call.
    Request,
}

impl TransportErrorKind {
    /// Whether another try may help.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Connect | Self::Proxy | Self::Timeout | Self::Interrupted)
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::Certificate => "the certificate is not trusted",
            Self::ProxyLogin => "the proxy does not know the user",
            Self::Proxy => "the proxy does not lead there",
            Self::Timeout => "no answer in time",
            Self::Interrupted => "the connection broke",
            Self::TooLarge => "the answer is too large",
            Self::Request => "the request could not be sent",
        })
    }
}
