//! Secrets and tokens on their way to a header, and nowhere else.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use crate::transport::Response;

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

/// Takes the secret out of an answer, which a server or a proxy may repeat: out of its body as it stands, and out of its
/// content type. Of a refusal, whose words are shown, also where JSON spells it in another way.
pub(crate) fn scrub(response: &mut Response, secret: &SecretString) {
    /// The vendor's have 33 letters; what is much shorter is no secret, and stands in many words.
    const SHORTEST: usize = 5;
    let needle = plain(secret).as_bytes();
    if needle.len() < SHORTEST {
        return;
    }
    if memchr::memmem::find(&response.body, needle).is_some() {
        response.body = scrubbed(&String::from_utf8_lossy(&response.body), secret).into_bytes();
    }
    if let Some(content_type) = &mut response.headers.content_type {
        *content_type = scrubbed(content_type, secret);
    }
    let is_refusal = !matches!(response.status, 200 | 201 | 204);
    if let Some(value) = is_refusal.then(|| serde_json::from_slice::<serde_json::Value>(&response.body).ok()).flatten()
    {
        let text = value.to_string();
        if text.contains(plain(secret)) {
            response.body = scrubbed(&text, secret).into_bytes();
        }
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

    #[test]
    fn an_answer_is_scrubbed_wherever_it_repeats_a_secret() {
        let secret = SecretString::from("t_0ken".to_owned());
        let answer = |status, body: &str| {
            let mut response = Response { status, body: body.as_bytes().to_vec(), ..Response::default() };
            response.headers.content_type = Some("text/t_0ken".to_owned());
            scrub(&mut response, &secret);
            assert_eq!(response.headers.content_type.as_deref(), Some("text/[REDACTED]"));
            String::from_utf8(response.body).unwrap()
        };
        assert_eq!(answer(200, r#"{"data":["t_0ken"]}"#), r#"{"data":["[REDACTED]"]}"#);
        assert_eq!(answer(403, r#"{"message":"t\u005f0ken"}"#), r#"{"message":"[REDACTED]"}"#);
        assert_eq!(answer(502, "<p>t_0ken"), "<p>[REDACTED]");
        assert_eq!(answer(403, r#"{"message": "as it was"}"#), r#"{"message": "as it was"}"#);
    }
}
