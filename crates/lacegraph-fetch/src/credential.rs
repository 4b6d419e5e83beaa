//! An API key.

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::capture::KeyRecord;

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

    /// A key of which a capture tells: no good for asking, but told from others as it was.
    pub(crate) fn recorded(record: &KeyRecord) -> Self {
        let KeyRecord { masked_id, fingerprint } = record;
        Self::new(format!("{masked_id}{RECORDED}{fingerprint}"), String::new())
    }

    /// The id by its ends: enough to find the key in the console.
    pub fn masked_id(&self) -> String {
        if let Some((masked_id, _)) = self.key_id.split_once(RECORDED) {
            return masked_id.to_owned();
        }
        masked_id(&self.key_id)
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the id: the same for the same key in every run.
    pub fn fingerprint(&self) -> String {
        if let Some((_, fingerprint)) = self.key_id.split_once(RECORDED) {
            return fingerprint.to_owned();
        }
        fingerprint(&self.key_id)
    }
}

/// What separates the parts of the id of a recorded key. Neither a variable of the environment nor a header can hold it.
const RECORDED: char = '\0';

/// A key's id by its ends: enough to find it in the console.
pub(crate) fn masked_id(key_id: &str) -> String {
    let letters: Vec<char> = key_id.chars().collect();
    if letters.len() < 12 {
        return "…".to_owned();
    }
    let (start, end) = (&letters[..6], &letters[letters.len() - 4..]);
    format!("{}…{}", start.iter().collect::<String>(), end.iter().collect::<String>())
}

/// What tells a key from others without telling its id: the first 16 hexadecimal digits of the SHA-256 of the id.
pub(crate) fn fingerprint(key_id: &str) -> String {
    hexadecimal(&Sha256::digest(key_id)[..8])
}

/// Hexadecimal digits, as hashes are written.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_key_is_masked_as_the_real_one() {
        let key = Credential::new("ACMEPROD_0123456789ABCDEF", "secret");
        let record = KeyRecord { masked_id: key.masked_id(), fingerprint: key.fingerprint() };
        assert_eq!(record.masked_id, "ACMEPR…CDEF");
        assert_eq!(record.fingerprint.len(), 16);
        let recorded = Credential::recorded(&record);
        assert_eq!((recorded.masked_id(), recorded.fingerprint()), (record.masked_id, record.fingerprint));
        assert_eq!(Credential::new("SHORT", "").masked_id(), "…");
    }

    #[test]
    fn debug_is_redacted() {
        let shown = format!("{:?}", Credential::new("ACME_1", "_s3cr3t"));
        assert!(shown.contains("ACME_1") && shown.contains("REDACTED"), "{shown}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }

    #[test]
    fn ids_are_told_by_their_ends_and_compared_by_their_hash() {
        assert_eq!(masked_id("TINYONE_SMALL0AUDIT0KEY0000000000000001"), "TINYON…0001");
        assert_eq!(masked_id("TOO_SHORT_1"), "…");
        // As `printf abc | sha256sum` begins.
        assert_eq!(fingerprint("abc"), "ba7816bf8f01cfea");
    }
}
