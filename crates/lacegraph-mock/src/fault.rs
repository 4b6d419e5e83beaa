use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::StatusCode;
use serde::Deserialize;

use crate::answer::Answer;
use crate::resource::{Resource, Scope};

/// A failure that a fixture asks for, in its `organization.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Only calls for this account.
    account: Option<String>,
    /// Only calls for the organization's data set.
    #[serde(default)]
    org: bool,
    /// Only this endpoint (`TeamMembers`, `access/tokens`); without one, every list.
    endpoint: Option<String>,
    /// Only this page of a list, counted from 1.
    page: Option<usize>,
    /// Only the first calls that match.
    times: Option<u32>,
    status: u16,
    message: Option<String>,
    /// A body to send as it is, in place of `{"message": ...}`.
    body: Option<String>,
    content_type: Option<String>,
    retry_after: Option<String>,
}

impl Fault {
    /// The endpoint of the token exchange, as a fixture writes it.
    pub(crate) const TOKENS: &str = "access/tokens";

    /// What is wrong with it, if anything.
    pub(crate) fn mistake(&self) -> Option<String> {
        if !(200..600).contains(&self.status) {
            return Some(format!("a fault has the status {}, which is not between 200 and 599", self.status));
        }
        match &self.endpoint {
            Some(endpoint) if endpoint != Self::TOKENS && Resource::named(endpoint).is_none() => {
                Some(format!("a fault names the endpoint {endpoint}, which is not served"))
            }
            _ => None,
        }
    }

    /// The account it names; an account that always fails exists all the same.
    pub(crate) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    fn matches(&self, resource: Resource, scope: &Scope, page: usize) -> bool {
        let endpoint = match &self.endpoint {
            Some(endpoint) => endpoint == resource.name(),
            None => resource.is_list(),
        };
        let place = match (&self.account, self.org) {
            (None, false) => true,
            (Some(account), false) => *scope == Scope::account(account),
            (None, true) => *scope == Scope::Organization,
            (Some(account), true) => *scope == Scope::Organization || *scope == Scope::account(account),
        };
        endpoint && place && self.page.is_none_or(|wanted| wanted == page)
    }

    fn answer(&self) -> Answer {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = match &self.body {
            Some(body) => Answer::json(status, body.clone()),
            None => Answer::message(status, self.message.as_deref().unwrap_or("a failure that the fixture asks for")),
        };
        if let Some(content_type) = &self.content_type {
            answer = answer.with_content_type(content_type.clone());
        }
        match &self.retry_after {
            Some(retry_after) => answer.with_retry_after(retry_after.clone()),
            None => answer,
        }
    }
}

/// The faults of an organization, and how often each has struck.
#[derive(Debug)]
pub(crate) struct Faults {
    faults: Vec<(Fault, AtomicU32)>,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self { faults: faults.into_iter().map(|fault| (fault, AtomicU32::new(0))).collect() }
    }

    /// The failure due for a data call, if any; `page` counts from 1.
    pub(crate) fn strike(&self, resource: Resource, scope: &Scope, page: usize) -> Option<Answer> {
        self.first(|fault| fault.matches(resource, scope, page))
    }

    /// The failure due for a token exchange, if any.
    pub(crate) fn strike_token(&self) -> Option<Answer> {
        self.first(|fault| fault.endpoint.as_deref() == Some(Fault::TOKENS))
    }

    fn first(&self, matches: impl Fn(&Fault) -> bool) -> Option<Answer> {
        self.faults
            .iter()
            .find(|(fault, struck)| {
                matches(fault) && fault.times.is_none_or(|times| struck.fetch_add(1, Ordering::Relaxed) < times)
            })
            .map(|(fault, _)| fault.answer())
    }
}
