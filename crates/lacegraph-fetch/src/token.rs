//! The tokens of one key.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::Instant;

use crate::error::CallError;
use crate::wire::{Rows, Text};

/// A token in use.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) secret: SecretString,
    /// How many tokens of its key came before, plus one.
    pub(crate) generation: u64,
    obtained: Instant,
    renew_at: Instant,
}

impl Token {
    pub(crate) fn new(granted: Granted, generation: u64, obtained: Instant) -> Self {
        let margin = (granted.lifetime / 10).min(Duration::from_secs(60));
        let renew_at = obtained + granted.lifetime.saturating_sub(margin);
        Self { secret: granted.token, generation, obtained, renew_at }
    }

    /// How long ago it was granted.
    pub(crate) fn age(&self) -> Duration {
        self.obtained.elapsed()
    }

    /// Whether it can still be used: not about to expire, and not the one that was refused.
    pub(crate) fn is_fit(&self, refused: Option<u64>, now: Instant) -> bool {
        refused != Some(self.generation) && now < self.renew_at
    }
}

/// What a key has got so far.
#[derive(Debug, Default)]
pub(crate) enum TokenState {
    /// Nothing yet, or something that did not last.
    #[default]
    None,
    /// A token.
    Held(Token),
    /// A refusal, which is not asked for again.
    Refused(CallError),
}

/// A token as the API grants it.
#[derive(Debug)]
pub(crate) struct Granted {
    token: SecretString,
    lifetime: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenAnswer<'a> {
    #[serde(default, borrow)]
    token: Text<'a>,
    #[serde(default, borrow)]
    expires_at: Text<'a>,
}

impl Granted {
    /// Reads both forms of the answer: flat, and in `data` (older, seen in the field). `None` where no token is in it.
    ///
    /// `asked` is the lifetime asked for. `expiresAt` counts where it makes the token live shorter by our clock;
    /// where the clocks differ too much to tell, `asked` does, and a token that dies early is renewed on refusal.
    pub(crate) fn read(body: &[u8], asked: Duration, now: Timestamp) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let flat = serde_json::from_str::<TokenAnswer<'_>>(text).ok().filter(|answer| !answer.token.is_empty());
        let enveloped = || serde_json::from_str::<Rows<TokenAnswer<'_>>>(text).ok()?.rows?.into_iter().next();
        let answer = flat.or_else(enveloped)?;
        let token = answer.token.non_empty()?;
        let expires: Option<Timestamp> = answer.expires_at.non_empty().and_then(|text| text.parse().ok());
        let left = expires.and_then(|expires| Duration::try_from(expires.duration_since(now)).ok());
        let lifetime = left.filter(|left| !left.is_zero()).map_or(asked, |left| left.min(asked));
        Some(Self { token: SecretString::from(token.to_owned()), lifetime })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const ASKED: Duration = Duration::from_secs(3600);

    fn read(body: &str) -> Option<(String, u64)> {
        let now = "2026-02-03T10:00:00Z".parse().unwrap();
        let granted = Granted::read(body.as_bytes(), ASKED, now)?;
        Some((granted.token.expose_secret().to_owned(), granted.lifetime.as_secs()))
    }

    #[test]
    fn both_forms() {
        let flat = r#"{"token":"a","expiresAt":"2026-02-03T10:15:00.000Z"}"#;
        assert_eq!(read(flat), Some(("a".to_owned(), 900)));
        let envelope = r#"{"data":[{"expiresAt":"2026-02-03T10:15:00Z","token":"b"}],"ok":true,"message":"SUCCESS"}"#;
        assert_eq!(read(envelope), Some(("b".to_owned(), 900)));
    }

    #[test]
    fn clocks_that_differ_do_not_matter() {
        for expires in ["2026-02-03T09:00:00Z", "2030-01-01T00:00:00Z", "tomorrow", ""] {
            let body = format!(r#"{{"token":"a","expiresAt":"{expires}"}}"#);
            assert_eq!(read(&body), Some(("a".to_owned(), 3600)), "{expires}");
        }
    }

    #[test]
    fn no_token() {
        for body in ["{}", "", "<html>", r#"{"token":""}"#, r#"{"data":[]}"#, r#"{"data":[{"token":null}]}"#] {
            assert_eq!(read(body), None, "{body}");
        }
    }

    #[test]
    fn renewed_ahead_of_its_end() {
        let granted =
            |seconds| Granted { token: SecretString::from("a".to_owned()), lifetime: Duration::from_secs(seconds) };
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let hour = Token::new(granted(3600), 1, start);
        assert!(hour.is_fit(None, after(3539)) && !hour.is_fit(None, after(3540)));
        assert!(!hour.is_fit(Some(1), start) && hour.is_fit(Some(0), start));
        let short = Token::new(granted(20), 1, start);
        assert!(short.is_fit(None, after(17)) && !short.is_fit(None, after(18)));
    }

    #[test]
    fn debug_is_redacted() {
        let granted = Granted { token: SecretString::from("t0ken".to_owned()), lifetime: ASKED };
        let shown = format!("{granted:?} {:?}", TokenState::Held(Token::new(granted_again(), 1, Instant::now())));
        assert!(shown.contains("REDACTED") && !shown.contains("t0ken"), "{shown}");
    }

    fn granted_again() -> Granted {
        Granted { token: SecretString::from("t0ken".to_owned()), lifetime: ASKED }
    }
}
