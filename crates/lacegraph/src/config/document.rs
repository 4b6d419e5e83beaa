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
        let message = in_words(error.message());
        let place = error.span().map(|span| place(text, span.start, &message)).unwrap_or_default();
        Failure::usage(format!("{}{place}: {message}", path.display()), hint)
    })
}

/// Parses JSON.
pub(super) fn json<T: DeserializeOwned>(text: &str, path: &Path, hint: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        // serde_json adds the place to its message; it is told apart from the message to be written as everywhere.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let place = format!(", line {}", error.line());
        Failure::usage(format!("{}{place}: {}", path.display(), in_words(message)), hint)
    })
}

/// `, line 3`, counted from one.
pub(super) fn position(text: &str, offset: usize) -> String {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    format!(", line {}", before.iter().filter(|&&byte| byte == b'\n').count() + 1)
}

/// The position, with the key that is written there unless the message names it.
fn place(text: &str, offset: usize, message: &str) -> String {
    let line_start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let key = text[line_start..].lines().next().and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
    // Nothing else than one of our keys: what was pasted into the wrong place may be a secret, and those have digits.
    let is_key = |key: &&str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let key = key.filter(is_key).filter(|key| !message.contains(&format!("`{key}`")));
    position(text, offset) + &key.map(|key| format!(", `{key}`")).unwrap_or_default()
}

/// A parser's message in words for people, without the values of the file.
fn in_words(message: &str) -> String {
    let message = without_values(&message.replace("`\"`", "a quotation mark"));
    [
        // These are known only to be refused.
        (", `secret`, `api_secret`", ""),
        ("a sequence", "a list"),
        ("sequence", "list"),
        ("a map", "a table"),
        ("map", "table"),
        ("u32", "a whole number"),
        ("EOF while parsing", "the file ends within"),
    ]
    .iter()
    .fold(message, |message, (from, to)| message.replace(from, to))
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
    fn a_parser_is_put_into_words() {
        assert_eq!(in_words("invalid basic string, expected `\"`"), "invalid basic string, expected a quotation mark");
        assert_eq!(in_words("invalid type: map, expected a sequence"), "invalid type: table, expected a list");
    }

    #[test]
    fn the_key_is_named_and_nothing_else() {
        assert_eq!(place("a\n include = 7", 13, "invalid"), ", line 2, `include`");
        assert_eq!(place("include = 7", 10, "unknown field `include`"), ", line 1");
        assert_eq!(place("_53cr3t=", 0, "invalid"), ", line 1");
        assert_eq!(place("[\n\"_secret=\"", 3, "invalid"), ", line 2");
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!(position("a\nb\nc", 0), ", line 1");
        assert_eq!(position("a\nb\nc", 4), ", line 3");
    }
}
