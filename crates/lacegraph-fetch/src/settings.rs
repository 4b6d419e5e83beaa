//! Timeouts and patience.

use std::time::Duration;

/// How calls are made, beyond what is asked.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The connection.
    pub http: HttpSettings,
    /// What happens after a call that failed for now.
    pub retry: RetrySettings,
}

/// The connection to the API.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long the server may stay silent within an answer.
    pub read_timeout: Duration,
    /// How long one try may take in all.
    pub request_timeout: Duration,
    /// The largest body taken, in bytes. A page holds 5,000 rows (vendor documentation), a few megabytes.
    pub max_body_bytes: usize,
    /// The proxy. Calls to loopback never use one.
    pub proxy: ProxyChoice,
    /// Further certificate authorities to trust, each a PEM file's content.
    pub root_certificates: Vec<Vec<u8>>,
}

/// Which proxy calls go through.
#[derive(Clone, Default)]
pub enum ProxyChoice {
    /// The one that the system is set up with, if any.
    #[default]
    System,
    /// None.
    Direct,
    /// The one at this URL, which may carry a user and a password.
    Url(String),
}

impl std::fmt::Debug for ProxyChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Direct => "Direct",
            Self::Url(_) => "Url(..)",
        })
    }
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(600),
            max_body_bytes: 512 * 1024 * 1024,
            proxy: ProxyChoice::System,
            root_certificates: Vec::new(),
        }
    }
}

/// How often and after what delay a call is repeated.
#[derive(Clone, Debug)]
pub struct RetrySettings {
    /// How often a call is tried in all: statuses 502, 503, 504, timeouts, lost connections.
    pub max_attempts: u32,
    /// How often a call is tried that hits the rate limit; `max_wait` ends it sooner.
    pub max_attempts_on_429: u32,
    /// How often a call is tried that is answered 500, which may be an account that never answers.
    pub max_attempts_on_500: u32,
    /// The first delay.
    pub base_delay: Duration,
    /// How much longer each further delay is.
    pub factor: f32,
    /// The longest of these delays. A server may ask for more.
    pub longest_delay: Duration,
    /// The first delay after a call that hit the rate limit, where the server does not say when to come back.
    pub unknown_limit_delay: Duration,
    /// How long a run may wait in all; waits at the same time count once. A wait that would be longer is not begun.
    pub max_wait: Duration,
    /// The lifetime to ask for tokens with; at most 24 hours (vendor documentation).
    pub token_lifetime: Duration,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            max_attempts_on_429: 12,
            max_attempts_on_500: 4,
            base_delay: Duration::from_millis(200),
            factor: 2.0,
            longest_delay: Duration::from_secs(30),
            // At 480 calls an hour there is one more every 7.5 seconds (vendor documentation).
            unknown_limit_delay: Duration::from_secs(8),
            max_wait: Duration::from_secs(900),
            token_lifetime: Duration::from_secs(3600),
        }
    }
}
