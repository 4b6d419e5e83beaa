use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use crate::answer::Answer;
use crate::route::query_value;

/// The time window that a call for `AuditLogs` asks for, from `startTime` up to but without `endTime`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuditWindow {
    start: Timestamp,
    end: Timestamp,
}

impl AuditWindow {
    /// The window in a query: `None` where neither bound is named, an error where a bound is no time.
    pub(crate) fn of(query: Option<&str>) -> Option<Result<Self, Answer>> {
        let start = query_value(query, "startTime");
        let end = query_value(query, "endTime");
        if start.is_none() && end.is_none() {
            return None;
        }
        let bound = |name: &str, text: Option<String>, default| match text {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| Answer::message(StatusCode::BAD_REQUEST, &format!("{name} is not a time: {text}"))),
        };
        let window = bound("startTime", start, Timestamp::MIN)
            .and_then(|start| Ok((start, bound("endTime", end, Timestamp::MAX)?)));
        Some(window.map(|(start, end)| Self { start, end }))
    }

    /// Whether a row is inside; one whose time cannot be read is in every window.
    pub(crate) fn holds(&self, row: &Value) -> bool {
        let time = match row.get("createdTime") {
            Some(Value::Number(number)) => {
                number.as_f64().and_then(|milliseconds| Timestamp::from_millisecond(milliseconds as i64).ok())
            }
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        time.is_none_or(|time| self.start <= time && time < self.end)
    }
}
