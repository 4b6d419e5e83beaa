//! The tries of one call.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::CallError;
use crate::observer::Event;
use crate::pace::Wait;
use crate::place::Place;
use crate::session::Session;
use crate::transport::{Endpoint, Request, Response, TransportError};
use crate::wait::{Delays, RateLimit, asked_wait, seconds_until};

/// The tries of one call.
pub(crate) struct Tries<'s, 'a> {
    session: &'s Session<'a>,
    place: &'s Place,
    delays: Delays,
    pub(crate) attempts: u32,
    /// Tries that hit the rate limit: they say nothing against the call.
    limited: u32,
    /// Tries that failed otherwise.
    failures: u32,
    /// The status of the last try; `None` where no answer came, or nothing was tried.
    last_status: Option<u16>,
    last_failure: Option<TransportError>,
}

impl<'s, 'a> Tries<'s, 'a> {
    pub(crate) fn new(session: &'s Session<'a>, place: &'s Place) -> Self {
        let call = (&place.organization, &place.account, place.endpoint, place.page);
        let delays = Delays::new(session.context.retry, call);
        Self { session, place, delays, attempts: 0, limited: 0, failures: 0, last_status: None, last_failure: None }
    }

    /// Sends once. `None` says that it failed for now, and may be tried again; an answer is final.
    pub(crate) async fn send(&mut self, request: &Request) -> Result<Option<Response>, CallError> {
        let session = self.session;
        let pace = session.pace(self.place.endpoint);
        let permit = pace.enter(|wait| self.may_wait(wait)).await?;
        self.attempts += 1;
        let began = Instant::now();
        let outcome = session.context.transport.send(request).await;
        let status = outcome.as_ref().ok().map(|response| response.status);
        self.last_status = status;
        self.last_failure = outcome.as_ref().err().cloned();
        if let Ok(response) = &outcome {
            let limit = RateLimit::of(&response.headers);
            permit.answered(limit);
            session.note_rate_limit(self.place.endpoint, limit);
            self.note_clock(response);
        } else {
            drop(permit);
        }
        self.log(&outcome, began.elapsed());
        let asked = match &outcome {
            Ok(response) if matches!(response.status, 429 | 500 | 502 | 503 | 504) => {
                asked_wait(response.status, &response.headers, session.context.clock.now())
            }
            Ok(_) => return outcome.map(Some).map_err(|source| self.no_answer(source)),
            Err(error) if error.kind.is_transient() => None,
            Err(error) => return Err(self.no_answer(error.clone())),
        };
        if status == Some(429) {
            self.limited += 1;
            if self.limited >= session.context.retry.max_attempts_on_429 {
                return outcome.map(Some).map_err(|source| self.no_answer(source));
            }
            // Calls of a key share its rate limit for each kind of call (vendor documentation), so one that hit it holds
            // the others; the wait is that of the next turn.
            pace.close(Wait::from_now(self.delays.next(asked.or_else(|| self.unknown_limit_delay()))));
            return Ok(None);
        }
        self.failures += 1;
        if self.failures >= self.most_tries(status) {
            return outcome.map(Some).map_err(|source| self.no_answer(source));
        }
        let wait = Wait::from_now(self.delays.next(asked));
        self.may_wait(wait)?;
        tokio::time::sleep_until(wait.until).await;
        Ok(None)
    }

    /// Tells of a wait and counts it; an error where it would be longer than a run may wait.
    fn may_wait(&self, Wait { until, asked }: Wait) -> Result<(), CallError> {
        let delay = until.saturating_duration_since(Instant::now());
        let patience = self.session.context.patience;
        if !patience.allows(until) {
            return Err(CallError::WaitTooLong {
                place: Box::new(self.place.clone()),
                attempts: self.attempts,
                status: self.last_status,
                failure: self.last_failure.clone(),
                wait: asked,
                max_wait: patience.longest(),
            });
        }
        tracing::info!(place = %self.place, status = self.last_status, seconds = delay.as_secs_f64(), "waiting");
        self.session.context.observer.notice(&Event::Waiting {
            organization: &self.place.organization,
            account: self.place.account.as_deref(),
            endpoint: self.place.endpoint,
            delay,
            attempts: self.attempts,
            status: self.last_status,
        });
        Ok(())
    }

    /// One line a try: where, what came of it, how long it took. Neither bodies nor headers.
    fn log(&self, outcome: &Result<Response, TransportError>, took: Duration) {
        let Place { organization, account, endpoint, page } = self.place;
        let account = account.as_deref().unwrap_or("-");
        let (attempt, milliseconds) = (self.attempts, u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        match outcome {
            Ok(Response { status, body, .. }) => {
                let bytes = body.len();
                tracing::debug!(organization, account, %endpoint, page, status, attempt, milliseconds, bytes, "call");
            }
            Err(error) => {
                tracing::debug!(organization, account, %endpoint, page, %error, attempt, milliseconds, "call");
            }
        }
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
            (Some(500), Endpoint::UserProfile | Endpoint::OrganizationInfo) => retry.max_attempts_on_500.min(2),
            (Some(500), _) => retry.max_attempts_on_500,
            _ => retry.max_attempts,
        }
    }

    /// How long to stay away from a limit of which the server says nothing: longer each time.
    fn unknown_limit_delay(&self) -> Option<Duration> {
        let doublings = self.limited.saturating_sub(1).min(8);
        let retry = self.session.context.retry;
        let longest = retry.longest_delay * 4;
        retry.unknown_limit_delay.checked_mul(1 << doublings).map(|delay| delay.min(longest))
    }

    fn no_answer(&self, source: TransportError) -> CallError {
        CallError::NoAnswer { place: Box::new(self.place.clone()), attempts: self.attempts, source }
    }
}
