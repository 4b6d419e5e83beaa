//! The secret of a key whose id stands in the configuration: in a variable, in a file, or given by a command.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use lacegraph_fetch::Credential;
use secrecy::SecretString;

use super::credentials::Found;
use super::permissions;
use crate::outcome::Failure;
use crate::system::System;

/// Bytes that a secret has at most.
pub(super) const LONGEST: usize = 4096;

/// A key whose secret is in an environment variable.
pub(super) fn from_variable(key_id: &str, variable: &str, system: &System) -> Result<Found, Failure> {
    let secret = system.variable(variable)?.ok_or_else(|| {
        // Whoever took it for the place of the secret itself must not see it again.
        if !is_plain_name(variable) {
            let message = format!("the environment variable that holds the secret of {key_id} is not set");
            return Failure::usage(message, "secret_env is the name of a variable, and not the secret itself");
        }
        let message = format!("the environment variable {variable}, which holds the secret of {key_id}, is not set");
        Failure::usage(message, format!("export {variable}=… before you start lacegraph"))
    })?;
    let secret = only_line(secret.as_bytes()).map_err(|fault| {
        let message =
            format!("the variable {variable}, which holds the secret of {key_id}, {}", fault.said_of("holds"));
        Failure::usage(message, "set it to the secret and nothing else")
    })?;
    Ok(Found::of(key_id, secret, format!("the variable {variable}")))
}

/// A key whose secret is in a file of its own; `path` is where the configuration's `written` leads.
pub(super) fn from_file(key_id: &str, written: &Path, path: &Path) -> Result<Found, Failure> {
    const HINT: &str = "secret_file is the path of a file that holds the secret and nothing else; it counts from where the \
                        configuration is";
    // A bare word may be the secret itself, in the place of the path.
    let written = written.to_string_lossy();
    let shown = if written.contains(['/', '\\', '.']) { format!(" {}", path.display()) } else { String::new() };
    let failure = |why: &str| Failure::usage(format!("the file{shown} with the secret of {key_id} {why}"), HINT);
    let mut bytes = Vec::new();
    let read = fs_err::File::open(path).and_then(|file| file.take(LONGEST as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failure("does not exist"),
        std::io::ErrorKind::PermissionDenied => failure("may not be read"),
        std::io::ErrorKind::IsADirectory => failure("is a directory"),
        _ => failure("cannot be read"),
    })?;
    let secret = only_line(&bytes).map_err(|fault| failure(&fault.said_of("holds")))?;
    let mut found = Found::of(key_id, secret, format!("the file {}", path.display()));
    found.notes.extend(permissions::note("the file", path));
    Ok(found)
}

/// Why what was read is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSecret {
    Empty,
    NotText,
    SeveralLines,
    TooLong,
}

impl NoSecret {
    /// In words, after what it was read from and before nothing.
    pub(super) fn said_of(self, verb: &str) -> String {
        match self {
            Self::Empty => format!("{verb} nothing"),
            Self::NotText => format!("{verb} something that is not text"),
            Self::SeveralLines => format!("{verb} more than one line"),
            Self::TooLong => format!("{verb} more than {LONGEST} bytes"),
        }
    }
}

/// The secret that is the only line. Space around it goes: it would not survive in the header that carries it.
pub(super) fn only_line(bytes: &[u8]) -> Result<SecretString, NoSecret> {
    if bytes.len() > LONGEST {
        return Err(NoSecret::TooLong);
    }
    let text = str::from_utf8(bytes).map_err(|_| NoSecret::NotText)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(NoSecret::Empty);
    }
    if text.contains(['\n', '\r']) {
        return Err(NoSecret::SeveralLines);
    }
    if text.contains(char::is_control) {
        return Err(NoSecret::NotText);
    }
    Ok(text.into())
}

