//! The world outside: environment, home, clock, terminal. Asked here and nowhere else.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use lacegraph_fetch::Clock;
use lacegraph_model::UtcTime;

use crate::outcome::{Code, Failure, chain};

/// The outside of this process.
pub(crate) struct System {
    variables: BTreeMap<OsString, OsString>,
}

impl System {
    /// The real one.
    pub(crate) fn new() -> Self {
        Self { variables: std::env::vars_os().collect() }
    }

    /// One with these variables and no others, for tests.
    #[cfg(test)]
    pub(crate) fn with_variables(variables: &[(&str, &str)]) -> Self {
        Self { variables: variables.iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// An environment variable; empty counts as not set.
    ///
    /// # Errors
    ///
    /// Where its value is not Unicode.
    pub(crate) fn variable(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(value) = self.variables.get(OsStr::new(name)) else { return Ok(None) };
        let value = value.clone().into_string().map_err(|_| {
            Failure::usage(format!("the environment variable {name} is not valid Unicode"), "set it anew")
        })?;
        Ok(Some(value).filter(|value| !value.is_empty()))
    }

    /// The home directory.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        let variable = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        self.variables.get(OsStr::new(variable)).filter(|home| !home.is_empty()).map(PathBuf::from)
    }

    /// Who runs this: the name of the user, as the system has it.
    pub(crate) fn operator(&self) -> Option<String> {
        whoami::username().ok()
    }

    /// The name of this machine.
    pub(crate) fn machine(&self) -> Option<String> {
        whoami::hostname().ok()
    }

    /// What was typed, with what stands between the scheme and the host of an address masked: it may be a password.
    pub(crate) fn command_line(&self) -> Vec<String> {
        let mut is_proxy = false;
        let masked = |argument: std::ffi::OsString| {
            let argument = argument.to_string_lossy().into_owned();
            let after_proxy = std::mem::replace(&mut is_proxy, argument == "--proxy");
            without_password(&argument, after_proxy)
        };
        std::env::args_os().map(masked).collect()
    }

    /// Whether colours are welcome on a terminal (<https://no-color.org>).
    pub(crate) fn may_colour(&self) -> bool {
        self.variables.get(OsStr::new("NO_COLOR")).is_none_or(|value| value.is_empty())
    }

    /// Whether progress bars make sense.
    pub(crate) fn shows_progress(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Says something to the person, beside the data. Nobody listening is no reason to stop.
    pub(crate) fn say(&self, line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Says how a command failed, and how it ends.
    pub(crate) fn report(&self, failure: &Failure) -> Code {
        self.say(&format!("error: {}", chain(failure.error.as_ref())));
        if let Some(hint) = &failure.hint {
            self.say(&format!("hint: {hint}"));
        }
        failure.code
    }
}

/// An argument without what may be a password in it: before the host of an address, and of the address of a proxy whatever
/// its form.
fn without_password(argument: &str, is_proxy: bool) -> String {
    let (flag, address) = match argument.split_once('=') {
        Some((flag @ "--proxy", address)) => (format!("{flag}="), address),
        _ => (String::new(), argument),
    };
    let is_proxy = is_proxy || !flag.is_empty();
    match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, rest)), Some((_, host))) if rest.contains('@') => format!("{flag}{scheme}://***@{host}"),
        (None, Some((_, host))) if is_proxy => format!("{flag}***@{host}"),
        _ => argument.to_owned(),
    }
}

impl Clock for System {
    fn now(&self) -> UtcTime {
        let now = UtcTime::from_timestamp(jiff::Timestamp::now());
        // The clock of a machine that stands at the very second of 1970 is wrong anyway.
        now.or_else(|| UtcTime::from_seconds(1)).expect("one second after the epoch is a time")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_masked() {
        let masked = |argument| without_password(argument, false);
        assert_eq!(masked("--proxy=http://me:secret@p@proxy:8080/x"), "--proxy=http://***@proxy:8080/x");
        assert_eq!(masked("--proxy=me:secret@proxy:8080"), "--proxy=***@proxy:8080");
        assert_eq!(without_password("me:secret@proxy:8080", true), "***@proxy:8080");
        assert_eq!(masked("http://me:secret@proxy"), "http://***@proxy");
        for plain in ["--out", "a@b", "https://acme.lacework.net", "--out=a@b"] {
            assert_eq!(masked(plain), plain);
        }
    }
}
