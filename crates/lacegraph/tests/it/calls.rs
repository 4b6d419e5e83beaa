//! What the API is asked: no more than needed, nothing that writes, and never what was excluded.

use std::collections::BTreeMap;

use lacegraph_mock::Call;

use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::Place;

const TOKENS: &str = "/api/v2/access/tokens";

/// The calls of an export of both organizations of the demo.
fn calls_of_the_demo() -> (Mock, Vec<Call>) {
    let (mock, place) = (Mock::demo(), Place::new());
    place.give("lacegraph.toml", mock.configuration(r#"exclude = ["*-SANDBOX"]"#));
    assert_eq!(place.run_with(&mock.secrets(), &["export", "--out", "out"]).code, 3);
    let calls = mock.calls();
    (mock, calls)
}

/// How often each list was asked for: `ORGANIZATION's key, account, path` without the names of pages.
fn counts(mock: &Mock, calls: &[Call]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        let key = call.key_id.as_deref().unwrap_or("nobody");
        let organization = ["acme", "globex"].into_iter().find(|name| mock.key(name).key_id == key).unwrap_or(key);
        let place = match (&call.org_access, &call.account_name) {
            (Some(_), _) => "the organization",
            (None, Some(name)) => name,
            (None, None) => "-",
        };
        let path = call.path.trim_start_matches("/api/v2/");
        let endpoint = if path == "access/tokens" { path } else { path.split('/').next().unwrap() };
        *counts.entry(format!("{organization} {place} {endpoint} {}", call.status)).or_default() += 1;
    }
    counts
}

#[test]
fn every_list_is_asked_for_once_and_excluded_accounts_never() {
    let (mock, calls) = calls_of_the_demo();
    let counts = counts(&mock, &calls);
    // How many tokens there are is looked at below; it depends on which of two refusals comes first.
    let counts = counts.iter().filter(|(what, _)| !what.contains("access/tokens"));
    let lines: Vec<_> = counts.map(|(what, count)| format!("{count} x {what}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    1 x acme - UserProfile 200
    1 x acme ACME-DEV TeamMembers 200
    2 x acme ACME-PROD TeamMembers 200
    1 x acme ACME-STAGING TeamMembers 200
    1 x acme SHARED-SERVICES TeamMembers 200
    2 x acme the organization TeamMembers 200
    1 x globex - UserProfile 200
    4 x globex GLOBEX-APAC TeamMembers 500
    2 x globex GLOBEX-EMEA TeamMembers 403
    1 x globex GLOBEX-EMEA TeamUsers 200
    1 x globex GLOBEX-HQ TeamMembers 200
    2 x globex SHARED-SERVICES TeamMembers 403
    1 x globex SHARED-SERVICES TeamUsers 200
    2 x globex the organization TeamMembers 403
    ");
    // No page twice, whatever is repeated after a failure.
    let mut pages: Vec<_> = calls.iter().filter(|call| call.status == 200 && call.method == "GET").collect();
    let all = pages.len();
    pages.sort_by_key(|call| (&call.key_id, &call.path, &call.query, &call.account_name, &call.org_access));
    pages.dedup();
    assert_eq!(pages.len(), all);
    assert!(calls.iter().all(|call| call.account_name.as_deref() != Some("ACME-SANDBOX")));
}

#[test]
fn one_token_serves_the_whole_run() {
    let (mock, calls) = calls_of_the_demo();
    let of_key = |organization: &str| {
        let key = mock.key(organization).key_id;
        calls.iter().filter(move |call| call.key_id.as_deref() == Some(&key))
    };
    let tokens = |organization| of_key(organization).filter(|call| call.path == TOKENS).count();
    assert_eq!(tokens("acme"), 1);
    assert!(of_key("acme").count() > 8);
    // A token may have died where a list is refused: one more is asked for then, and the list once more.
    let refused = of_key("globex").filter(|call| call.status == 403).map(|call| (&call.account_name, &call.path));
    let refused = refused.collect::<std::collections::BTreeSet<_>>().len();
    assert!((1..=1 + refused).contains(&tokens("globex")), "{} tokens, {refused} lists refused", tokens("globex"));
}

#[test]
fn nothing_is_sent_that_could_change_anything() {
    let (_mock, calls) = calls_of_the_demo();
    let small = Mock::small();
    let place = Place::new();
    assert_eq!(place.run_with(&small.variables("tiny"), &["check", "--env"]).code, 0);
    assert_eq!(place.run_with(&small.variables("tiny"), &["export", "--env", "--out", "out"]).code, 0);
    for call in calls.iter().chain(&small.calls()) {
        let is_reading = call.method == "GET" && call.path.starts_with("/api/v2/");
        assert!(is_reading || (call.method == "POST" && call.path == TOKENS), "{call:?}");
        let agent = format!("lacegraph/{}", env!("CARGO_PKG_VERSION"));
        assert_eq!(call.user_agent.as_deref(), Some(&*agent), "{call:?}");
    }
}

#[test]
fn a_failing_account_is_tried_a_few_times_and_given_up() {
    let (_mock, calls) = calls_of_the_demo();
    let tries = calls.iter().filter(|call| call.account_name.as_deref() == Some("GLOBEX-APAC")).count();
    assert!((2..=10).contains(&tries), "{tries} tries");
}

#[test]
fn a_failure_that_passes_is_waited_out() {
    let faults = serde_json::json!([{"org": true, "status": 503, "times": 2}, {"account": "TINY-ONE", "status": 429, "times": 1, "retry_after": "0"}]);
    let (mock, place) = (Mock::serve(Fixture::small().set("faults", faults).world()), Place::new());
    let run = place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    crate::access::assert_as_expected("small", &crate::access::in_database(&place.path("out")));
    assert_eq!(mock.calls().iter().filter(|call| call.status == 503).count(), 2);
}

#[test]
fn a_token_that_dies_early_is_renewed() {
    let options = lacegraph_mock::ServerOptions { token_uses: Some(2), ..Default::default() };
    let (mock, place) = (Mock::serve_with(Fixture::small().world().with_page_size(Some(2)), options), Place::new());
    let run = place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    crate::access::assert_as_expected("small", &crate::access::in_database(&place.path("out")));
    assert!(mock.calls().iter().any(|call| call.status == 401));
}
