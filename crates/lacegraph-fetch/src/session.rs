//! Calls with one key: its token, its patience.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::base::ApiBase;
use crate::capture::{CallKey, CaptureWriter, Recorded};
use crate::clock::Clock;
use crate::credential::Credential;
use crate::error::{BodyFault, CallError};
use crate::observer::Observer;
use crate::pace::Pace;
use crate::patience::Patience;
use crate::place::Place;
use crate::plan::OrganizationPlan;
use crate::secret::scrub;
use crate::settings::RetrySettings;
use crate::token::{Granted, Token, TokenState};
use crate::transport::{Authorization, Endpoint, Request, Response, Scope, Transport};
use crate::tries::Tries;
use crate::wait::RateLimit;
use crate::wire;

/// How long a token that worked is not taken for expired.
const LATELY: Duration = Duration::from_secs(60);

/// How often one call has its token renewed, however well the tokens work for others.
const MOST_RENEWALS: u32 = 4;

/// What a run brings along to every call.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) transport: &'a dyn Transport,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) retry: &'a RetrySettings,
    pub(crate) patience: &'a Patience,
    /// Answers of an earlier run, used instead of asking.
    pub(crate) recorded: Option<&'a Recorded<'a>>,
    /// Takes down how every call ends.
    pub(crate) capture: Option<&'a CaptureWriter>,
}

/// One key at one API base. Its token goes to that base's origin and nowhere else.
pub(crate) struct Session<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) base: &'a ApiBase,
    credential: Option<&'a Credential>,
    organization: &'a str,
    // Held during an exchange, so that concurrent calls share it.
    token: Mutex<TokenState>,
    exchanged: std::sync::Mutex<Option<Exchange>>,
    // The generation of the last token that was answered anything but 401.
    taken: AtomicU64,
    // Which token, by generation, worked last, and when.
    worked: std::sync::Mutex<Option<(u64, Instant)>>,
    // When it was last looked whether the token is still one, and what came of it; held while looking.
    looked: Mutex<Option<(u64, Instant)>>,
    // The account that the key is for, the first where there are several; `None` for the organization's key.
    first_account: Option<&'a str>,
    // By kind of call, which is what the rate limit counts by.
    paces: std::sync::Mutex<BTreeMap<&'static str, Arc<Pace>>>,
    rate_limits: std::sync::Mutex<BTreeMap<&'static str, RateLimit>>,
}

/// How the first request of a key for a token ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange {
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
}

/// An answer of whatever status, and how often the call was tried.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response,
    pub(crate) attempts: u32,
}

