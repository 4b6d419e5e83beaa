//! Secrets and tokens on their way to a header, and nowhere else.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

/// The one place where a secret or a token is exposed.
fn plain(secret: &SecretString) -> &str {
    secret.expose_secret()
}

/// A header that shows who asks, kept out of every `Debug`; `None` where no header can hold it.
pub(crate) fn header(prefix: &str, secret: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("{prefix}{}", plain(secret))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The text without the secret, which a server or a proxy may repeat.
pub(crate) fn scrubbed(text: &str, secret: &SecretString) -> String {
    if plain(secret).is_empty() {
        return text.to_owned();
    }
    text.replace(plain(secret), "[REDACTED]")
}

/// Takes the secret out of a body, which a server or a proxy may repeat.
pub(crate) fn scrub(body: &mut Vec<u8>, secret: &SecretString) {
    let Ok(text) = std::str::from_utf8(body) else {
        // No JSON, and read for its message alone.
        *body = scrubbed(&String::from_utf8_lossy(body), secret).into_bytes();
        return;
    };
    if !plain(secret).is_empty() && text.contains(plain(secret)) {
        *body = scrubbed(text, secret).into_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_with_secrets_are_sensitive() {
        let value = header("Bearer ", &SecretString::from("t0ken".to_owned())).unwrap();
        assert_eq!(value.as_bytes(), b"Bearer t0ken");
        assert!(!format!("{value:?}").contains("t0ken"));
        assert!(header("", &SecretString::from("hunter\n2".to_owned())).is_none());
    }

    #[test]
    fn what_repeats_a_secret_is_scrubbed() {
        let secret = SecretString::from("t0ken".to_owned());
        assert_eq!(scrubbed("bad token t0ken, t0ken!", &secret), "bad token [REDACTED], [REDACTED]!");
        assert_eq!(scrubbed("fine", &SecretString::from(String::new())), "fine");
    }
}
