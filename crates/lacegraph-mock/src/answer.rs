use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

use crate::delivery::{Content, Delivery};
use crate::rate_limit::Gauge;

/// What a call is answered, before the headers that every answer carries.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    content: Content,
    /// Headers to set in the end, and those without a value to leave out.
    pub(crate) headers: Vec<(HeaderName, Option<HeaderValue>)>,
    /// How long it is held back.
    pub(crate) delay: Duration,
    pub(crate) delivery: Delivery,
    /// Whether the connection breaks in place of an answer.
    pub(crate) is_reset: bool,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content: Content::Bytes(body.into()),
            headers: Vec::new(),
            delay: Duration::ZERO,
            delivery: Delivery::default(),
            is_reset: false,
        }
    }

    /// An error of the vendor's usual form: `{"message": "..."}`.
    pub(crate) fn message(status: StatusCode, message: &str) -> Self {
        Self::json(status, serde_json::json!({ "message": message }).to_string())
    }

    /// No rows: 204 and no body (vendor client source).
    pub(crate) fn no_rows() -> Self {
        Self::json(StatusCode::NO_CONTENT, Bytes::new())
    }

    /// A value that no header can hold (a line break in an option) is left out.
    pub(crate) fn with_retry_after(mut self, retry_after: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(retry_after).ok().map(|value| (RETRY_AFTER, Some(value))));
        self
    }

    /// A body that is JSON, changed; any other stays as it is.
    pub(crate) fn with_body_changed(self, change: impl FnOnce(Value) -> Value) -> Self {
        let Content::Bytes(bytes) = &self.content else { return self };
        match serde_json::from_slice(bytes) {
            Ok(body) => Self { content: Content::Bytes(change(body).to_string().into()), ..self },
            Err(_) => self,
        }
    }

    /// The beginning of a list as the body, and so many bytes of it.
    pub(crate) fn with_filler(self, bytes: usize) -> Self {
        Self { content: Content::Filler(bytes), ..self }
    }

    /// The answer as it goes out, with the rate limit headers that every answer carries (vendor documentation).
    pub(crate) fn into_response(self, gauge: &Gauge) -> Response<Body> {
        let has_body = self.status != StatusCode::NO_CONTENT && self.status != StatusCode::NOT_MODIFIED;
        let (body, length) = if has_body { self.delivery.body(self.content) } else { (Body::empty(), None) };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(length) = length {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        insert(headers, "ratelimit-limit", &gauge.limit_text());
        insert(headers, "ratelimit-remaining", &gauge.remaining.to_string());
        insert(headers, "ratelimit-reset", &gauge.reset_seconds.to_string());
        for (name, value) in self.headers {
            match value {
                Some(value) => headers.insert(name, value),
                None => headers.remove(name),
            };
        }
        response
    }
}

/// A value that no header can hold is left out.
fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
