//! How long to wait before a call is repeated.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use jiff::Timestamp;
use lacegraph_model::UtcTime;

use crate::settings::RetrySettings;
use crate::transport::ResponseHeaders;

/// The delays of one call: growing, and spread by a jitter.
pub(crate) struct Delays {
    backoff: ExponentialBackoff,
}

impl Delays {
    /// The delays of the call that `call` tells from all others: calls that fail together come back apart.
    pub(crate) fn new(settings: &RetrySettings, call: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        call.hash(&mut hasher);
        let backoff = ExponentialBuilder::new()
            .with_min_delay(settings.base_delay)
            .with_factor(settings.factor)
            .with_max_delay(settings.longest_delay)
            .with_max_times(usize::MAX)
            .with_jitter()
            .with_jitter_seed(hasher.finish())
            .build();
        Self { backoff }
    }

    /// The delay before the next try, at least as long as the server `asked` for.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let own = self.backoff.next().unwrap_or_default();
        asked.map_or(own, |asked| asked.max(own))
    }
}

/// How long the server asks to wait: by `Retry-After` in seconds or as an HTTP date, and on 429 by `RateLimit-Reset`,
/// whichever is longer.
///
/// Headers that are empty or make no sense ask for nothing.
pub(crate) fn asked_wait(status: u16, headers: &ResponseHeaders, now: UtcTime) -> Option<Duration> {
    let retry_after = headers.retry_after.as_deref().and_then(|text| seconds(text).or_else(|| until(text, now)));
    let reset = headers.rate_limit_reset.as_deref().and_then(seconds);
    if status == 429 { retry_after.max(reset) } else { retry_after }
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn until(text: &str, now: UtcTime) -> Option<Duration> {
    Some(Duration::from_secs(u64::try_from(seconds_until(text, now)?).unwrap_or(0)))
}

/// Seconds from `now` to an HTTP date, which has no fractions; negative where that is past.
pub(crate) fn seconds_until(text: &str, now: UtcTime) -> Option<i64> {
    let date: Timestamp = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(date.as_second().saturating_sub(now.as_seconds()))
}

/// What an answer says of the rate limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls allowed in a window; 480 an hour for each user and list (vendor documentation).
    pub limit: Option<u64>,
    /// Calls left.
    pub remaining: Option<u64>,
    /// Seconds until there are more.
    pub reset_seconds: Option<u64>,
}

impl RateLimit {
    /// Reads the three headers; the limit may read `480, 480;w=3600`.
    pub(crate) fn of(headers: &ResponseHeaders) -> Self {
        Self {
            limit: leading_integer(headers.rate_limit_limit.as_deref()),
            remaining: leading_integer(headers.rate_limit_remaining.as_deref()),
            reset_seconds: leading_integer(headers.rate_limit_reset.as_deref()),
        }
    }
}

fn leading_integer(text: Option<&str>) -> Option<u64> {
    let text = text?.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(status: u16, retry_after: &str, reset: Option<&str>) -> Option<u64> {
        let headers = ResponseHeaders {
            retry_after: Some(retry_after.to_owned()),
            rate_limit_reset: reset.map(str::to_owned),
            ..ResponseHeaders::default()
        };
        // 2026-09-01T08:00:00Z
        let now = UtcTime::from_seconds(1_788_249_600).unwrap();
        asked_wait(status, &headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        assert_eq!(asked(503, "7", None), Some(7));
        assert_eq!(asked(503, "Tue, 01 Sep 2026 08:00:30 GMT", None), Some(30));
        assert_eq!(asked(503, "Tue, 01 Sep 2026 07:00:00 GMT", None), Some(0));
        for nonsense in ["", "soon", "-1", "NaN", "inf", "1e300"] {
            assert_eq!(asked(503, nonsense, None), None, "{nonsense}");
            assert_eq!(asked(429, nonsense, Some("9")), Some(9), "{nonsense}");
        }
        assert_eq!(asked(503, "", Some("9")), None);
        assert_eq!((asked(429, "0", Some("9")), asked(429, "60", Some("9"))), (Some(9), Some(60)));
    }

    #[test]
    fn delays_grow_up_to_a_limit() {
        let settings = RetrySettings { longest_delay: Duration::from_secs(2), ..RetrySettings::default() };
        let mut delays = Delays::new(&settings, "call");
        let first = delays.next(None);
        assert!((200..=400).contains(&first.as_millis()), "{first:?}");
        assert_eq!(delays.next(Some(Duration::from_secs(90))), Duration::from_secs(90));
        let third = delays.next(None);
        assert!((800..=1600).contains(&third.as_millis()), "{third:?}");
        let later = (0..9).map(|_| delays.next(None)).max().unwrap();
        assert!(later <= Duration::from_secs(4), "{later:?}");
    }

    #[test]
    fn rate_limits_in_both_spellings() {
        let headers = ResponseHeaders {
            rate_limit_limit: Some("480, 480;w=3600".to_owned()),
            rate_limit_remaining: Some("12".to_owned()),
            rate_limit_reset: Some("".to_owned()),
            ..ResponseHeaders::default()
        };
        assert_eq!(RateLimit::of(&headers), RateLimit { limit: Some(480), remaining: Some(12), reset_seconds: None });
    }
}
