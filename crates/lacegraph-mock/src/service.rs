use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};

use crate::aim::Target;
use crate::answer::Answer;
use crate::audit_window::AuditWindow;
use crate::call::Call;
use crate::connection::Breaker;
use crate::effect::{AskedPage, Effect};
use crate::key::MockKey;
use crate::listing::{PagePlan, PagingForm};
use crate::options::TokenForm;
use crate::rate_limit::{Gauge, Limiter};
use crate::resource::Resource;
use crate::route::{Route, query_value};
use crate::tenant::Tenant;
use crate::tokens::{Tokens, Verdict};

/// Bodies of more than 1 MB are refused (vendor documentation).
const LONGEST_BODY: usize = 1_000_000;
const LONGEST_EXPIRY: u64 = 86_400;
/// The token by which a fault names the first page, which no page before it names.
const FIRST_PAGE: &str = "first";

/// Everything that an answer depends on.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) plan: PagePlan,
    pub(crate) tokens: Tokens,
    pub(crate) token_form: TokenForm,
    pub(crate) dead_token_status: StatusCode,
    pub(crate) limiter: Limiter,
    pub(crate) latency: Duration,
    pub(crate) started: Instant,
    pub(crate) calls: Mutex<Vec<Call>>,
}

/// Answers one request: wait, decide, note the call.
pub(crate) async fn serve(
    State(service): State<Arc<Service>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: Request,
) -> Response<Body> {
    if !service.latency.is_zero() {
        tokio::time::sleep(service.latency).await;
    }
    let (parts, body) = request.into_parts();
    let mut call = call_of(&parts);
    let (answer, gauge) = match Route::of(parts.uri.path()) {
        None => {
            let gauge = service.limiter.take("", "unknown", Instant::now());
            (Answer::message(StatusCode::NOT_FOUND, "Not found"), gauge)
        }
        Some(route) => match to_bytes(body, LONGEST_BODY).await {
            Ok(body) => service.decide(&route, &parts, &body, &mut call),
            Err(_) => {
                let gauge = service.limiter.take("", &route.functionality(&parts.method), Instant::now());
                (Answer::message(StatusCode::BAD_REQUEST, "the body is longer than 1 MB"), gauge)
            }
        },
    };
    call.status = if answer.is_reset { 0 } else { answer.status.as_u16() };
    call.at = service.started.elapsed();
    service.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    if answer.is_reset {
        breaker.trip();
    }
    answer.into_response(&gauge)
}

