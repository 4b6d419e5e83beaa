//! What a run tells while it goes on.

use std::time::Duration;

use lacegraph_model::FetchStatus;

use crate::check::KeyOwner;
use crate::transport::Endpoint;

/// Listens to a run, to draw progress bars for example.
pub trait Observer: Send + Sync {
    /// Something happened. Called from several tasks; must not block.
    fn notice(&self, event: &Event<'_>);
}

/// Listens to nothing.
impl Observer for () {
    fn notice(&self, _event: &Event<'_>) {}
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The organization's turn came.
    OrganizationStarted {
        /// Its name.
        organization: &'a str,
    },
    /// The server told its time, with the answer to a request for a token.
    ServerClock {
        /// Whose.
        organization: &'a str,
        /// How many seconds it is ahead of the clock of the run; negative where behind. Good to a second, and to the time that
        /// the answer took.
        ahead_seconds: i64,
    },
    /// The API told whose the organization's key is.
    KeyOwnerKnown {
        /// Whose key.
        organization: &'a str,
        /// The user it belongs to.
        owner: &'a KeyOwner,
    },
    /// The accounts to expect are known.
    DirectoryKnown {
        /// Whose.
        organization: &'a str,
        /// How many there are, excluded ones left out.
        accounts: usize,
        /// Whether the API's own directory answered.
        from_directory: bool,
    },
    /// This many accounts will be asked for their own lists.
    AskingAccounts {
        /// Whose.
        organization: &'a str,
        /// How many.
        accounts: usize,
    },
    /// A page arrived.
    PageRead {
        /// Whose.
        organization: &'a str,
        /// The account; `None` for the organization's list.
        account: Option<&'a str>,
        /// The page, from 1.
        page: u32,
        /// How many rows it has.
        rows: u64,
        /// How many rows the whole list has, where the API says so.
        total: Option<u64>,
    },
    /// A call waits before it is repeated.
    Waiting {
        /// Whose.
        organization: &'a str,
        /// The account; `None` for a call about the organization or its key.
        account: Option<&'a str>,
        /// What is asked for.
        endpoint: Endpoint,
        /// How long it waits.
        delay: Duration,
        /// How often it was tried.
        attempts: u32,
        /// The status that made it wait; `None` where no answer came.
        status: Option<u16>,
    },
    /// An account's own list was read, or could not be.
    AccountFinished {
        /// Whose.
        organization: &'a str,
        /// Which.
        account: &'a str,
        /// How far it was read.
        status: FetchStatus,
    },
    /// Everything of the organization that can be read was.
    OrganizationFinished {
        /// Its name.
        organization: &'a str,
    },
}