/// What one call asks for.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) place: Place,
    pub(crate) scope: Scope,
    pub(crate) url: reqwest::Url,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        context: Context<'a>,
        organization: &'a str,
        base: &'a ApiBase,
        credential: Option<&'a Credential>,
        first_account: Option<&'a str>,
    ) -> Self {
        Self {
            context,
            base,
            credential,
            organization,
            token: Mutex::default(),
            exchanged: std::sync::Mutex::default(),
            taken: AtomicU64::new(0),
            worked: std::sync::Mutex::default(),
            looked: Mutex::default(),
            first_account,
            paces: std::sync::Mutex::default(),
            rate_limits: std::sync::Mutex::default(),
        }
    }

    pub(crate) fn observer(&self) -> &'a dyn Observer {
        self.context.observer
    }

    pub(crate) fn credential(&self) -> Option<&'a Credential> {
        self.credential
    }

    pub(crate) fn organization(&self) -> &'a str {
        self.organization
    }

    /// Whether it is the session of this key at this base.
    pub(crate) fn is_of(&self, base: &ApiBase, credential: &Credential) -> bool {
        self.base == base && self.credential.is_some_and(|known| known.key_id == credential.key_id)
    }

    /// How the key's first request for a token ended; `None` where none was made.
    pub(crate) fn first_exchange(&self) -> Option<Exchange> {
        if let Some(recorded) = self.context.recorded.filter(|recorded| recorded.is_all()) {
            return recorded.exchange_record(&self.exchange_place());
        }
        *self.exchanged.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Makes sure that the key has a token.
    pub(crate) async fn sign_in(&self) -> Result<(), CallError> {
        if self.credential.is_none() {
            return Err(CallError::NoKey { organization: self.organization.to_owned() });
        }
        if let Some(recorded) = self.context.recorded.filter(|recorded| recorded.is_all()) {
            return recorded.exchange(&self.exchange_place());
        }
        self.token(None).await.map(|_| ())
    }

    /// Makes a call, or takes how it ended from an earlier run; an answer whose status means no is an error.
    pub(crate) async fn call(&self, call: &Call) -> Result<Answer, CallError> {
        let place = &call.place;
        let outcome = match self.context.recorded.and_then(|recorded| recorded.call(place)) {
            Some(outcome) => outcome,
            None => {
                let outcome = self.ask(call).await;
                if let Some(capture) = self.context.capture {
                    capture.call(CallKey::from(place), &outcome, self.context.clock.now()).await;
                }
                outcome
            }
        };
        let Answer { response, attempts } = outcome?;
        if matches!(response.status, 200 | 201 | 204) {
            return Ok(Answer { response, attempts });
        }
        Err(status_error(place, attempts, &response))
    }

    /// Asks: with a token, renewed once where that may be what is refused, and repeated while that may help.
    async fn ask(&self, call: &Call) -> Result<Answer, CallError> {
        let (mut renewals, mut repeated) = (0, false);
        let mut refused = None;
        let mut tries = Tries::new(self, &call.place);
        loop {
            let token = self.token(refused).await?;
            let request = Request {
                organization: call.place.organization.clone(),
                account: call.place.account.clone(),
                endpoint: call.place.endpoint,
                page: call.place.page,
                url: call.url.clone(),
                scope: call.scope.clone(),
                authorization: Authorization::Bearer(token.secret.clone()),
            };
            let Some(mut response) = tries.send(&request).await? else { continue };
            if response.status != 401 {
                self.taken.fetch_max(token.generation, Ordering::Relaxed);
            }
            match response.status {
                // Once; and again where the token has worked, for then other calls have used it up or outlived it. Where none
                // of two tokens ever worked, a third will not.
                401 if self.may_renew(renewals, token.generation) => {
                    renewals += 1;
                    refused = Some(token.generation);
                    continue;
                }
                // A 403 can pass (seen in the field), and can tell of an expired token: not of one that is new or worked a
                // moment ago, unless the page before was granted.
                403 if !repeated => {
                    repeated = true;
                    let is_fresh = token.age() < LATELY || self.worked_lately(token.generation);
                    if renewals == 0 && (call.place.page > 1 || !is_fresh) {
                        renewals += 1;
                        refused = Some(token.generation);
                    }
                    continue;
                }
                // The first call of an organization's key, which is made alone: the token may never have been good.
                403 if renewals == 0 && call.place.endpoint == Endpoint::UserProfile => {
                    renewals += 1;
                    refused = Some(token.generation);
                    continue;
                }
                200 | 201 | 204 => self.note_success(token.generation),
                _ => {}
            }
            scrub(&mut response, &token.secret);
            if let Some(credential) = self.credential {
                scrub(&mut response, &credential.secret);
            }
            return Ok(Answer { response, attempts: tries.attempts });
        }
    }

    /// Where a request for a token is made.
    fn exchange_place(&self) -> Place {
        Place {
            organization: self.organization.to_owned(),
            account: self.first_account.map(str::to_owned),
            endpoint: Endpoint::AccessTokens,
            page: 1,
        }
    }

    /// How many tokens the key has had; none yet is zero.
    pub(crate) async fn generation(&self) -> u64 {
        if let TokenState::Held(token) = &*self.token.lock().await { token.generation } else { 0 }
    }

    /// Whether the token that refused a whole account has died meanwhile, and another one is there now.
    ///
    /// A dead token may be answered 403 as a missing permission is (seen in the field). `UserProfile` tells them apart: whoever has
    /// a token is told something, if only 500. It is asked where the token has granted something since it was last looked.
    ///
    /// `before` is the [`generation`](Self::generation) of the time before the account was asked.
    pub(crate) async fn has_new_token(&self, before: u64) -> bool {
        if self.context.recorded.is_some_and(Recorded::is_all) {
            return false;
        }
        let mut looked = self.looked.lock().await;
        let worked = *self.worked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some((generation, worked_at)) = worked else { return false };
        let Ok(token) = self.token(None).await else { return false };
        if before > 0 && token.generation > before {
            // Others have found out, or it expired as it should.
            return true;
        }
        // Nothing was granted since: whatever came of that look still holds.
        if looked.is_some_and(|(known, at)| known == token.generation && (generation < known || at >= worked_at)) {
            return false;
        }
        *looked = Some((token.generation, Instant::now()));
        let place = Place { endpoint: Endpoint::UserProfile, ..self.exchange_place() };
        let request = Request {
            organization: place.organization.clone(),
            account: None,
            endpoint: Endpoint::UserProfile,
            page: 1,
            url: self.base.endpoint(Endpoint::UserProfile.path()),
            scope: Scope::Primary,
            authorization: Authorization::Bearer(token.secret),
        };
        let answer = Tries::new(self, &place).send(&request).await;
        let is_dead = matches!(answer, Ok(Some(Response { status: 401 | 403, .. })));
        is_dead && self.token(Some(token.generation)).await.is_ok()
    }

    fn note_success(&self, generation: u64) {
        let mut worked = self.worked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *worked = (*worked).max(Some((generation, Instant::now())));
    }

    /// Whether a 401 on the token of that generation is worth another token.
    fn may_renew(&self, renewals: u32, generation: u64) -> bool {
        let was_taken = self.was_taken(generation);
        match renewals {
            // The second token that was never taken is the last that is asked for.
            0 => was_taken || generation < 2 || self.taken.load(Ordering::Relaxed) > 0,
            more => more < MOST_RENEWALS && was_taken,
        }
    }

    /// Whether the token of that generation, or a later one, was taken for a token by any call.
    fn was_taken(&self, generation: u64) -> bool {
        self.taken.load(Ordering::Relaxed) >= generation
    }

    /// Whether a call with the token of that generation was answered not long ago.
    fn worked_lately(&self, generation: u64) -> bool {
        let worked = *self.worked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        worked.is_some_and(|(known, at)| known == generation && at.elapsed() < LATELY)
    }

    /// The key's token, a fresh one where there is none, it ends soon, or it is of the generation that was `refused`.
    async fn token(&self, refused: Option<u64>) -> Result<Token, CallError> {
        let mut state = self.token.lock().await;
        let generation = match &*state {
            TokenState::Held(token) if token.is_fit(refused, Instant::now()) => return Ok(token.clone()),
            TokenState::Held(token) => token.generation + 1,
            TokenState::Refused(error) => return Err(error.clone()),
            TokenState::None => 1,
        };
        let Some(credential) = self.credential else {
            return Err(CallError::NoKey { organization: self.organization.to_owned() });
        };
        let asked_at = Instant::now();
        // The key may be for several accounts: what goes wrong with it names none.
        let place = Place { account: None, ..self.exchange_place() };
        let mut tries = Tries::new(self, &place);
        let outcome = self.exchange(credential, &place, &mut tries).await;
        let exchange = Exchange {
            status: outcome.as_ref().map_or_else(CallError::status, |(status, _)| Some(*status)),
            attempts: tries.attempts,
        };
        self.exchanged.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(exchange);
        if let Some(capture) = self.context.capture {
            let ended = outcome.as_ref().map(|(status, _)| *status);
            let key = CallKey::from(&self.exchange_place());
            capture.exchange(key, tries.attempts, ended, self.context.clock.now()).await;
        }
        match outcome {
            Ok((_, granted)) => {
                let token = Token::new(granted, generation, asked_at);
                *state = TokenState::Held(token.clone());
                Ok(token)
            }
            Err(error) => {
                if error.is_refused_key() {
                    *state = TokenState::Refused(error.clone());
                }
                Err(error)
            }
        }
    }

    async fn exchange(
        &self,
        credential: &Credential,
        place: &Place,
        tries: &mut Tries<'_, 'a>,
    ) -> Result<(u16, Granted), CallError> {
        let lifetime = self.context.retry.token_lifetime.clamp(Duration::from_secs(1), Duration::from_secs(86_400));
        let request = Request {
            organization: place.organization.clone(),
            account: None,
            endpoint: Endpoint::AccessTokens,
            page: 1,
            url: self.base.endpoint(Endpoint::AccessTokens.path()),
            scope: Scope::Primary,
            authorization: Authorization::Key {
                key_id: credential.key_id.clone(),
                secret: credential.secret.clone(),
                lifetime,
            },
        };
        loop {
            let Some(mut response) = tries.send(&request).await? else { continue };
            scrub(&mut response, &credential.secret);
            if !matches!(response.status, 200 | 201) {
                return Err(status_error(place, tries.attempts, &response));
            }
            let now = Timestamp::from_second(self.context.clock.now().as_seconds()).unwrap_or_default();
            return Granted::read(&response.body, lifetime, now).map(|granted| (response.status, granted)).ok_or_else(
                || {
                    let is_html = wire::is_html(response.headers.content_type.as_deref(), &response.body);
                    CallError::Body {
                        place: Box::new(place.clone()),
                        status: response.status,
                        content_type: response.headers.content_type,
                        fault: if is_html { BodyFault::Html } else { BodyFault::NoToken },
                    }
                },
            );
        }
    }

    /// What the last answer to each kind of call said of the rate limit, by the path of the call.
    pub(crate) fn rate_limits(&self) -> BTreeMap<&'static str, RateLimit> {
        self.rate_limits.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    pub(crate) fn note_rate_limit(&self, endpoint: Endpoint, seen: RateLimit) {
        if seen != RateLimit::default() {
            let mut limits = self.rate_limits.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            limits.insert(endpoint.path(), seen);
        }
    }

    /// The pace of calls of this kind: lists of the organization and of accounts are one kind.
    pub(crate) fn pace(&self, endpoint: Endpoint) -> Arc<Pace> {
        let mut paces = self.paces.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(paces.entry(endpoint.path()).or_default())
    }
}

