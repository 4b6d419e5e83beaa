use std::time::Duration;

use jiff::Timestamp;

/// How a server behaves, whatever the world it serves.
///
/// The default listens on any free port, answers at once and refuses nothing for its rate.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// How long every answer is held back.
    pub latency: Duration,
    /// The longest life of a token; a longer `expiryTime` is cut down to it, and `expiresAt` says so.
    pub token_lifetime: Option<Duration>,
    /// How many data calls a token is good for before it is refused, although `expiresAt` promises more.
    ///
    /// Tokens that die early were seen (field); a client must ask for a new one and repeat.
    pub token_uses: Option<u32>,
    /// The status by which a token that has expired, worn out or been revoked is refused: 401, or 403 (both: field).
    pub dead_token_status: DeadTokenStatus,
    /// The shape of a token answer.
    pub token_form: TokenForm,
    /// The time at which the server starts, for `expiresAt`; without one, the system's clock.
    ///
    /// The life of a token never depends on it: that is measured on the monotonic clock.
    pub started_at: Option<Timestamp>,
    /// The token bucket in force; without one, the documented limit is announced and never enforced.
    pub rate_limit: Option<RateLimit>,
    /// Whose calls share a bucket.
    pub limited_by: LimitedBy,
}

/// How a dead token is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeadTokenStatus {
    /// 401.
    #[default]
    Unauthorized,
    /// 403, as a lack of permission is.
    Forbidden,
}

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LimitedBy {
    /// Those of one key.
    #[default]
    Key,
    /// Those of all keys that belong to one user of an organization (vendor documentation: the limit is per user).
    Owner,
}

/// A token bucket for each key, or each user, and functionality (verb and resource, ids ignored: vendor documentation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// How many calls a full bucket holds.
    pub limit: u32,
    /// How long an empty bucket takes to fill; it fills evenly. Announced in whole seconds.
    pub window: Duration,
    /// What a 429 says in `Retry-After`, sent as it is; the header is undocumented, so by default there is none.
    pub retry_after: Option<String>,
}

impl Default for RateLimit {
    /// The documented limit: 480 calls an hour.
    fn default() -> Self {
        Self { limit: 480, window: Duration::from_secs(3600), retry_after: None }
    }
}

/// The shape of a token answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenForm {
    /// `{"token", "expiresAt"}` with status 201 (vendor documentation).
    #[default]
    Flat,
    /// `{"data": [{"token", "expiresAt"}], "ok": true, "message": "SUCCESS"}` with status 201: an older form (field).
    Envelope,
}
