//! The audit log and the API keys: what accounts are asked for beside their members.

use std::time::Duration;

use lacegraph_fetch::{AccountFilter, AccountPlan, Credential, OptionalSources, Plan};
use lacegraph_model::{Snapshot, SourceKind, UtcTime};

use crate::script::{Answer, Ask, Script, broken, ok, plan, plan_of, profile, rows, run, status, token, user};
use crate::view::{accounts, calls, message, problems};

const BOTH: OptionalSources = OptionalSources { audit_log_days: Some(30), api_keys: true };
const LOG: OptionalSources = OptionalSources { audit_log_days: Some(30), api_keys: false };
const KEYS: OptionalSources = OptionalSources { audit_log_days: None, api_keys: true };

fn asking(with: OptionalSources, accounts: &[&str]) -> Plan {
    Plan { with, ..plan_of(accounts) }
}

/// Accounts of two members each; `answer` gives the logs and the keys.
fn script(answer: impl Fn(&Ask) -> Answer + Send + Sync + 'static) -> Script {
    Script::new(move |ask| match ask.what.split_once(' ') {
        None if ask.what == "token" => token("t1"),
        Some(("members", _)) => rows(&format!("{},{}", user("me@x.io"), user("ann@x.io"))),
        Some(("log" | "keys", _)) => answer(ask),
        _ => status(404, ""),
    })
}

/// `source account status rows`, one a list that was asked for.
fn sources(snapshot: &Snapshot) -> Vec<String> {
    let line = |source: &lacegraph_model::OptionalSource| {
        let (kind, account) = (source.kind.as_str(), snapshot.account_name(source.account));
        format!("{kind} {account} {} {}", source.status.as_str(), source.rows)
    };
    snapshot.optional_sources().iter().map(line).collect()
}

/// `account time actor event -> identity`, one an event.
fn events(snapshot: &Snapshot) -> Vec<String> {
    let line = |event: &lacegraph_model::AuditEvent| {
        let text = |sym| snapshot.text_opt(sym).unwrap_or("-");
        let time = event.happened.map_or("-".to_owned(), UtcTime::to_sql);
        let who = event.user.map_or("?", |user| snapshot.identity(user));
        let account = snapshot.account_name(event.account);
        format!("{account} {time} {} {} -> {who}", text(event.actor), text(event.event_name))
    };
    snapshot.audit_events().iter().map(line).collect()
}

fn event(time: &str, who: &str, what: &str) -> String {
    format!(r#"{{"createdTime":{time},"accountName":"A","userName":"{who}","eventName":"{what}"}}"#)
}

#[tokio::test]
async fn nobody_is_asked_unless_the_plan_says_so() {
    let script = script(|ask| panic!("{}", ask.what));
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!((sources(&snapshot), events(&snapshot)), (vec![], vec![]));
    assert!(snapshot.api_keys().is_empty());
}

#[tokio::test]
async fn every_account_that_was_read_is_asked_for_the_days_before_the_capture() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["B", "A", "BROKEN", "SANDBOX"]),
        "members A" | "members B" => rows(&format!("{},{}", user("me@x.io"), user("ann@x.io"))),
        "log A" => rows(&event("1788163200000", "ANN@x.io", "Login")),
        "log B" => rows(""),
        "keys A" | "keys B" => rows(r#"{"keyId":"A_0123456789ABCDEF","enabled":1,"props":{"description":"ci"}}"#),
        "members BROKEN" | "users BROKEN" => status(500, ""),
        _ => status(403, ""),
    });
    let mut plan = Plan { with: BOTH, ..plan() };
    plan.organizations[0].filter = AccountFilter::new(&[], &["SAND*".to_owned()]).unwrap();
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(
        sources(&snapshot),
        ["api_keys A complete 1", "audit_log A complete 1", "api_keys B complete 1", "audit_log B complete 0"]
    );
    assert_eq!(events(&snapshot), ["A 2026-08-31 08:00:00 ANN@x.io Login -> ann@x.io"]);
    let window = "?startTime=2026-08-02T08%3A00%3A00Z&endTime=2026-09-01T08%3A00%3A00Z";
    let asked: Vec<_> =
        script.asked().into_iter().filter(|what| what.contains("log") || what.contains("keys")).collect();
    let expected = [&format!("log A{window}"), &format!("log B{window}"), "keys A", "keys B"];
    assert_eq!(asked, expected.map(String::from));
    let source = &snapshot.optional_sources()[1];
    let (start, end) = source.window.unwrap();
    assert_eq!((start.to_sql(), end.to_sql()), ("2026-08-02 08:00:00".to_owned(), "2026-09-01 08:00:00".to_owned()));
    let calls = calls(&snapshot);
    assert!(calls.contains(&"AuditLogs A 1 200 1 1 hash".to_owned()), "{calls:?}");
    assert!(calls.contains(&"ApiKeys B 1 200 1 1 hash".to_owned()), "{calls:?}");
    assert!(problems(&snapshot).iter().all(|line| !line.contains("source_")), "{:?}", problems(&snapshot));
}

