//! Key files, as the console hands them out.

use std::path::Path;

use lacegraph_fetch::Credential;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::credentials::Found;
use super::{document, permissions};
use crate::outcome::Failure;

const HINT: &str = "download the key again in the console; the file is JSON with keyId and secret, or text with the lines \
                    apiId: … and password: …";

/// What a key file says. Older JSON has the id and the secret alone; the portal's text form too (vendor client source).
#[derive(Debug, Deserialize)]
struct KeyFile {
    #[serde(rename = "keyId")]
    key_id: String,
    secret: SecretString,
    account: Option<String>,
    #[serde(rename = "subAccount")]
    subaccount: Option<String>,
}

/// Reads a key file in any of its forms.
pub(super) fn from_key_file(path: &Path) -> Result<Found, Failure> {
    let text = document::read(path, "the key file", HINT)?;
    let KeyFile { key_id, secret, account, subaccount } =
        if text.trim_start().starts_with('{') { document::json(&text, path, HINT)? } else { of_lines(&text, path)? };
    let lacks = |what: &str| Failure::usage(format!("the key file {} has an empty {what}", path.display()), HINT);
    if key_id.trim().is_empty() {
        return Err(lacks("key id"));
    }
    if secret.expose_secret().trim().is_empty() {
        return Err(lacks("secret"));
    }
    let origin = format!("the key file {}", path.display());
    let credential = Credential { key_id: key_id.trim().to_owned(), secret, origin };
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let notes = permissions::note("the key file", path).into_iter().collect();
    Ok(Found { credential, account: given(account), subaccount: given(subaccount), notes })
}

/// Reads the portal's text form: `apiId: …` and `password: …`, among whatever other lines there are.
fn of_lines(text: &str, path: &Path) -> Result<KeyFile, Failure> {
    let shown = path.display();
    let value = |name: &str| -> Result<Option<String>, Failure> {
        let mut values = text.lines().filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        let first = values.next();
        if values.next().is_some() {
            let message = format!("the key file {shown} has more than one line {name}");
            return Err(Failure::usage(message, "keep one key in a file"));
        }
        Ok(first)
    };
    match (value("apiId")?, value("password")?) {
        (Some(key_id), Some(secret)) => Ok(KeyFile { key_id, secret: secret.into(), account: None, subaccount: None }),
        (Some(_), None) => {
            Err(Failure::usage(format!("the key file {shown} has a line apiId and none password"), HINT))
        }
        (None, Some(_)) => {
            Err(Failure::usage(format!("the key file {shown} has a line password and none apiId"), HINT))
        }
        (None, None) => {
            Err(Failure::usage(format!("the key file {shown} has none of the forms that keys come in"), HINT))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::chain;

    fn read(content: &str) -> Result<Found, String> {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("key");
        fs_err::write(&path, content).unwrap();
        from_key_file(&path).map_err(|failure| chain(failure.error.as_ref()))
    }

    #[test]
    fn every_form_gives_the_same_key() {
        for content in [
            r#"{"keyId": "ACME_1", "secret": "_s3cr3t"}"#,
            "\u{feff}\r\n {\"keyId\": \" ACME_1\", \"secret\": \"_s3cr3t\", \"account\": \"\", \"subAccount\": \"\"}",
            "apiId: ACME_1\npassword: _s3cr3t\n",
            "\u{feff}Your API user\r\n\r\n  APIID :ACME_1  \r\nexpires: never\r\npassword: _s3cr3t\r\nhttps://portal.example\r\n",
        ] {
            let found = read(content).unwrap();
            assert_eq!((found.credential.key_id.as_str(), found.account.as_deref()), ("ACME_1", None));
            assert_eq!((found.credential.secret.expose_secret(), found.subaccount.as_deref()), ("_s3cr3t", None));
            assert!(found.credential.origin.starts_with("the key file "), "{}", found.credential.origin);
            assert!(!format!("{found:?}").contains("s3cr3t"));
        }
        let found =
            read(r#"{"keyId": "K", "secret": "_s", "account": "acme.lacework.net", "subAccount": "DEV"}"#).unwrap();
        assert_eq!((found.account.as_deref(), found.subaccount.as_deref()), (Some("acme.lacework.net"), Some("DEV")));
    }

    #[test]
    fn a_secret_may_hold_colons() {
        let found = read("apiId: K\npassword: a:b: c").unwrap();
        assert_eq!(found.credential.secret.expose_secret(), "a:b: c");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for (content, end) in [
            ("", "has none of the forms that keys come in"),
            ("_s3cr3t", "has none of the forms that keys come in"),
            ("[\"_s3cr3t\"]", "has none of the forms that keys come in"),
            ("apiId: K", "has a line apiId and none password"),
            ("password: _s3cr3t", "has a line password and none apiId"),
            ("apiId: K\npassword: _s3cr3t\npassword: _s3cr3t2", "has more than one line password"),
            ("apiId:\npassword: _s3cr3t", "has an empty key id"),
            ("apiId: K\npassword:\n", "has an empty secret"),
            ("{\"keyId\": \"K\", \"secret\": \"\"}", "has an empty secret"),
        ] {
            let error = read(content).unwrap_err();
            assert!(error.ends_with(end) && !error.contains("s3cr3t"), "{error}");
        }
    }

    #[test]
    fn the_parser_repeats_no_secret() {
        for content in [
            "{_s3cr3t}",
            "{\"keyId\": \"K\", \"secret\": \"_s3cr3t",
            "{\"keyId\": \"K\", \"secret\": [\"_s3cr3t\"]}",
            "{\"keyId\": {\"_s3cr3t\": 1}, \"secret\": \"_s3cr3t\"}",
            "{\"keyId\": \"K\", \"_s3cr3t\": \"_s3cr3t\"}",
            "{\"keyId\": \"K\", \"secret\": \"\\q_s3cr3t\"}",
            "{\"keyId\": \"K\", \"secret\": \"a\", \"secret\": \"_s3cr3t\"}",
            "{\"keyId\": \"K\", \"secret\": \"a\"} _s3cr3t",
        ] {
            let error = read(content).unwrap_err();
            assert!(!error.contains("s3cr3t"), "{error}");
        }
    }
}
