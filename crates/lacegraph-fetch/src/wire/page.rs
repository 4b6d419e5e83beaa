//! A body before its rows are read: what it is, how many rows it has, which page comes next.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::message::is_html;
use super::value::{Count, Text};
use crate::error::{BodyFault, PagingFault};
use crate::transport::Response;

/// A body that is JSON with rows.
pub(crate) struct Body {
    /// The whole of it.
    pub(crate) text: String,
    /// What stands around the rows.
    pub(crate) envelope: Envelope,
}

/// What stands around the rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// How many rows there are.
    pub(crate) rows: u64,
    /// How many rows the whole list has.
    pub(crate) total: Option<u64>,
    /// What names the next page: a URL, or a token for the query.
    pub(crate) next: Result<Option<String>, PagingFault>,
}

impl Body {
    /// Looks at the body of an answer of status 200; nobody else need look for web pages and broken JSON after.
    pub(crate) fn read(response: Response) -> Result<Self, BodyFault> {
        let Response { headers, body, .. } = response;
        if is_html(headers.content_type.as_deref(), &body) {
            return Err(BodyFault::Html);
        }
        if body.trim_ascii().is_empty() {
            return Err(BodyFault::Empty);
        }
        let length = body.len();
        let text = String::from_utf8(body).map_err(|_| BodyFault::NotUtf8)?;
        let fault = |error: serde_json::Error| match error.classify() {
            serde_json::error::Category::Eof => BodyFault::CutOff(length),
            _ => BodyFault::NotJson { line: error.line(), column: error.column() },
        };
        if text.trim_start().starts_with('[') {
            let rows = serde_json::from_str::<RowCount>(&text).map_err(fault)?;
            let envelope = Envelope { rows: rows.0.unwrap_or(0), total: None, next: Ok(None) };
            return Ok(Self { text, envelope });
        }
        let fields: Fields<'_> = serde_json::from_str(&text).map_err(fault)?;
        let rows = fields.data.0.ok_or(BodyFault::NoData)?;
        let (total, next) = fields.paging();
        let envelope = Envelope { rows, total, next };
        Ok(Self { text, envelope })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(default)]
    data: RowCount,
    #[serde(default, borrow)]
    paging: Option<&'a RawValue>,
    #[serde(default, borrow)]
    next_page: Option<&'a RawValue>,
}

impl Fields<'_> {
    fn paging(&self) -> (Option<u64>, Result<Option<String>, PagingFault>) {
        let paging = match self.paging.map(|raw| serde_json::from_str::<Option<Paging<'_>>>(raw.get())) {
            Some(Ok(paging)) => paging.unwrap_or_default(),
            Some(Err(_)) => return (None, Err(PagingFault::NotUnderstood)),
            None => Paging::default(),
        };
        let urls = paging.urls.unwrap_or_default();
        let top = match self.next_page.map(|raw| serde_json::from_str::<Text<'_>>(raw.get())) {
            Some(Ok(text)) => text,
            Some(Err(_)) => return (paging.total_rows.0, Err(PagingFault::NotUnderstood)),
            None => Text::default(),
        };
        let next = urls.next_page.non_empty().or(top.non_empty()).map(str::to_owned);
        (paging.total_rows.0, Ok(next))
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Paging<'a> {
    total_rows: Count,
    #[serde(borrow)]
    urls: Option<Urls<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Urls<'a> {
    #[serde(borrow)]
    next_page: Text<'a>,
}

/// How many entries a list has; `None` where there is no list.
#[derive(Default)]
struct RowCount(Option<u64>);

impl<'de> Deserialize<'de> for RowCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;
        impl<'de> Visitor<'de> for CountVisitor {
            type Value = RowCount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of rows")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<RowCount, A::Error> {
                let mut count = 0;
                while rows.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(RowCount(Some(count)))
            }
            fn visit_unit<E: Error>(self) -> Result<RowCount, E> {
                Ok(RowCount(None))
            }
        }
        deserializer.deserialize_any(CountVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Envelope, BodyFault> {
        let response = Response { status: 200, body: body.as_bytes().to_vec(), ..Response::default() };
        Body::read(response).map(|body| body.envelope)
    }

    fn envelope(rows: u64, total: Option<u64>, next: Option<&str>) -> Result<Envelope, BodyFault> {
        Ok(Envelope { rows, total, next: Ok(next.map(str::to_owned)) })
    }

    #[test]
    fn pages_in_every_form() {
        assert_eq!(read(r#"{"data":[{},{}]}"#), envelope(2, None, None));
        assert_eq!(read("[{}]"), envelope(1, None, None));
        let page = r#"{"paging":{"rows":1,"totalRows":9,"urls":{"nextPage":"https://x/y"}},"data":[{}]}"#;
        assert_eq!(read(page), envelope(1, Some(9), Some("https://x/y")));
        assert_eq!(read(r#"{"nextPage":"tok","data":[]}"#), envelope(0, None, Some("tok")));
        assert_eq!(read(r#"{"paging":{"urls":{"nextPage":null}},"nextPage":"","data":[]}"#), envelope(0, None, None));
        assert_eq!(read(r#"{"paging":null,"data":[]}"#), envelope(0, None, None));
    }

    #[test]
    fn paging_that_is_not_understood_keeps_the_rows() {
        let odd = Ok(Envelope { rows: 1, total: None, next: Err(PagingFault::NotUnderstood) });
        assert_eq!(read(r#"{"paging":7,"data":[{}]}"#), odd);
        assert_eq!(read(r#"{"nextPage":{"a":1},"data":[{}]}"#), odd);
    }

    #[test]
    fn bodies_that_are_none() {
        assert_eq!(read("<html></html>"), Err(BodyFault::Html));
        assert_eq!(read(" \n"), Err(BodyFault::Empty));
        assert_eq!(read(r#"{"data":[{"a":"#), Err(BodyFault::CutOff(14)));
        assert_eq!(read("{}"), Err(BodyFault::NoData));
        assert_eq!(read(r#"{"data":null}"#), Err(BodyFault::NoData));
        assert_eq!(read("oops"), Err(BodyFault::NotJson { line: 1, column: 1 }));
        assert_eq!(read(r#"{"data":{}}"#), Err(BodyFault::NotJson { line: 1, column: 10 }));
    }
}