#[tokio::test]
async fn times_in_every_spelling() {
    let times = [
        ("1714554000123", "2024-05-01 09:00:00"),
        ("1714554000123.7", "2024-05-01 09:00:00"),
        (r#""1714554000123""#, "2024-05-01 09:00:00"),
        (r#""2024-05-01T09:00:00.123Z""#, "2024-05-01 09:00:00"),
        (r#""2024-05-01T11:00:00+02:00""#, "2024-05-01 09:00:00"),
        (r#""2024-05-01T09:00:00""#, "2024-05-01 09:00:00"),
        ("0", "-"),
        ("null", "-"),
        (r#""""#, "-"),
    ];
    for (time, expected) in times {
        let script = script(move |_| rows(&event(time, "ann@x.io", "Login")));
        let snapshot = run(&asking(LOG, &["A"]), &script).await.unwrap();
        assert_eq!(events(&snapshot), [format!("A {expected} ann@x.io Login -> ann@x.io")], "{time}");
    }
    let script = script(|_| rows(r#"{"userName":"ann@x.io"}"#));
    let snapshot = run(&asking(LOG, &["A"]), &script).await.unwrap();
    assert_eq!(events(&snapshot), ["A - ann@x.io - -> ann@x.io"]);
}

#[tokio::test]
async fn what_a_tenant_does_not_offer_is_one_note_and_hurts_nobody() {
    for code in [204, 403, 404, 405, 501] {
        let script = script(move |_| status(code, ""));
        let snapshot = run(&asking(BOTH, &["A", "B"]), &script).await.unwrap();
        assert!(!snapshot.is_partial());
        assert_eq!(accounts(&snapshot), ["A complete team_members 2", "B complete team_members 2"]);
        let expected = ["api_keys A", "audit_log A", "api_keys B", "audit_log B"];
        assert_eq!(sources(&snapshot), expected.map(|what| format!("{what} not_offered 0")), "{code}");
        let told = problems(&snapshot);
        let notes = told.iter().filter(|line| *line == "info source_not_offered - - -").count();
        assert_eq!(notes, 2, "{code}: {told:?}");
    }
    let script = script(|ask| if ask.what == "keys B" { status(404, "") } else { rows("") });
    let snapshot = run(&asking(KEYS, &["A", "B"]), &script).await.unwrap();
    let told = message(&snapshot, "source_not_offered");
    assert!(
        told.starts_with("ApiKeys gave nothing for 1 of 2 accounts: status 404 from B; it is not offered"),
        "{told}"
    );
}

#[tokio::test]
async fn any_other_failure_is_a_warning_and_the_members_are_complete() {
    type Failure = fn(&Ask) -> Answer;
    let failures: [(Failure, &str); 5] = [
        (|_| status(500, ""), "AuditLogs page 1: status 500"),
        (|_| status(400, r#"{"message":"bad time"}"#), "AuditLogs page 1: status 400: bad time"),
        (|_| broken(), "AuditLogs page 1: the connection broke"),
        (|_| ok("{}"), "AuditLogs page 1: status 200, JSON without a `data` list"),
        // A web page is a proxy's word, not the API's.
        (|_| status(403, "<html></html>"), "AuditLogs page 1: status 403: an HTML page"),
    ];
    for (failure, expected) in failures {
        let script = script(move |ask| if ask.what == "log A" { failure(ask) } else { rows("") });
        let snapshot = run(&asking(LOG, &["A", "B"]), &script).await.unwrap();
        assert!(!snapshot.is_partial());
        assert_eq!(sources(&snapshot), ["audit_log A failed 0", "audit_log B complete 0"]);
        assert!(
            message(&snapshot, "source_incomplete").starts_with(expected),
            "{}",
            message(&snapshot, "source_incomplete")
        );
        assert!(problems(&snapshot).contains(&"warning source_incomplete A - -".to_owned()));
    }
}

fn page(who: &str, next: &str) -> Answer {
    let row = event("1788163200000", who, "Login");
    ok(&format!(r#"{{"paging":{{"rows":1,"totalRows":3,"urls":{{"nextPage":{next}}}}},"data":[{row}]}}"#))
}

#[tokio::test]
async fn every_page_is_followed_by_address_or_token() {
    let by_url = script(|ask| match ask.path.as_str() {
        "/api/v2/AuditLogs" => page("a@x.io", r#""https://acme.lacework.net/api/v2/AuditLogs/p2""#),
        "/api/v2/AuditLogs/p2" => page("b@x.io", r#""https://acme.lacework.net/api/v2/AuditLogs/p3""#),
        _ => page("c@x.io", "null"),
    });
    let by_token = script(|ask| {
        let next = match ask.query.rsplit_once("&nextPage=") {
            None => r#""p2""#,
            Some((_, "p2")) => r#""p3""#,
            Some(_) => "null",
        };
        assert!(ask.query.starts_with("?startTime="), "{}", ask.query);
        ok(&format!(r#"{{"nextPage":{next},"data":[{}]}}"#, event("1788163200000", "a@x.io", "Login")))
    });
    for script in [by_url, by_token] {
        let snapshot = run(&asking(LOG, &["A"]), &script).await.unwrap();
        assert_eq!(sources(&snapshot), ["audit_log A complete 3"]);
        assert_eq!(events(&snapshot).len(), 3);
        assert!(calls(&snapshot).contains(&"AuditLogs A 3 200 1 1 hash".to_owned()));
    }
}

#[tokio::test]
async fn rows_of_a_list_that_breaks_off_are_kept() {
    type Ending = fn() -> Answer;
    let endings: [(Ending, &str); 3] = [
        (broken, "warning source_incomplete A 2 -"),
        (|| page("b@x.io", r#""https://acme.lacework.net/api/v2/AuditLogs/p2""#), "warning source_incomplete A 3 -"),
        (|| page("b@x.io", "null"), "warning source_incomplete A - -"),
    ];
    for (ending, expected) in endings {
        let script = script(move |ask| match ask.path.as_str() {
            "/api/v2/AuditLogs" => page("a@x.io", r#""https://acme.lacework.net/api/v2/AuditLogs/p2""#),
            _ => ending(),
        });
        let snapshot = run(&asking(LOG, &["A"]), &script).await.unwrap();
        assert!(events(&snapshot)[0].contains("a@x.io"), "{expected}");
        assert!(sources(&snapshot)[0].starts_with("audit_log A incomplete"), "{:?}", sources(&snapshot));
        assert!(problems(&snapshot).contains(&expected.to_owned()), "{:?}", problems(&snapshot));
        assert!(!snapshot.is_partial());
    }
}

#[tokio::test]
async fn one_bad_row_does_not_lose_the_others() {
    let script = script(|ask| match ask.what.as_str() {
        "log A" => rows(&format!(
            "{},{},{{}},{}",
            event("1", "a@x.io", "one"),
            event(r#""yesterday""#, "secret@x.io", "two"),
            event("3", "c@x.io", "four")
        )),
        _ => rows(r#"{"keyId":"A_0123456789ABCDEF","enabled":"yes"},{"enabled":1},{"keyId":"A_0123456789ABCDEF"}"#),
    });
    let snapshot = run(&asking(BOTH, &["A"]), &script).await.unwrap();
    assert_eq!(sources(&snapshot), ["api_keys A incomplete 3", "audit_log A incomplete 4"]);
    assert_eq!((events(&snapshot).len(), snapshot.api_keys().len()), (2, 1));
    let told = |snapshot: &Snapshot| -> Vec<String> {
        let own = snapshot.problems().iter().filter(|problem| snapshot.text(problem.code) == "source_incomplete");
        own.map(|problem| snapshot.text(problem.message).to_owned()).collect()
    };
    assert_eq!(
        told(&snapshot),
        [
            "a row of ApiKeys is not understood: `data[0].enabled`: expected a boolean, 1 or 0",
            "a row of ApiKeys is not understood: `data[1].keyId`: expected the id of a key",
            "a row of AuditLogs is not understood: `data[1].createdTime`: expected a time: ISO-8601 text or epoch milliseconds",
            "a row of AuditLogs is not understood: `data[2]`: no time, no user and no event: nothing to record",
        ]
    );
    assert!(problems(&snapshot).contains(&"warning source_incomplete A 1 3".to_owned()));
    assert!(!snapshot.is_partial());
    // Many of them are counted.
    let script = self::script(|_| rows(&vec!["{}"; 130].join(",")));
    let snapshot = run(&asking(LOG, &["A"]), &script).await.unwrap();
    let told = told(&snapshot);
    assert_eq!(told.len(), 101);
    assert!(told.contains(&"30 more rows of AuditLogs are not understood".to_owned()));
}

#[tokio::test]
async fn of_a_key_its_ends_are_kept_and_what_tells_it_from_others() {
    let key =
        |id: &str| format!(r#"{{"keyId":"{id}","enabled":0,"secret":"hunter2","props":{{"description":" ci "}}}}"#);
    let script = script(move |_| rows(&key("ACMEPROD_0123456789ABCDEF")));
    let snapshot = run(&asking(KEYS, &["A"]), &script).await.unwrap();
    let [key] = snapshot.api_keys() else { panic!("{:?}", snapshot.api_keys()) };
    let text = |sym| snapshot.text(sym);
    // As `printf ACMEPROD_0123456789ABCDEF | sha256sum` begins.
    assert_eq!((text(key.masked_id), text(key.fingerprint)), ("ACMEPR…CDEF", "00fc4b022b2a8533"));
    assert_eq!((key.enabled, key.is_enabled(), snapshot.text_opt(key.description)), (Some(false), false, Some("ci")));
}

#[tokio::test]
async fn an_account_with_a_key_of_its_own_is_asked_with_that() {
    let script = Script::new(|ask| match (ask.what.as_str(), ask.token.as_str()) {
        ("token", _) => token(if ask.before == 0 { "t1" } else { "t2" }),
        ("members A", "t1") | ("members B", "t2") => rows(&format!("{},{}", user("me@x.io"), user("ann@x.io"))),
        ("keys A", "t1") | ("keys B", "t2") => rows(""),
        (what, _) if what.starts_with("keys") => panic!("{what} with the key of another"),
        _ => status(404, ""),
    });
    let own = AccountPlan { credential: Some(Credential::new("KEY_2", "other")), ..AccountPlan::named("B") };
    let mut plan = asking(KEYS, &["A"]);
    plan.organizations[0].accounts.push(own);
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(sources(&snapshot), ["api_keys A complete 0", "api_keys B complete 0"]);
}

#[tokio::test]
async fn events_that_name_another_account_are_told() {
    let script = script(|_| rows(&event("1788163200000", "ann@x.io", "Login")));
    let snapshot = run(&asking(LOG, &["a", "B"]), &script).await.unwrap();
    let named: Vec<_> = snapshot.audit_events().iter().map(|event| snapshot.text_opt(event.stated_account)).collect();
    assert_eq!(named, [None, Some("A")]);
    assert_eq!(
        message(&snapshot, "events_of_other_accounts"),
        "1 row of this account's AuditLogs name other accounts; they are kept here, with that name"
    );
}

#[tokio::test]
async fn timing_does_not_change_the_result() {
    let usual = || {
        script(|ask| match ask.what.as_str() {
            "log B" => status(403, ""),
            "log C" => rows("{}"),
            what => rows(&event("1788163200000", "ann@x.io", what)),
        })
    };
    let plan = asking(LOG, &["A", "B", "C", "D"]);
    let expected = run(&plan, &usual()).await.unwrap();
    let mut slow = usual();
    slow.delay = |what| Duration::from_millis(if what.ends_with('A') { 30 } else { 1 });
    assert!(run(&plan, &slow).await.unwrap() == expected);
    let one_at_a_time = Plan { concurrency: 1, ..plan };
    assert!(run(&one_at_a_time, &usual()).await.unwrap() == expected);
    assert_eq!(expected.optional_sources().iter().filter(|source| source.kind == SourceKind::AuditLog).count(), 4);
}
