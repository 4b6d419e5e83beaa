//! Reading TOML and JSON files that may hold secrets: errors say where, and never show a line or a value.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::outcome::Failure;

/// Reads a text file that the person named or is known to have.
pub(super) fn read(path: &Path, what: &str, hint: &str) -> Result<String, Failure> {
    fs_err::read_to_string(path).map_err(|error| {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => format!("{what} {} does not exist", path.display()),
            std::io::ErrorKind::PermissionDenied => format!("{what} {} may not be read", path.display()),
            std::io::ErrorKind::InvalidData => format!("{what} {} is not a text file", path.display()),
            std::io::ErrorKind::IsADirectory => format!("{what} {} is a directory", path.display()),
            _ => return Failure::usage_because(error, hint),
        };
        Failure::usage(message, hint)
    })
}

/// Parses TOML.
pub(super) fn toml<T: DeserializeOwned>(text: &str, path: &Path, hint: &str) -> Result<T, Failure> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map(|span| position(text, span.start)).unwrap_or_default();
        Failure::usage(format!("{}{place}: {}", path.display(), without_values(error.message())), hint)
    })
}

/// Parses JSON.
pub(super) fn json<T: DeserializeOwned>(text: &str, path: &Path, hint: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        // serde_json adds the place to its message; it is told apart from the message to be written as everywhere.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let place = format!(", line {}", error.line());
        Failure::usage(format!("{}{place}: {}", path.display(), without_values(message)), hint)
    })
}

/// `, line 3`, counted from one.
fn position(text: &str, offset: usize) -> String {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    format!(", line {}", before.iter().filter(|&&byte| byte == b'\n').count() + 1)
}

/// Leaves out what stands in double quotes: that is a value of the file, and may be a secret.
///
/// Names of keys stand in back quotes and stay.
fn without_values(message: &str) -> String {
    let mut parts = message.trim().splitn(2, '"');
    let before = parts.next().unwrap_or_default();
    match parts.next().and_then(|rest| rest.rsplit_once('"')) {
        Some((_, after)) => format!("{before}…{after}").replace('\n', "; "),
        None => before.replace('\n', "; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_left_out_and_keys_stay() {
        assert_eq!(
            without_values(r#"invalid type: string "a \" secret", expected u8"#),
            "invalid type: string …, expected u8"
        );
        assert_eq!(without_values("unknown field `exlude`, expected `a`"), "unknown field `exlude`, expected `a`");
        assert_eq!(without_values("cut \"secret"), "cut ");
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!(position("a\nb\nc", 0), ", line 1");
        assert_eq!(position("a\nb\nc", 4), ", line 3");
    }
}
