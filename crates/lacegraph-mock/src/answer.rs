use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::rate_limit::Gauge;

/// What a call is answered, before the headers that every answer carries.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    body: Bytes,
    content_type: String,
    retry_after: Option<String>,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { status, body: body.into(), content_type: "application/json".to_owned(), retry_after: None }
    }

    /// An error of the vendor's usual form: `{"message": "..."}`.
    pub(crate) fn message(status: StatusCode, message: &str) -> Self {
        Self::json(status, serde_json::json!({ "message": message }).to_string())
    }

    /// No rows: 204 and no body (vendor client source).
    pub(crate) fn no_rows() -> Self {
        Self::json(StatusCode::NO_CONTENT, Bytes::new())
    }

    pub(crate) fn with_content_type(self, content_type: String) -> Self {
        Self { content_type, ..self }
    }

    pub(crate) fn with_retry_after(self, retry_after: String) -> Self {
        Self { retry_after: Some(retry_after), ..self }
    }

    /// The answer as it goes out, with the rate limit headers that every answer carries (vendor documentation).
    pub(crate) fn into_response(self, gauge: &Gauge) -> Response<Body> {
        let has_body = self.status != StatusCode::NO_CONTENT && self.status != StatusCode::NOT_MODIFIED;
        let mut response = Response::new(if has_body { Body::from(self.body) } else { Body::empty() });
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if has_body {
            insert(headers, CONTENT_TYPE.as_str(), &self.content_type);
        }
        if let Some(retry_after) = &self.retry_after {
            insert(headers, RETRY_AFTER.as_str(), retry_after);
        }
        insert(headers, "ratelimit-limit", &gauge.limit_text());
        insert(headers, "ratelimit-remaining", &gauge.remaining.to_string());
        insert(headers, "ratelimit-reset", &gauge.reset_seconds.to_string());
        response
    }
}

/// A value that no header can hold (a line break in a fixture's `retry_after`) is left out.
fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
