//! The tries of one call.

use tokio::time::Instant;

use crate::error::CallError;
use crate::observer::Event;
use crate::place::Place;
use crate::session::Session;
use crate::transport::{Endpoint, Request, Response, TransportError};
use crate::wait::{Delays, asked_wait, seconds_until};

/// The tries of one call.
pub(crate) struct Tries<'s, 'a> {
    session: &'s Session<'a>,
    place: &'s Place,
    delays: Delays<'a>,
    pub(crate) attempts: u32,
    failures: u32,
}

impl<'s, 'a> Tries<'s, 'a> {
    pub(crate) fn new(session: &'s Session<'a>, place: &'s Place) -> Self {
        let call = (&place.organization, &place.account, place.endpoint, place.page);
        Self { session, place, delays: Delays::new(session.context.retry, call), attempts: 0, failures: 0 }
    }

    /// Sends once. `None` says that it failed for now, and that the wait is over; an answer is final.
    pub(crate) async fn send(&mut self, request: &Request) -> Result<Option<Response>, CallError> {
        // Calls of a key share its rate limit for each kind of call (vendor documentation), so one that hit it holds the others.
        if let Some(gate) = self.session.gate(self.place.endpoint) {
            tokio::time::sleep_until(gate).await;
        }
        self.attempts += 1;
        let outcome = self.session.context.transport.send(request).await;
        let status = outcome.as_ref().ok().map(|response| response.status);
        if let Ok(response) = &outcome {
            self.session.note_rate_limit(response);
            self.note_clock(response);
        }
        tracing::debug!(place = %self.place, status, attempt = self.attempts, "call");
        let asked = match &outcome {
            Ok(response) if matches!(response.status, 429 | 500 | 502 | 503 | 504) => {
                asked_wait(response.status, &response.headers, self.session.context.clock.now())
            }
            Ok(_) => return outcome.map(Some).map_err(|source| self.no_answer(source)),
            Err(error) if error.kind.is_transient() => None,
            Err(error) => return Err(self.no_answer(error.clone())),
        };
        self.failures += 1;
        let delay = if self.failures < self.most_tries(status) { self.delays.next(asked) } else { None };
        let Some(delay) = delay else {
            return outcome.map(Some).map_err(|source| self.no_answer(source));
        };
        self.session.context.observer.notice(&Event::Waiting {
            organization: &self.place.organization,
            account: self.place.account.as_deref(),
            endpoint: self.place.endpoint,
            delay,
            attempts: self.attempts,
            status,
        });
        if status == Some(429) {
            self.session.close_gate(self.place.endpoint, Instant::now() + delay);
        }
        tokio::time::sleep(delay).await;
        Ok(None)
    }

    /// Tells how far the server's clock is from ours, once a key is enough.
    fn note_clock(&self, response: &Response) {
        let now = self.session.context.clock.now();
        let date = response.headers.date.as_deref().filter(|_| self.place.endpoint == Endpoint::AccessTokens);
        if let Some(ahead_seconds) = date.and_then(|date| seconds_until(date, now)) {
            let organization = &self.place.organization;
            self.session.context.observer.notice(&Event::ServerClock { organization, ahead_seconds });
        }
    }

    fn most_tries(&self, status: Option<u16>) -> u32 {
        let retry = self.session.context.retry;
        match (status, self.place.endpoint) {
            // The documented answer to callers who are no organization admins (vendor client source).
            (Some(500), Endpoint::UserProfile) => retry.max_attempts_on_500.min(2),
            (Some(500), _) => retry.max_attempts_on_500,
            _ => retry.max_attempts,
        }
    }

    fn no_answer(&self, source: TransportError) -> CallError {
        CallError::NoAnswer { place: Box::new(self.place.clone()), attempts: self.attempts, source }
    }
}
