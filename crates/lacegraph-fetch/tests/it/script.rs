//! A transport that answers by a script and remembers what it was asked.

use std::sync::Mutex;
use std::time::Duration;

use lacegraph_fetch::{
    AccountPlan, ApiBase, Authorization, Credential, Endpoint, FetchError, FixedClock, OrganizationPlan, Plan, Request,
    Response, ResponseHeaders, Scope, Transport, TransportError, TransportErrorKind, TransportFuture, fetch,
};
use lacegraph_model::{DataSource, Snapshot, UtcTime};

/// An answer of the script.
pub(crate) type Answer = Result<Response, TransportError>;
type Rule = Box<dyn Fn(&Ask) -> Answer + Send + Sync>;

/// A request as the script sees it.
pub(crate) struct Ask {
    /// `token`, `profile`, `org`, `members ACCOUNT`, `users ACCOUNT`, `log ACCOUNT`, `keys ACCOUNT`; `-` as account where no header names one.
    pub(crate) what: String,
    /// How often exactly this was asked before.
    pub(crate) before: usize,
    /// The query of the URL, with `?`.
    pub(crate) query: String,
    /// The path of the URL.
    pub(crate) path: String,
    /// The token shown.
    pub(crate) token: String,
}

pub(crate) struct Script {
    rule: Rule,
    // Makes answers arrive in another order.
    pub(crate) delay: fn(&str) -> Duration,
    // Whether the lists of two accounts may be the same to the byte; else each says whose it is, as the API's guids do.
    pub(crate) is_literal: bool,
    asked: Mutex<Vec<String>>,
}

impl Script {
    pub(crate) fn new(rule: impl Fn(&Ask) -> Answer + Send + Sync + 'static) -> Self {
        Self { rule: Box::new(rule), delay: |_| Duration::ZERO, is_literal: false, asked: Mutex::default() }
    }

    /// Everything asked, in order: what, and the query where there is one.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    async fn answer(&self, request: &Request) -> Answer {
        let account = match &request.scope {
            Scope::Account(name) => name.as_str(),
            Scope::Primary | Scope::Organization => "-",
        };
        let what = match request.endpoint {
            Endpoint::AccessTokens => "token".to_owned(),
            Endpoint::UserProfile => "profile".to_owned(),
            Endpoint::OrganizationInfo => "info".to_owned(),
            Endpoint::OrganizationMembers => {
                assert_eq!(request.scope, Scope::Organization);
                "org".to_owned()
            }
            Endpoint::TeamMembers => format!("members {account}"),
            Endpoint::TeamUsers => format!("users {account}"),
            Endpoint::AuditLogs => format!("log {account}"),
            Endpoint::ApiKeys => format!("keys {account}"),
        };
        let token = match &request.authorization {
            Authorization::Key { .. } => String::new(),
            Authorization::Bearer(token) => secrecy::ExposeSecret::expose_secret(token).to_owned(),
        };
        let url = &request.url;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let ask = {
            let mut asked = self.asked.lock().unwrap();
            let line = format!("{what}{query}");
            let before = asked.iter().filter(|known| **known == line).count();
            asked.push(line);
            Ask { what, before, query, path: url.path().to_owned(), token }
        };
        let delay = (self.delay)(&ask.what);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let answer = (self.rule)(&ask);
        if self.is_literal { answer } else { answer.map(|response| signed(response, account)) }
    }
}

/// The answer with the name of the account in it, where it is a list.
fn signed(response: Response, account: &str) -> Response {
    let text = String::from_utf8_lossy(&response.body);
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    match text.strip_prefix('{') {
        Some(rest) if is_json && rest.contains("\"data\":[") => {
            let body = format!(r#"{{"of":"{account}",{rest}"#).into_bytes();
            Response { body, ..response }
        }
        _ => response,
    }
}

impl Transport for Script {
    fn send<'a>(&'a self, request: &'a Request) -> TransportFuture<'a> {
        Box::pin(self.answer(request))
    }
}

pub(crate) fn status(status: u16, body: &str) -> Answer {
    let headers = ResponseHeaders { content_type: Some("application/json".to_owned()), ..ResponseHeaders::default() };
    Ok(Response { status, headers, body: body.as_bytes().to_vec() })
}

pub(crate) fn ok(body: &str) -> Answer {
    status(200, body)
}

pub(crate) fn rows(rows: &str) -> Answer {
    ok(&format!(r#"{{"data":[{rows}]}}"#))
}

pub(crate) fn broken() -> Answer {
    Err(TransportError { kind: TransportErrorKind::Interrupted, detail: "reset by peer".to_owned() })
}

pub(crate) fn token(name: &str) -> Answer {
    status(201, &format!(r#"{{"token":"{name}","expiresAt":"2026-09-01T09:00:00.000Z"}}"#))
}

/// A directory of these accounts for me@x.io, an organization admin; the custGuid of `A` is `A_1`.
pub(crate) fn profile(accounts: &[&str]) -> Answer {
    let accounts: Vec<_> =
        accounts.iter().map(|name| format!(r#"{{"accountName":"{name}","custGuid":"{name}_1"}}"#)).collect();
    rows(&format!(r#"{{"username":"me@x.io","orgAccount":true,"orgAdmin":true,"accounts":[{}]}}"#, accounts.join(",")))
}

/// A nested row: a person with ADMIN in each of these accounts.
pub(crate) fn admin_of(person: &str, accounts: &[&str]) -> String {
    let accounts: Vec<_> = accounts.iter().map(|name| format!(r#"{{"accountName":"{name}","admin":true}}"#)).collect();
    format!(r#"{{"userName":"{person}","orgAdmin":{},"accounts":[{}]}}"#, person == ME, accounts.join(","))
}

/// The organization admin whose key it is.
const ME: &str = "me@x.io";

/// A flat row of an account's own list: a person with USER.
pub(crate) fn user(person: &str) -> String {
    format!(r#"{{"userName":"{person}","props":{{"accountAdmin":false,"orgAdmin":{}}}}}"#, person == ME)
}

/// 2026-09-01T08:00:00Z.
pub(crate) fn clock() -> FixedClock {
    FixedClock(UtcTime::from_seconds(1_788_249_600).unwrap())
}

/// A plan of one organization, `acme`, whose waits are all but none.
pub(crate) fn plan() -> Plan {
    let base = ApiBase::parse("acme").unwrap();
    let organization = OrganizationPlan::new("acme", base, Credential::new("KEY_1", "s3cr3t"));
    let mut plan = Plan::new(vec![organization], DataSource::Live, "0.0.0");
    plan.settings.retry.base_delay = Duration::from_millis(1);
    plan.settings.retry.unknown_limit_delay = Duration::from_millis(1);
    plan
}

pub(crate) fn plan_of(accounts: &[&str]) -> Plan {
    let mut plan = plan();
    plan.organizations[0].accounts = accounts.iter().map(|name| AccountPlan::named(*name)).collect();
    plan
}

pub(crate) async fn run(plan: &Plan, script: &Script) -> Result<Snapshot, FetchError> {
    fetch(plan, script, &clock(), &()).await
}

/// The snapshot of one account `A`, whose own list has this body; there is no directory and no organization's list.
pub(crate) async fn own_list_of_a(body: &str) -> Snapshot {
    let body = body.to_owned();
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members A" => ok(&body),
        _ => status(404, ""),
    });
    run(&plan_of(&["A"]), &script).await.unwrap()
}
