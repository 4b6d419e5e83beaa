//! The world outside: environment, home, clock, terminal. Asked here and nowhere else.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use lacegraph_fetch::Clock;
use lacegraph_model::UtcTime;

use crate::outcome::{Code, Failure, chain};

/// The outside of this process.
pub(crate) struct System {
    variables: Box<dyn Fn(&str) -> Option<OsString> + Send + Sync>,
}

impl System {
    /// The real one.
    pub(crate) fn new() -> Self {
        Self { variables: Box::new(|name| std::env::var_os(name)) }
    }

    /// One with these variables and no others, for tests.
    #[cfg(test)]
    pub(crate) fn with_variables(variables: &[(&str, &str)]) -> Self {
        let variables: Vec<(String, OsString)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
        let find = move |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        Self { variables: Box::new(find) }
    }

    /// An environment variable; empty counts as not set.
    ///
    /// # Errors
    ///
    /// Where its value is not Unicode.
    pub(crate) fn variable(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(value) = (self.variables)(name) else { return Ok(None) };
        let value = value.into_string().map_err(|_| {
            Failure::usage(format!("the environment variable {name} is not valid Unicode"), "set it anew")
        })?;
        Ok(Some(value).filter(|value| !value.is_empty()))
    }

    /// The home directory.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        let variable = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        (self.variables)(variable).filter(|home| !home.is_empty()).map(PathBuf::from)
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
        if failure.is_closed_pipe() {
            return Code::Complete;
        }
        self.say(&format!("error: {}", chain(failure.error.as_ref())));
        if let Some(hint) = &failure.hint {
            self.say(&format!("hint: {hint}"));
        }
        failure.code
    }
}

impl Clock for System {
    fn now(&self) -> UtcTime {
        let now = UtcTime::from_timestamp(jiff::Timestamp::now());
        // The clock of a machine that stands at the very second of 1970 is wrong anyway.
        now.or_else(|| UtcTime::from_seconds(1)).expect("one second after the epoch is a time")
    }
}
