//! The tables of what accounts were asked for beside their members. Empty where nobody asked.

use super::Table;
use super::value::{Value, key};

pub(super) const OPTIONAL_SOURCES: Table = Table {
    name: "optional_sources",
    columns: &[
        "account_key",
        "source_name",
        "read_status",
        "read_detail",
        "window_start_utc",
        "window_end_utc",
        "rows_returned",
    ],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for source in snapshot.optional_sources() {
            sink(&[
                key(source.account.index()),
                source.kind.as_str().into(),
                source.status.as_str().into(),
                snapshot.text_opt(source.detail).into(),
                source.window.map(|(start, _)| start).into(),
                source.window.map(|(_, end)| end).into(),
                source.rows.into(),
            ])?;
        }
        Ok(())
    },
};

pub(super) const AUDIT_EVENTS: Table = Table {
    name: "audit_events",
    columns: &[
        "event_key",
        "account_key",
        "happened_at_utc",
        "happened_date",
        "actor_name",
        "user_key",
        "event_name",
        "user_action",
        "event_description",
        "stated_account_name",
    ],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (index, event) in snapshot.audit_events().iter().enumerate() {
            sink(&[
                key(index),
                key(event.account.index()),
                event.happened.into(),
                event.happened.map(Value::Date).into(),
                snapshot.text_opt(event.actor).into(),
                event.user.map_or(Value::Null, |user| key(user.index())),
                snapshot.text_opt(event.event_name).into(),
                snapshot.text_opt(event.user_action).into(),
                snapshot.text_opt(event.description).into(),
                snapshot.text_opt(event.stated_account).into(),
            ])?;
        }
        Ok(())
    },
};

pub(super) const API_KEYS: Table = Table {
    name: "api_keys",
    columns: &[
        "api_key_key",
        "account_key",
        "masked_key_id",
        "key_fingerprint",
        "enabled_seen",
        "is_enabled",
        "key_description",
    ],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (index, api_key) in snapshot.api_keys().iter().enumerate() {
            sink(&[
                key(index),
                key(api_key.account.index()),
                snapshot.text(api_key.masked_id).into(),
                snapshot.text(api_key.fingerprint).into(),
                api_key.enabled.into(),
                api_key.is_enabled().into(),
                snapshot.text_opt(api_key.description).into(),
            ])?;
        }
        Ok(())
    },
};