/// Whether a name is written as those of variables usually are, and as no secret is.
fn is_plain_name(variable: &str) -> bool {
    variable.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

impl Found {
    /// A key of which the configuration says the id.
    pub(super) fn of(key_id: &str, secret: SecretString, origin: String) -> Self {
        let credential = Credential { key_id: key_id.to_owned(), secret, origin };
        Self { credential, account: None, subaccount: None, notes: Vec::new() }
    }
}

/// A path as written in the configuration: below the home directory, or beside the configuration.
pub(super) fn beside(configuration: &Path, path: &Path, system: &System) -> PathBuf {
    match (path.strip_prefix("~"), system.home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => configuration.parent().unwrap_or(Path::new("")).join(path),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::outcome::chain;

    #[test]
    fn a_line_is_the_secret() {
        for text in ["_s3cr3t", "_s3cr3t\n", "_s3cr3t\r\n", "\u{feff} _s3cr3t \n\n"] {
            assert_eq!(only_line(text.as_bytes()).unwrap().expose_secret(), "_s3cr3t");
        }
        let fault = |bytes: &[u8]| only_line(bytes).unwrap_err();
        assert_eq!((fault(b""), fault(b" \r\n")), (NoSecret::Empty, NoSecret::Empty));
        assert_eq!((fault(b"a\nb"), fault(b"a\rb")), (NoSecret::SeveralLines, NoSecret::SeveralLines));
        assert_eq!((fault(b"\xff\xfe_"), fault(b"a\0b")), (NoSecret::NotText, NoSecret::NotText));
        assert_eq!(fault(&vec![b'a'; LONGEST + 1]), NoSecret::TooLong);
    }

    #[test]
    fn a_variable_is_named_unless_its_name_may_be_the_secret() {
        let system = System::with_variables(&[("SET", "_s3cr3t"), ("TWO", "_s3cr3t\n_s3cr3t")]);
        let found = from_variable("K", "SET", &system).unwrap();
        assert_eq!(found.credential.origin, "the variable SET");
        assert!(!format!("{found:?}").contains("s3cr3t"));
        let said = |variable| chain(from_variable("K", variable, &system).unwrap_err().error.as_ref());
        assert_eq!(said("UNSET"), "the environment variable UNSET, which holds the secret of K, is not set");
        assert_eq!(said("hunter2"), "the environment variable that holds the secret of K is not set");
        assert_eq!(said("TWO"), "the variable TWO, which holds the secret of K, holds more than one line");
    }

    #[test]
    fn a_file_is_named_unless_its_name_may_be_the_secret() {
        let place = tempfile::tempdir().unwrap();
        let said = |written: &str, content: Option<&[u8]>| {
            let path = place.path().join(written);
            if let Some(content) = content {
                fs_err::write(&path, content).unwrap();
            }
            let result = from_file("K", Path::new(written), &path);
            let place = format!("{}/", place.path().display());
            result.map_err(|failure| chain(failure.error.as_ref()).replace(&place, ""))
        };
        let found = said("secret", Some(b"_s3cr3t\n")).unwrap();
        assert_eq!(found.credential.secret.expose_secret(), "_s3cr3t");
        assert_eq!(found.credential.origin, format!("the file {}/secret", place.path().display()));
        assert!(!format!("{found:?}").contains("s3cr3t"));
        assert_eq!(said("hunter2", None).unwrap_err(), "the file with the secret of K does not exist");
        assert_eq!(said("./no", None).unwrap_err(), "the file ./no with the secret of K does not exist");
        assert_eq!(said("a.txt", Some(b"\n")).unwrap_err(), "the file a.txt with the secret of K holds nothing");
        assert_eq!(
            said("b.txt", Some(b"x\ny")).unwrap_err(),
            "the file b.txt with the secret of K holds more than one line"
        );
        fs_err::create_dir(place.path().join("c.d")).unwrap();
        assert_eq!(said("c.d", None).unwrap_err(), "the file c.d with the secret of K is a directory");
    }
}
