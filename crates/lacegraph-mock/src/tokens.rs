use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::random::opaque;

/// The tokens that were handed out.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// Tells the tokens of one server from those of another.
    salt: String,
    longest_life: Option<Duration>,
    uses: Option<u32>,
    started: Instant,
    started_at: Option<Timestamp>,
    issued: Mutex<BTreeMap<String, Issued>>,
}

#[derive(Debug)]
struct Issued {
    key_id: String,
    dies: Instant,
    uses_left: Option<u32>,
}

/// What became of a token that a call carried.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is good, and belongs to this key.
    Good(String),
    /// It was good once.
    Dead,
    /// It was never handed out.
    Unknown,
}

impl Tokens {
    pub(crate) fn new(
        salt: String,
        longest_life: Option<Duration>,
        uses: Option<u32>,
        started_at: Option<Timestamp>,
    ) -> Self {
        Self { salt, longest_life, uses, started: Instant::now(), started_at, issued: Mutex::default() }
    }

    /// A new token for a key, and the time at which it expires.
    pub(crate) fn issue(&self, key_id: &str, asked: Duration, now: Instant) -> (String, Timestamp) {
        let life = self.longest_life.map_or(asked, |longest| asked.min(longest));
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        // A hash of a counter: it looks random, and the same run gives the same tokens.
        let token = format!("_{}", opaque(&self.salt, issued.len() as u64));
        issued.insert(token.clone(), Issued { key_id: key_id.to_owned(), dies: now + life, uses_left: self.uses });
        (token, self.wall_clock(now, life))
    }

    /// Looks a token up and counts one use of it.
    pub(crate) fn check(&self, token: &str, now: Instant) -> Verdict {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = issued.get_mut(token) else {
            return Verdict::Unknown;
        };
        if now >= entry.dies || entry.uses_left == Some(0) {
            return Verdict::Dead;
        }
        entry.uses_left = entry.uses_left.map(|uses| uses - 1);
        Verdict::Good(entry.key_id.clone())
    }

    /// Makes every token handed out so far a dead one.
    pub(crate) fn revoke_all(&self) {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in issued.values_mut() {
            entry.uses_left = Some(0);
        }
    }

    /// Every token handed out so far, in no order.
    pub(crate) fn all(&self) -> Vec<String> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    fn wall_clock(&self, now: Instant, life: Duration) -> Timestamp {
        let (base, ahead) = match self.started_at {
            Some(started_at) => (started_at, now.saturating_duration_since(self.started) + life),
            None => (Timestamp::now(), life),
        };
        let ahead = SignedDuration::try_from(ahead).unwrap_or(SignedDuration::MAX);
        base.checked_add(ahead).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Tokens, Verdict};

    #[test]
    fn a_token_lives_as_long_as_asked_and_allowed() {
        let start: jiff::Timestamp = "2026-09-01T08:00:00Z".parse().unwrap();
        let tokens = Tokens::new("1".to_owned(), Some(Duration::from_secs(60)), None, Some(start));
        let now = tokens.started;
        let (short, expires) = tokens.issue("KEY", Duration::from_secs(10), now);
        assert_eq!(expires.to_string(), "2026-09-01T08:00:10Z");
        let (long, expires) = tokens.issue("KEY", Duration::from_secs(3600), now);
        assert_eq!(expires.to_string(), "2026-09-01T08:01:00Z");
        assert_ne!(short, long);
        let at = |seconds: u64| now + Duration::from_secs(seconds);
        assert_eq!(tokens.check(&short, at(9)), Verdict::Good("KEY".to_owned()));
        assert_eq!(tokens.check(&short, at(10)), Verdict::Dead);
        assert_eq!(tokens.check(&long, at(59)), Verdict::Good("KEY".to_owned()));
        assert_eq!(tokens.check(&long, at(60)), Verdict::Dead);
        assert_eq!(tokens.check("_made_up", now), Verdict::Unknown);
    }

    #[test]
    fn a_token_can_wear_out_or_be_revoked() {
        let tokens = Tokens::new("1".to_owned(), None, Some(2), None);
        let (token, _) = tokens.issue("KEY", Duration::from_secs(60), Instant::now());
        assert!(matches!(tokens.check(&token, Instant::now()), Verdict::Good(_)));
        assert!(matches!(tokens.check(&token, Instant::now()), Verdict::Good(_)));
        assert_eq!(tokens.check(&token, Instant::now()), Verdict::Dead);
        let (token, _) = tokens.issue("KEY", Duration::from_secs(60), Instant::now());
        tokens.revoke_all();
        assert_eq!(tokens.check(&token, Instant::now()), Verdict::Dead);
    }
}
