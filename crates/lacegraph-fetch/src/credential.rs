//! An API key.

use secrecy::SecretString;

/// An API key: its id and its secret.
///
/// `Debug` shows the id alone. A key belongs to one user of one account and acts with that user's permissions
/// (vendor documentation).
#[derive(Clone, Debug)]
pub struct Credential {
    /// The key's id; no secret, but not for outputs either.
    pub key_id: String,
    /// The key's secret.
    pub secret: SecretString,
    /// Where both were found, in words, for `check`: `the key file dev-key.json` for example. May be empty.
    pub origin: String,
}

impl Credential {
    /// The key with this id and secret.
    pub fn new(key_id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { key_id: key_id.into(), secret: SecretString::from(secret.into()), origin: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_redacted() {
        let shown = format!("{:?}", Credential::new("ACME_1", "_s3cr3t"));
        assert!(shown.contains("ACME_1") && shown.contains("REDACTED"), "{shown}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}
