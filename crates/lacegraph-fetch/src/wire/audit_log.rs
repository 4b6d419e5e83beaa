//! A row of `AuditLogs`.

use serde::Deserialize;

use super::value::{Moment, Text};

/// An entry of an audit log. Times come as epoch milliseconds (vendor documentation) or ISO text (seen in the field); the names of
/// events are enumerated nowhere.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct AuditLogEntry<'a> {
    pub(crate) created_time: Moment,
    #[serde(borrow)]
    pub(crate) account_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) user_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) event_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) user_action: Text<'a>,
    #[serde(borrow)]
    pub(crate) event_description: Text<'a>,
}

impl AuditLogEntry<'_> {
    /// Whether it says nothing of anything that happened.
    pub(crate) fn is_empty(&self) -> bool {
        let texts = [&self.user_name, &self.event_name, &self.user_action, &self.event_description];
        self.created_time.time().is_none() && texts.into_iter().all(Text::is_empty)
    }
}
