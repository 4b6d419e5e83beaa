//! Reading TOML and JSON files that may hold secrets: errors say where, and never show a line or a value.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::groups;
use crate::outcome::Failure;

/// What to do with a secret in `lacegraph.toml`.
pub(super) const NO_SECRETS_HERE: &str = "a secret does not belong into this file: use secret_env, secret_file, secret_command, key_file or \
                                          profile, and change the secret, for it has been in a file that is easily shared";

/// Reads a text file that the person named or is known to have. A byte order mark is no part of it.
pub(super) fn read(path: &Path, what: &str, hint: &str) -> Result<String, Failure> {
    let text = read_with_mark(path, what, hint)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The same with the mark, where there is one: every byte of the file.
pub(super) fn read_with_mark(path: &Path, what: &str, hint: &str) -> Result<String, Failure> {
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
        let at = || error.span().map(|span| position(text, span.start)).unwrap_or_default();
        if let Some(unknown) = UnknownKey::of(error.message()) {
            let hint = match &unknown.known[..] {
                _ if unknown.may_be_a_secret() => NO_SECRETS_HERE,
                // Without quotation marks, a group is a table in a table in a table.
                ["role", "evidence"] => groups::SHAPE,
                _ => hint,
            };
            return Failure::usage(format!("{}{}: {}", path.display(), at(), unknown.told()), hint);
        }
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
        ("a sequence", "a list"),
        ("sequence", "list"),
        ("a map", "a table"),
        ("struct Account", "a table"),
        ("struct Group", "a table"),
        ("struct Organization", "a table"),
        ("map", "table"),
        ("u32", "a whole number"),
        ("EOF while parsing", "the file ends within"),
    ]
    .iter()
    .fold(message, |message, (from, to)| message.replace(from, to))
}

/// Leaves out what stands in double quotes, and numbers in back quotes: those are values of the file, and may be secrets.
///
/// Names of keys that are known stand in back quotes and stay.
fn without_values(message: &str) -> String {
    let message = message.trim();
    let has_number = message.starts_with("invalid type: ") || message.starts_with("invalid value: ");
    let quote = match message.find(['"', '`']) {
        Some(at) if message[at..].starts_with('"') => '"',
        Some(_) if has_number => '`',
        _ => return message.replace('\n', "; "),
    };
    let (before, rest) = message.split_once(quote).unwrap_or((message, ""));
    let end = if quote == '"' { rest.rfind('"') } else { rest.rfind("`, expected ") };
    let after = end.and_then(|end| rest.get(end + 1..));
    match after {
        Some(after) => format!("{before}…{after}").replace('\n', "; "),
        None => before.replace('\n', "; "),
    }
}

/// A key that is none of ours.
struct UnknownKey<'a> {
    key: &'a str,
    known: Vec<&'a str>,
}

impl<'a> UnknownKey<'a> {
    /// Reads serde's message; `None` where it is another one.
    fn of(message: &'a str) -> Option<Self> {
        let (key, known) = message.trim().strip_prefix("unknown field `")?.rsplit_once("`, expected ")?;
        let known = known.split('`').skip(1).step_by(2);
        // Two are known only to be refused.
        Some(Self { key, known: known.filter(|known| !["secret", "api_secret"].contains(known)).collect() })
    }

    fn told(&self) -> String {
        let nearest = self.known.iter().map(|known| (strsim::damerau_levenshtein(known, self.key), known)).min();
        let is_near = |distance: usize, known: &str| distance <= 1 + known.len() / 4;
        // What was pasted into the wrong place may be a secret, and those are no words.
        let is_word = self.key.len() <= 24
            && !self.key.starts_with('_')
            && self.key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let unknown =
            if is_word { format!("unknown key `{}`", self.key) } else { "a key that is not known".to_owned() };
        match nearest {
            Some((distance, known)) if is_near(distance, known) => format!("{unknown}; did you mean `{known}`?"),
            _ => {
                let known: Vec<_> = self.known.iter().map(|known| format!("`{known}`")).collect();
                format!("{unknown}; known here are {}", known.join(", "))
            }
        }
    }

    fn may_be_a_secret(&self) -> bool {
        let key = self.key.to_lowercase();
        let is_near_ours = self.known.iter().any(|known| strsim::damerau_levenshtein(known, &key) <= 2);
        !is_near_ours && ["secret", "password", "passwd", "token", "api_key"].iter().any(|word| key.contains(word))
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
        assert_eq!(
            without_values("invalid type: integer `12345`, expected a string"),
            "invalid type: integer …, expected a string"
        );
        assert_eq!(without_values("missing field `name`"), "missing field `name`");
        assert_eq!(without_values("cut \"secret"), "cut ");
    }

    #[test]
    fn a_parser_is_put_into_words() {
        assert_eq!(in_words("invalid basic string, expected `\"`"), "invalid basic string, expected a quotation mark");
        assert_eq!(in_words("invalid type: map, expected a sequence"), "invalid type: table, expected a list");
    }

    #[test]
    fn an_unknown_key_gets_the_nearest_one() {
        let told = |key: &str| {
            let message =
                format!("unknown field `{key}`, expected one of `exclude`, `key_file`, `secret`, `secret_env`");
            let unknown = UnknownKey::of(&message).unwrap();
            (unknown.told(), unknown.may_be_a_secret())
        };
        assert_eq!(told("exlude"), ("unknown key `exlude`; did you mean `exclude`?".to_owned(), false));
        assert_eq!(told("keyfile"), ("unknown key `keyfile`; did you mean `key_file`?".to_owned(), false));
        assert_eq!(told("SecretEnv"), ("a key that is not known; did you mean `secret_env`?".to_owned(), false));
        let known = "known here are `exclude`, `key_file`, `secret_env`";
        assert_eq!(told("colour"), (format!("unknown key `colour`; {known}"), false));
        assert_eq!(told("api_key_secret"), (format!("unknown key `api_key_secret`; {known}"), true));
        for strange in
            ["_53cr3t", "`, expected `_53cr3t`, expected `b", "hunter2", "a_passphrase_that_somebody_pasted_here", "Ab"]
        {
            assert_eq!(told(strange).0, format!("a key that is not known; {known}"));
        }
        assert!(UnknownKey::of("missing field `name`").is_none());
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
