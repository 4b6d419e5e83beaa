use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::key::MockKey;
use crate::options::{LimitedBy, RateLimit};

/// What the three rate limit headers say, and whether the call may go ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gauge {
    pub(crate) allowed: bool,
    limit: u32,
    window_seconds: u64,
    pub(crate) remaining: u32,
    /// Seconds from now: to a full bucket, or, of an empty one, to the next call that may go ahead.
    pub(crate) reset_seconds: u64,
}

impl Gauge {
    /// `480, 480;w=3600` (vendor documentation): the leading integer is the limit.
    pub(crate) fn limit_text(&self) -> String {
        format!("{0}, {0};w={1}", self.limit, self.window_seconds)
    }
}

/// The token buckets, one for each key and functionality.
#[derive(Debug)]
pub(crate) struct Limiter {
    rule: RateLimit,
    enforced: bool,
    limited_by: LimitedBy,
    buckets: Mutex<BTreeMap<(String, String), Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: f64,
    seen: Instant,
}

impl Limiter {
    pub(crate) fn new(rule: Option<RateLimit>, limited_by: LimitedBy) -> Self {
        Self { enforced: rule.is_some(), rule: rule.unwrap_or_default(), limited_by, buckets: Mutex::default() }
    }

    /// Whose bucket a key takes from. A key of an unknown owner is alone.
    pub(crate) fn caller(&self, key: &MockKey) -> String {
        match self.limited_by {
            LimitedBy::Owner if !key.owner.is_empty() => format!("{}/{}", key.organization, key.owner.to_lowercase()),
            LimitedBy::Owner | LimitedBy::Key => key.key_id.clone(),
        }
    }

    pub(crate) fn retry_after(&self) -> Option<&str> {
        self.rule.retry_after.as_deref()
    }

    /// Takes one call out of the bucket of `caller` (a key id, or a user) and `functionality` (verb and resource).
    pub(crate) fn take(&self, caller: &str, functionality: &str, now: Instant) -> Gauge {
        let limit = f64::from(self.rule.limit);
        let window = self.rule.window.as_secs_f64();
        if !self.enforced {
            return self.gauge(true, limit - 1.0, window / limit.max(1.0));
        }
        let per_second = if window > 0.0 { limit / window } else { f64::INFINITY };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket =
            buckets.entry((caller.to_owned(), functionality.to_owned())).or_insert(Bucket { level: limit, seen: now });
        let elapsed = now.saturating_duration_since(bucket.seen).as_secs_f64();
        if elapsed > 0.0 {
            bucket.level = (bucket.level + elapsed * per_second).min(limit);
            bucket.seen = now;
        }
        let allowed = bucket.level >= 1.0;
        if allowed {
            bucket.level -= 1.0;
        }
        let missing = if bucket.level >= 1.0 { limit - bucket.level } else { 1.0 - bucket.level };
        // A bucket that holds nothing at all never fills; a window is the longest that may be announced.
        let seconds = if per_second > 0.0 { missing / per_second } else { window };
        self.gauge(allowed, bucket.level, seconds)
    }

    fn gauge(&self, allowed: bool, level: f64, seconds: f64) -> Gauge {
        Gauge {
            allowed,
            limit: self.rule.limit,
            window_seconds: self.rule.window.as_secs_f64().ceil() as u64,
            remaining: level.max(0.0).floor() as u32,
            reset_seconds: seconds.max(0.0).ceil() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LimitedBy, Limiter, RateLimit};

    #[test]
    fn a_bucket_empties_and_fills_evenly() {
        let rule = RateLimit { limit: 2, window: Duration::from_secs(100), retry_after: None };
        let limiter = Limiter::new(Some(rule), LimitedBy::Key);
        let start = Instant::now();
        let at = |seconds| limiter.take("KEY", "GET TeamMembers", start + Duration::from_secs(seconds));
        assert_eq!(at(0).limit_text(), "2, 2;w=100");
        let second = at(0);
        assert!(second.allowed);
        assert_eq!((second.remaining, second.reset_seconds), (0, 50));
        let third = at(20);
        assert!(!third.allowed);
        assert_eq!((third.remaining, third.reset_seconds), (0, 30));
        assert!(at(50).allowed);
        assert!(!at(50).allowed);
        assert!(limiter.take("OTHER", "GET TeamMembers", start).allowed);
        assert!(limiter.take("KEY", "GET UserProfile", start).allowed);
    }

    #[test]
    fn without_a_rule_nothing_is_refused() {
        let limiter = Limiter::new(None, LimitedBy::Key);
        let now = Instant::now();
        assert!((0..1000).all(|_| limiter.take("KEY", "GET TeamMembers", now).allowed));
        assert_eq!(limiter.take("KEY", "GET TeamMembers", now).limit_text(), "480, 480;w=3600");
        assert_eq!(limiter.take("KEY", "GET TeamMembers", now).remaining, 479);
    }
}
