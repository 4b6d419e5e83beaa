//! A list, page by page.

use std::collections::BTreeSet;

use reqwest::Url;
use sha2::{Digest as _, Sha256};

use crate::error::{BodyFault, CallError, PagingFault};
use crate::observer::Event;
use crate::place::Place;
use crate::session::{Answer, Call, Session};
use crate::transport::{Endpoint, Response, Scope};
use crate::wire::{Body, Envelope};

/// A page that arrived.
#[derive(Debug)]
pub(crate) struct Page {
    /// From 1.
    pub(crate) number: u32,
    /// The body; `None` where the answer was 204: no rows.
    pub(crate) text: Option<String>,
    pub(crate) rows: u64,
}

/// A call by its final outcome, for the snapshot.
#[derive(Clone, Debug)]
pub(crate) struct CallRecord {
    pub(crate) endpoint: Endpoint,
    pub(crate) page: u32,
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
    pub(crate) rows: u64,
    pub(crate) body_sha256: Option<[u8; 32]>,
}

/// A call and what came of it.
pub(crate) struct Step {
    /// `None` where no call for the page itself was made: the key got no token.
    pub(crate) call: Option<CallRecord>,
    pub(crate) outcome: Result<Page, CallError>,
}

/// Reads the pages of one list, one after the other.
pub(crate) struct PageWalk<'s, 'a> {
    session: &'s Session<'a>,
    account: Option<String>,
    endpoint: Endpoint,
    scope: Scope,
    first: Url,
    next: Result<Option<Url>, CallError>,
    // URLs asked for already.
    seen: BTreeSet<String>,
    page: u32,
    rows: u64,
    total: Option<u64>,
}

impl<'s, 'a> PageWalk<'s, 'a> {
    pub(crate) fn new(session: &'s Session<'a>, endpoint: Endpoint, account: Option<String>, scope: Scope) -> Self {
        let first = session.base.endpoint(endpoint.path());
        let next = Ok(Some(first.clone()));
        let seen = BTreeSet::from([first.to_string()]);
        Self { session, account, endpoint, scope, first, next, seen, page: 0, rows: 0, total: None }
    }

    /// The same list with a query, of which every page is asked for.
    pub(crate) fn with_query(mut self, query: &[(&'static str, String)]) -> Self {
        if !query.is_empty() {
            self.first.query_pairs_mut().extend_pairs(query);
            self.seen = BTreeSet::from([self.first.to_string()]);
            self.next = Ok(Some(self.first.clone()));
        }
        self
    }

    /// The next page, an error that ends the list, or `None` at its end.
    pub(crate) async fn next(&mut self) -> Option<Step> {
        let url = match std::mem::replace(&mut self.next, Ok(None)) {
            Ok(url) => url?,
            Err(error) => return Some(Step { call: None, outcome: Err(error) }),
        };
        self.page += 1;
        let call = Call { place: self.place(), scope: self.scope.clone(), url };
        Some(match self.session.call(&call).await {
            Ok(answer) => self.take(call.place, answer).await,
            Err(error) => {
                let record = self.record(error.status(), error.attempts(), 0, None);
                Step { call: (!error.is_about_key()).then_some(record), outcome: Err(error) }
            }
        })
    }

    /// How many rows arrived, and how many the API promised, where that is more.
    pub(crate) fn shortfall(&self) -> Option<(u64, u64)> {
        self.total.filter(|&total| total > self.rows).map(|total| (self.rows, total))
    }

    /// Whether no page follows the one that arrived last.
    pub(crate) fn is_at_end(&self) -> bool {
        matches!(self.next, Ok(None))
    }

    /// Why the page after the one that arrived last cannot be asked for.
    pub(crate) fn fault(&self) -> Option<&CallError> {
        self.next.as_ref().err()
    }

    /// How many rows the API promised.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    async fn take(&mut self, place: Place, answer: Answer) -> Step {
        let Answer { response, attempts } = answer;
        let (status, content_type) = (response.status, response.headers.content_type.clone());
        if status == 204 {
            let page = Page { number: self.page, text: None, rows: 0 };
            return Step { call: Some(self.record(Some(status), attempts, 0, None)), outcome: Ok(page) };
        }
        let (sha256, body) = examine(response).await;
        let outcome = match body {
            Ok(Body { text, envelope: Envelope { rows, total, next } }) => {
                self.rows += rows;
                self.total = self.total.max(total);
                self.next = self.follow(next).map_err(|fault| CallError::Paging { place: Box::new(place), fault });
                self.session.observer().notice(&Event::PageRead {
                    organization: self.session.organization(),
                    account: self.account.as_deref(),
                    page: self.page,
                    rows,
                    total: self.total,
                });
                Ok(Page { number: self.page, text: Some(text), rows })
            }
            Err(fault) => Err(CallError::Body { place: Box::new(place), status, content_type, fault }),
        };
        let rows = outcome.as_ref().map_or(0, |page| page.rows);
        Step { call: Some(self.record(Some(status), attempts, rows, Some(sha256))), outcome }
    }

    /// The URL of the next page: given as such, or as a token for the query. It must stay at the API's own origin.
    fn follow(&mut self, next: Result<Option<String>, PagingFault>) -> Result<Option<Url>, PagingFault> {
        let Some(next) = next? else { return Ok(None) };
        // A token may begin with a slash too, as base64 does.
        let is_path = next.starts_with("//") || (next.starts_with('/') && next.contains("/api/"));
        let url = if next.contains("://") || is_path {
            self.first.join(&next).map_err(|_| PagingFault::NotUnderstood)?
        } else {
            let mut url = self.first.clone();
            url.query_pairs_mut().append_pair("nextPage", &next);
            url
        };
        if !self.session.base.is_origin_of(&url) {
            return Err(PagingFault::Foreign(url.origin().ascii_serialization()));
        }
        if !self.seen.insert(url.to_string()) {
            return Err(PagingFault::Loop);
        }
        Ok(Some(url))
    }

    fn place(&self) -> Place {
        Place {
            organization: self.session.organization().to_owned(),
            account: self.account.clone(),
            endpoint: self.endpoint,
            page: self.page,
        }
    }

    fn record(&self, status: Option<u16>, attempts: u32, rows: u64, body_sha256: Option<[u8; 32]>) -> CallRecord {
        CallRecord { endpoint: self.endpoint, page: self.page, status, attempts, rows, body_sha256 }
    }
}

/// Bodies from here on are looked at off the asynchronous threads, which would stand still for milliseconds.
const LARGE_BODY: usize = 128 * 1024;

/// The hash of a body, and what it is.
pub(crate) async fn examine(response: Response) -> ([u8; 32], Result<Body, BodyFault>) {
    let is_large = response.body.len() >= LARGE_BODY;
    let work = move || -> ([u8; 32], Result<Body, BodyFault>) {
        let sha256 = Sha256::digest(&response.body).into();
        (sha256, Body::read(response))
    };
    if !is_large {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(examined) => examined,
        // Only where the runtime is being shut down, and then nobody waits for it.
        Err(_) => ([0; 32], Err(BodyFault::Empty)),
    }
}