/// The sessions of accounts with a key of their own, one for each key.
pub(crate) fn own_sessions<'a>(context: Context<'a>, plan: &'a OrganizationPlan) -> Vec<Session<'a>> {
    let mut sessions: Vec<Session<'a>> = Vec::new();
    for account in &plan.accounts {
        let Some(credential) = &account.credential else { continue };
        let base = account.base.as_ref().unwrap_or(&plan.base);
        if !sessions.iter().any(|session| session.is_of(base, credential)) {
            sessions.push(Session::new(context, &plan.name, base, Some(credential), Some(&account.name)));
        }
    }
    sessions
}

impl OrganizationPlan {
    /// Which of `own_sessions` asks for the account; `None` for the organization's.
    pub(crate) fn session_of(&self, name: &str, own_sessions: &[Session<'_>]) -> Result<Option<usize>, CallError> {
        let name = name.trim().to_lowercase();
        let Some(account) = self.accounts.iter().find(|account| account.name.trim().to_lowercase() == name) else {
            return Ok(None);
        };
        match (&account.credential, account.base.as_ref().unwrap_or(&self.base)) {
            (Some(credential), base) => Ok(own_sessions.iter().position(|session| session.is_of(base, credential))),
            (None, base) if *base == self.base => Ok(None),
            (None, _) => {
                Err(CallError::NoKeyForBase { organization: self.name.clone(), account: account.name.clone() })
            }
        }
    }
}

fn status_error(place: &Place, attempts: u32, response: &Response) -> CallError {
    let is_html = wire::is_html(response.headers.content_type.as_deref(), &response.body);
    let message = || wire::error_message(&String::from_utf8_lossy(&response.body));
    CallError::Status {
        place: Box::new(place.clone()),
        attempts,
        status: response.status,
        message: if is_html { Some("an HTML page".to_owned()) } else { message() },
        is_html,
    }
}
