use std::io::Write as _;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use crate::random::opaque;
use crate::resource::{Resource, Scope};

/// How a page says where the next one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PagingForm {
    /// `paging.urls.nextPage` holds an absolute URL (vendor documentation).
    #[default]
    Url,
    /// A top-level `nextPage` holds an opaque token, to be sent back as the query parameter `nextPage` (field).
    Token,
}

/// How a list is cut into pages.
#[derive(Debug, Clone)]
pub(crate) struct PagePlan {
    pub(crate) base_url: String,
    /// Rows a page; without it a list is one body that says nothing of pages.
    pub(crate) page_size: Option<usize>,
    pub(crate) form: PagingForm,
}

/// A list as it is served: its pages, and the names of those after the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    pages: Vec<Page>,
}

#[derive(Debug, Clone)]
struct Page {
    /// What the page before calls it; the first page has no name.
    name: Option<String>,
    body: Bytes,
}

impl Listing {
    /// A list of no rows, which is answered 204.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// A body that is served as it is.
    pub(crate) fn single(body: impl Into<Bytes>) -> Self {
        Self { pages: vec![Page { name: None, body: body.into() }] }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The number of a page, counted from 1; `None` where no page has this name.
    pub(crate) fn number_of(&self, name: Option<&str>) -> Option<usize> {
        self.pages.iter().position(|page| page.name.as_deref() == name).map(|index| index + 1)
    }

    /// The body of a page, by its number.
    pub(crate) fn body(&self, number: usize) -> Option<Bytes> {
        self.pages.get(number.checked_sub(1)?).map(|page| page.body.clone())
    }
}

/// What a list is besides its rows.
#[derive(Debug)]
pub(crate) struct ListHead<'a> {
    pub(crate) organization: &'a str,
    pub(crate) resource: Resource,
    pub(crate) scope: &'a Scope,
    /// What of the list was asked for, in words; empty where all of it was.
    pub(crate) part: &'a str,
    /// Top-level fields of a fixture's body beside `data`.
    pub(crate) fields: Map<String, Value>,
    /// What `paging.totalRows` says; a fixture may claim more rows than it has.
    pub(crate) claimed_rows: usize,
}

impl PagePlan {
    /// Writes `rows` rows, each by `write_row`, into pages.
    pub(crate) fn write(
        &self,
        head: &ListHead<'_>,
        rows: usize,
        mut write_row: impl FnMut(usize, &mut Vec<u8>),
    ) -> Listing {
        if rows == 0 {
            return Listing::empty();
        }
        let size = self.page_size.unwrap_or(rows).max(1);
        let last = (rows - 1) / size;
        let mut pages = Vec::with_capacity(last + 1);
        let mut capacity = 4096;
        for index in 0..=last {
            let range = index * size..rows.min((index + 1) * size);
            let next = (index < last).then(|| page_name(head, index + 1));
            let mut body = Vec::with_capacity(capacity);
            self.open(&mut body, head, range.len(), next.as_deref());
            for (position, row) in range.enumerate() {
                if position > 0 {
                    body.push(b',');
                }
                write_row(row, &mut body);
            }
            body.extend_from_slice(b"]}");
            capacity = capacity.max(body.len() + body.len() / 16);
            pages.push(Page { name: (index > 0).then(|| page_name(head, index)), body: body.into() });
        }
        Listing { pages }
    }

    /// Everything of a page up to its first row.
    fn open(&self, body: &mut Vec<u8>, head: &ListHead<'_>, rows: usize, next: Option<&str>) {
        let mut fields = head.fields.clone();
        if self.page_size.is_some() {
            let (key, value) = match self.form {
                PagingForm::Url => {
                    let url = next.map(|name| format!("{}/api/v2/{}/{name}", self.base_url, head.resource.name()));
                    let paging = json!({"rows": rows, "totalRows": head.claimed_rows, "urls": {"nextPage": url}});
                    ("paging", Some(paging))
                }
                PagingForm::Token => ("nextPage", next.map(Value::from)),
            };
            if let Some(value) = value {
                fields.insert(key.to_owned(), value);
            }
        }
        body.push(b'{');
        for (key, value) in &fields {
            // Writing into a vector does not fail.
            let _ = write!(body, "{}:{value},", Value::from(key.as_str()));
        }
        body.extend_from_slice(b"\"data\":[");
    }
}

/// The opaque name of a page; it depends on what is listed, so that it is no page of any other list.
fn page_name(head: &ListHead<'_>, index: usize) -> String {
    let list = format!("{}/{}/{:?}{}", head.organization, head.resource.name(), head.scope, head.part);
    opaque(&list, index as u64)
}
