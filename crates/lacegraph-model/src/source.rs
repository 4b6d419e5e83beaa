//! The records of what accounts were asked for beside their members: the audit log and the API keys. Off unless asked for.

use crate::record::{AccountId, UserId, spelled};
use crate::strings::Sym;
use crate::time::UtcTime;

spelled! {
    /// A list beside that of the members. In the order of their names, as a table has them.
    SourceKind {
        /// `ApiKeys`: the keys of an account.
        ApiKeys = "api_keys",
        /// `AuditLogs`: who did what.
        AuditLog = "audit_log",
    }
}

spelled! {
    /// How far such a list was read in one account.
    SourceStatus {
        /// To its end.
        Complete = "complete",
        /// Pages or rows are missing; the rest was kept.
        Incomplete = "incomplete",
        /// Nothing could be read.
        Failed = "failed",
        /// The API gave nothing: it is not offered there, not to this key, or there is nothing in it.
        NotOffered = "not_offered",
    }
}

/// What came of asking an account for such a list. Where there is none, nobody asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OptionalSource {
    /// The account that was asked.
    pub account: AccountId,
    /// What for.
    pub kind: SourceKind,
    /// How far it was read.
    pub status: SourceStatus,
    /// Why no further.
    pub detail: Option<Sym>,
    /// From when to when the audit log was asked for.
    pub window: Option<(UtcTime, UtcTime)>,
    /// Rows that arrived.
    pub rows: u64,
}

/// An entry of an account's audit log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuditEvent {
    /// The account whose log it stands in.
    pub account: AccountId,
    /// When it happened, where it says so.
    pub happened: Option<UtcTime>,
    /// Who did it, as the API names them.
    pub actor: Option<Sym>,
    /// The user of that name, where the organization has one.
    pub user: Option<UserId>,
    /// What kind of event it is; the names are enumerated nowhere.
    pub event_name: Option<Sym>,
    /// What was done.
    pub user_action: Option<Sym>,
    /// More about it.
    pub description: Option<Sym>,
    /// The account that it names, where that is another one.
    pub stated_account: Option<Sym>,
}

/// An API key of an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ApiKey {
    /// The account that lists it.
    pub account: AccountId,
    /// Its id by its ends.
    pub masked_id: Sym,
    /// The first 16 hexadecimal digits of the SHA-256 of its id: the same key has the same ones in every run.
    pub fingerprint: Sym,
    /// Whether it may be used; `None` is unknown and counts as enabled.
    pub enabled: Option<bool>,
    /// What somebody wrote about it.
    pub description: Option<Sym>,
}

impl ApiKey {
    /// Whether it counts as enabled: unknown does.
    pub fn is_enabled(&self) -> bool {
        self.enabled != Some(false)
    }
}
