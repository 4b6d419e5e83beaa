use std::time::Duration;

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::delivery::Delivery;
use crate::fault::{Fault, FaultEntry, status};
use crate::listing::PagingForm;

/// What becomes of a call that a fault strikes.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    /// The status and the body; without them, the usual answer.
    instead: Option<(StatusCode, String)>,
    filler_bytes: Option<usize>,
    /// Headers to set, and those without a value to leave out.
    headers: Vec<(HeaderName, Option<HeaderValue>)>,
    next_page: Option<String>,
    total_rows: Option<u64>,
    delay: Duration,
    delivery: Delivery,
    is_reset: bool,
}

/// The page that a call asked for, for a fault that says something else of it.
#[derive(Debug)]
pub(crate) struct AskedPage {
    pub(crate) form: PagingForm,
    /// How the page itself would be named as a next page.
    pub(crate) own_name: String,
}

impl Effect {
    /// How a fixture names the page that is asked for.
    const SAME_PAGE: &str = "self";

    pub(crate) fn of(entry: FaultEntry) -> Result<Self, String> {
        if let Some(mistake) = mistake(&entry) {
            return Err(format!("a fault {mistake}"));
        }
        let headers = headers(&entry)?;
        let milliseconds = |number: Option<u64>| number.map(Duration::from_millis);
        let instead = match entry.status {
            None => None,
            Some(number) => {
                let body = entry.body.unwrap_or_else(|| {
                    let message = entry.message.as_deref().unwrap_or("a failure that the fixture asks for");
                    json!({ "message": message }).to_string()
                });
                Some((status(number)?, body))
            }
        };
        Ok(Self {
            instead,
            filler_bytes: entry.filler_bytes,
            headers,
            next_page: entry.next_page,
            total_rows: entry.total_rows,
            delay: milliseconds(entry.delay_ms).unwrap_or_default(),
            delivery: Delivery { pause: milliseconds(entry.trickle_ms), cut_after: entry.cut_after },
            is_reset: entry.reset,
        })
    }

    /// The answer in place of the usual one, if any.
    pub(crate) fn replacement(&self) -> Option<Answer> {
        self.instead.as_ref().map(|(status, body)| Answer::json(*status, body.clone()))
    }

    /// An answer, as the fault would have it. `page` is the page of a list that it is, if it is one.
    pub(crate) fn alter(&self, mut answer: Answer, page: Option<&AskedPage>) -> Answer {
        if let Some(page) = page.filter(|_| self.next_page.is_some() || self.total_rows.is_some()) {
            answer = answer.with_body_changed(|body| self.say_of_pages(body, page));
        }
        if let Some(bytes) = self.filler_bytes {
            answer = answer.with_filler(bytes);
        }
        answer.headers.clone_from(&self.headers);
        answer.delay = self.delay;
        answer.delivery = self.delivery.clone();
        answer.is_reset = self.is_reset;
        answer
    }

    fn say_of_pages(&self, body: Value, page: &AskedPage) -> Value {
        let mut fields = match body {
            Value::Object(fields) => fields,
            rows => Map::from_iter([("data".to_owned(), rows)]),
        };
        if let Some(next) = &self.next_page {
            let next = if next == Self::SAME_PAGE { &page.own_name } else { next };
            match page.form {
                PagingForm::Url => {
                    let mut paging = take_object(&mut fields, "paging");
                    let mut urls = take_object(&mut paging, "urls");
                    urls.insert("nextPage".to_owned(), json!(next));
                    paging.insert("urls".to_owned(), Value::Object(urls));
                    fields.insert("paging".to_owned(), Value::Object(paging));
                }
                PagingForm::Token => {
                    fields.insert("nextPage".to_owned(), json!(next));
                }
            }
        }
        if let Some(total) = self.total_rows {
            let mut paging = take_object(&mut fields, "paging");
            paging.insert("totalRows".to_owned(), json!(total));
            fields.insert("paging".to_owned(), Value::Object(paging));
        }
        Value::Object(fields)
    }
}

/// What makes no sense in a fault, if anything.
fn mistake(entry: &FaultEntry) -> Option<&'static str> {
    let says_body = entry.message.is_some() || entry.body.is_some();
    let says_page = entry.next_page.is_some() || entry.total_rows.is_some();
    let changes = says_page
        || entry.filler_bytes.is_some()
        || entry.content_type.is_some()
        || entry.retry_after.is_some()
        || entry.location.is_some()
        || !entry.headers.is_empty()
        || entry.delay_ms.is_some()
        || entry.trickle_ms.is_some()
        || entry.cut_after.is_some()
        || entry.reset;
    match entry.status {
        None if says_body => Some("has a message or a body, and no status"),
        None if !changes => Some("has no status and changes nothing"),
        Some(_) if says_page => Some("has a status, and says something of a page, which it replaces"),
        _ if says_page && entry.endpoint.as_deref() == Some(Fault::TOKENS) => {
            Some("says something of a page of the token exchange, which has none")
        }
        _ if entry.filler_bytes.is_some() && (says_body || says_page) => {
            Some("has a filler, and says something of the body that it replaces")
        }
        _ => None,
    }
}

fn headers(entry: &FaultEntry) -> Result<Vec<(HeaderName, Option<HeaderValue>)>, String> {
    let mut headers = Vec::new();
    for (name, value) in
        [(CONTENT_TYPE, &entry.content_type), (RETRY_AFTER, &entry.retry_after), (LOCATION, &entry.location)]
    {
        if let Some(value) = value {
            headers.push((name.clone(), Some(header_value(name.as_str(), value)?)));
        }
    }
    for (name, value) in &entry.headers {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("a fault names the header {name}, which is no name for one"))?;
        // The HTTP library adds these by itself.
        if value.is_none() && [DATE, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&header) {
            return Err(format!("a fault leaves out the header {name}, which every answer has"));
        }
        let value = value.as_deref().map(|value| header_value(name, value)).transpose()?;
        headers.push((header, value));
    }
    Ok(headers)
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(value).map_err(|_| format!("a fault has a value for {name} that no header can have"))
}

/// The object under a key, taken out; a new one where there is none.
fn take_object(fields: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match fields.remove(key) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}