impl Service {
    fn decide(&self, route: &Route, parts: &Parts, body: &[u8], call: &mut Call) -> (Answer, Gauge) {
        let now = Instant::now();
        // Who calls is found out first, because the limit counts by key, and then refused where it must be.
        let (identified, request) = match route {
            Route::Tokens => {
                let request: Option<Value> = serde_json::from_slice(body).ok();
                let key_id = request.as_ref().and_then(|request| request.get("keyId")?.as_str());
                let found = key_id.and_then(|key_id| self.find(key_id));
                (found.ok_or_else(unknown_key), request)
            }
            Route::Read { .. } => (self.bearer(&parts.headers, now), None),
        };
        let key = identified.as_ref().ok().map(|(_, key)| *key);
        call.key_id = key.map(|key| key.key_id.clone());
        let caller = key.map(|key| self.limiter.caller(key)).unwrap_or_default();
        let gauge = self.limiter.take(&caller, &route.functionality(&parts.method), now);
        if parts.method != route.method() {
            return (Answer::message(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"), gauge);
        }
        if !gauge.allowed {
            let answer = Answer::message(StatusCode::TOO_MANY_REQUESTS, "the rate limit is exceeded");
            let answer = match self.limiter.retry_after() {
                Some(retry_after) => answer.with_retry_after(retry_after),
                None => answer,
            };
            return (answer, gauge);
        }
        let answer = match route {
            // Documented for GET too, but the vendor's own clients send it with a body alone, and are answered.
            Route::Tokens if !is_json(&parts.headers) => {
                Err(Answer::message(StatusCode::BAD_REQUEST, "the header Content-Type must be application/json"))
            }
            Route::Tokens => self.exchange(request.as_ref(), identified, &parts.headers, now),
            Route::Read { resource, page } => identified
                .and_then(|(tenant, key)| self.read((tenant, key), *resource, page.as_deref(), parts, &mut call.page)),
        };
        (answer.unwrap_or_else(|refusal| refusal), gauge)
    }

    fn find(&self, key_id: &str) -> Option<(&Tenant, &MockKey)> {
        self.tenants
            .iter()
            .flat_map(|tenant| tenant.keys.iter().map(move |key| (tenant, key)))
            .find(|(_, key)| key.key_id == key_id)
    }

    /// The key behind the token of a call; the server takes the bare token too (vendor client source).
    fn bearer(&self, headers: &HeaderMap, now: Instant) -> Result<(&Tenant, &MockKey), Answer> {
        let refuse = |message: &str| Answer::message(StatusCode::UNAUTHORIZED, message);
        let value =
            text(headers, AUTHORIZATION.as_str()).ok_or_else(|| refuse("the header Authorization is missing"))?;
        let token = match value.split_at_checked(7) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token.trim(),
            _ => value.trim(),
        };
        match self.tokens.check(token, now) {
            Verdict::Good(key_id) => self.find(&key_id).ok_or_else(|| refuse("the token's key is gone")),
            Verdict::Dead => Err(Answer::message(self.dead_token_status, "the token has expired")),
            Verdict::Unknown => Err(refuse("the token is not valid")),
        }
    }

    fn exchange(
        &self,
        request: Option<&Value>,
        identified: Result<(&Tenant, &MockKey), Answer>,
        headers: &HeaderMap,
        now: Instant,
    ) -> Result<Answer, Answer> {
        let bad = |message: &str| Answer::message(StatusCode::BAD_REQUEST, message);
        let request = request.ok_or_else(|| bad("the body is not JSON"))?;
        let key_id = request.get("keyId").and_then(Value::as_str).ok_or_else(|| bad("keyId is missing"))?;
        let expiry = request
            .get("expiryTime")
            .and_then(Value::as_u64)
            .filter(|expiry| (1..=LONGEST_EXPIRY).contains(expiry))
            .ok_or_else(|| bad("expiryTime must be a number of seconds from 1 to 86400"))?;
        let refuse = |message: &str| Answer::message(StatusCode::UNAUTHORIZED, message);
        let secret = text(headers, "x-lw-uaks").ok_or_else(|| refuse("the header X-LW-UAKS is missing"))?;
        if secret == key_id {
            // Some descriptions of the API say the key id goes there, and they are wrong.
            return Err(refuse("the header X-LW-UAKS carries the key id; it must carry the secret"));
        }
        let (tenant, key) = identified?;
        if secret != key.secret {
            return Err(unknown_key());
        }
        let effect = tenant.faults.strike(&Target { key_id, read: None });
        let answer = effect.and_then(Effect::replacement).unwrap_or_else(|| self.grant(key_id, expiry, now));
        Ok(match effect {
            Some(effect) => effect.alter(answer, None),
            None => answer,
        })
    }

    fn grant(&self, key_id: &str, expiry: u64, now: Instant) -> Answer {
        let (token, expires_at) = self.tokens.issue(key_id, Duration::from_secs(expiry), now);
        let flat = json!({"token": token, "expiresAt": format!("{expires_at:.3}")});
        let body = match self.token_form {
            TokenForm::Flat => flat,
            TokenForm::Envelope => json!({"data": [flat], "ok": true, "message": "SUCCESS"}),
        };
        Answer::json(StatusCode::CREATED, body.to_string())
    }

    fn read(
        &self,
        (tenant, key): (&Tenant, &MockKey),
        resource: Resource,
        page: Option<&str>,
        parts: &Parts,
        number: &mut Option<usize>,
    ) -> Result<Answer, Answer> {
        let scope = tenant.scope(key, resource, &parts.headers)?;
        let query = parts.uri.query();
        let name = match (page, self.plan.form) {
            (Some(page), PagingForm::Url) => Some(page.to_owned()),
            (None, PagingForm::Token) => query_value(query, "nextPage").filter(|name| name != FIRST_PAGE),
            (None, PagingForm::Url) => None,
            (Some(_), PagingForm::Token) => {
                return Err(Answer::message(StatusCode::NOT_FOUND, "Not found"));
            }
        };
        let window = AuditWindow::of(query).filter(|_| resource == Resource::AuditLogs).transpose()?;
        let page = tenant
            .shelf
            .page(&self.plan, resource, &scope, window.as_ref(), name.as_deref())
            .ok_or_else(|| Answer::message(StatusCode::NOT_FOUND, "there is no such page"))?;
        *number = Some(page.number);
        let effect = tenant.faults.strike(&Target { key_id: &key.key_id, read: Some((resource, &scope, page.number)) });
        let answer =
            effect.and_then(Effect::replacement).unwrap_or_else(|| tenant.shelf.answer(resource, &scope, &page));
        Ok(match effect {
            Some(effect) => effect.alter(answer, Some(&self.asked_page(name, parts))),
            None => answer,
        })
    }

    /// How the page that was asked for would be named as a next one.
    fn asked_page(&self, name: Option<String>, parts: &Parts) -> AskedPage {
        let own_name = match self.plan.form {
            PagingForm::Url => format!("{}{}", self.plan.base_url, parts.uri),
            PagingForm::Token => name.unwrap_or_else(|| FIRST_PAGE.to_owned()),
        };
        AskedPage { form: self.plan.form, own_name }
    }
}

fn unknown_key() -> Answer {
    Answer::message(StatusCode::UNAUTHORIZED, "the key id or the secret is not valid")
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = |value: &str| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    text(headers, CONTENT_TYPE.as_str()).is_some_and(|value| essence(value) == "application/json")
}

/// A header as text; one that is not text counts as missing.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn call_of(parts: &Parts) -> Call {
    let header = |name: &str| text(&parts.headers, name).map(str::to_owned);
    Call {
        at: Duration::ZERO,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        account_name: header("account-name"),
        org_access: header("org-access"),
        user_agent: header(USER_AGENT.as_str()),
        content_type: header(CONTENT_TYPE.as_str()),
        key_id: None,
        page: None,
        status: 0,
    }
}
