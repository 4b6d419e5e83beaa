//! How a command ends.

use std::error::Error;
use std::process::ExitCode;

/// The exit codes. Where several hold: 130 before 2, 1, 5, 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Everything was done, nothing is missing.
    Complete = 0,
    /// It could not be done.
    Failed = 1,
    /// Arguments or configuration are wrong.
    Usage = 2,
    /// The export was written, and parts of it are missing.
    Partial = 3,
    /// No account could be read.
    NoAccess = 5,
    /// The user stopped it.
    Interrupted = 130,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Why a command ended early: what happened, and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) error: anyhow::Error,
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure of the run itself.
    pub(crate) fn failed(error: impl Into<anyhow::Error>, hint: impl Into<String>) -> Self {
        Self { code: Code::Failed, error: error.into(), hint: Some(hint.into()) }
    }

    /// Something in arguments or configuration that has to be changed.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: Code::Usage, error: anyhow::Error::msg(message.into()), hint: Some(hint.into()) }
    }

    /// The same, with the error that tells what is wrong.
    pub(crate) fn usage_because(error: impl Into<anyhow::Error>, hint: impl Into<String>) -> Self {
        Self { code: Code::Usage, error: error.into(), hint: Some(hint.into()) }
    }

    /// Nothing could be read.
    pub(crate) fn no_access(message: impl Into<String>, hint: Option<String>) -> Self {
        Self { code: Code::NoAccess, error: anyhow::Error::msg(message.into()), hint }
    }

    /// The user stopped the command.
    pub(crate) fn interrupted() -> Self {
        Self { code: Code::Interrupted, error: anyhow::Error::msg("interrupted; nothing was left behind"), hint: None }
    }
}

impl From<lacegraph_export::ExportError> for Failure {
    fn from(error: lacegraph_export::ExportError) -> Self {
        let hint = error.hint();
        match error {
            lacegraph_export::ExportError::NoRun(_) => Self::usage_because(error, hint),
            _ => Self::failed(error, hint),
        }
    }
}

impl From<lacegraph_fetch::FetchError> for Failure {
    fn from(error: lacegraph_fetch::FetchError) -> Self {
        let hint = error.hint();
        Self::failed(error, hint)
    }
}

impl From<lacegraph_mock::MockError> for Failure {
    fn from(error: lacegraph_mock::MockError) -> Self {
        Self::failed(error, "name the directory of a fixture, or leave the options out for the demo's organizations")
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error, "check that the terminal or the file that the output goes to is there")
    }
}

/// An error and its causes in one line. A cause that the line ends with already is left out.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
