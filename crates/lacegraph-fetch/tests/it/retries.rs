//! Calls that fail for now.

use std::time::Duration;

use lacegraph_fetch::{Response, ResponseHeaders};
use tokio::time::Instant;

use crate::script::{Answer, Script, broken, plan_of, profile, rows, run, status, token, user};
use crate::view::{accounts, calls, message};

fn busy(status: u16, retry_after: &str, reset: &str) -> Answer {
    let headers = ResponseHeaders {
        retry_after: Some(retry_after.to_owned()),
        rate_limit_reset: Some(reset.to_owned()),
        ..ResponseHeaders::default()
    };
    Ok(Response { status, headers, body: Vec::new() })
}

/// Account A's list, which answers `first` once; gives how long the run took and how often the list was tried.
async fn after(first: impl Fn() -> Answer + Send + Sync + 'static) -> (f64, String) {
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&[]),
        "members A" if ask.before == 0 => first(),
        "members A" => rows(&user("a@x.io")),
        _ => status(404, ""),
    });
    let mut plan = plan_of(&["A"]);
    plan.settings.retry.unknown_limit_delay = Duration::from_secs(8);
    let started = Instant::now();
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 1"]);
    let call = calls(&snapshot).into_iter().find(|call| call.starts_with("TeamMembers A")).unwrap();
    (started.elapsed().as_secs_f64(), call)
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured() {
    let (seconds, call) = after(|| busy(503, "7", "")).await;
    assert!((7.0..7.1).contains(&seconds), "{seconds}");
    assert_eq!(call, "TeamMembers A 1 200 2 1 hash");
    let (seconds, _) = after(|| busy(429, "Tue, 01 Sep 2026 08:00:30 GMT", "5")).await;
    assert!((30.0..30.1).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn the_rate_limits_reset_stands_in() {
    for malformed in ["", "later"] {
        let (seconds, _) = after(move || busy(429, malformed, "12")).await;
        assert!((12.0..12.1).contains(&seconds), "{malformed}: {seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_begun_that_is_longer_than_a_run_may_wait() {
    for (answer, tried) in [(429, "status 429; "), (503, "status 503; ")] {
        let script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => profile(&[]),
            "members A" => busy(answer, "86400", ""),
            "members B" => rows(&user("b@x.io")),
            _ => status(404, ""),
        });
        let mut plan = plan_of(&["A", "B"]);
        plan.concurrency = 1;
        let started = Instant::now();
        let snapshot = run(&plan, &script).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        let ending = "the next try has to wait 24 h, more than is left of the 15 min for all waits of the run (1 try)";
        let said = snapshot.text(snapshot.problems()[0].message);
        assert_eq!(said, format!("TeamMembers page 1: {tried}{ending}"));
        // Of the limit the next account learns without asking.
        let other = if answer == 429 { "B failed - 0" } else { "B complete team_members 1" };
        assert_eq!(accounts(&snapshot), ["A failed - 0", other]);
        assert_eq!(
            script.asked().iter().filter(|asked| asked.starts_with("members ")).count(),
            if answer == 429 { 1 } else { 2 }
        );
    }
}

#[tokio::test(start_paused = true)]
async fn where_patience_ends_the_last_failure_is_told() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&[]),
        "members A" => broken(),
        _ => status(404, ""),
    });
    let mut plan = plan_of(&["A"]);
    plan.settings.retry.max_wait = Duration::ZERO;
    let snapshot = run(&plan, &script).await.unwrap();
    let said = message(&snapshot, "account_failed");
    let failure = "the connection broke: reset by peer; the next try has to wait less than a second, more";
    assert_eq!(said, format!("TeamMembers page 1: {failure} than is left of the 0 s for all waits of the run (1 try)"));
    let failed = snapshot.problems().iter().find(|problem| snapshot.text(problem.code) == "account_failed").unwrap();
    assert!(snapshot.text_opt(failed.hint).unwrap().starts_with("run again; if it stays so, check the network"));
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_which_the_server_says_nothing_is_left_alone_for_a_while() {
    let (seconds, call) = after(|| busy(429, "", "")).await;
    assert!((8.0..8.1).contains(&seconds), "{seconds}");
    assert_eq!(call, "TeamMembers A 1 200 2 1 hash");
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_made_again() {
    let (seconds, call) = after(broken).await;
    assert!(seconds < 0.1, "{seconds}");
    assert_eq!(call, "TeamMembers A 1 200 2 1 hash");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_never_answers_costs_a_second_or_two() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&[]),
        "members A" => status(500, r#"{"message":"boom"}"#),
        "members B" => rows(&user("b@x.io")),
        _ => status(404, ""),
    });
    let mut plan = plan_of(&["A", "B"]);
    plan.settings.retry.base_delay = Duration::from_millis(200);
    let started = Instant::now();
    let snapshot = run(&plan, &script).await.unwrap();
    assert!((1.4..3.0).contains(&started.elapsed().as_secs_f64()), "{:?}", started.elapsed());
    assert_eq!(accounts(&snapshot), ["A failed - 0", "B complete team_members 1"]);
    assert_eq!(message(&snapshot, "account_failed"), "TeamMembers page 1: status 500: boom (4 tries)");
    // A fault of the API says nothing of the access model.
    assert!(!script.asked().contains(&"users A".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_is_not_for_everybody_is_not_waited_for() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => status(500, ""),
        "members A" => rows(&format!("{},{}", user("a@x.io"), user("b@x.io"))),
        _ => status(404, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(script.asked().iter().filter(|asked| *asked == "profile").count(), 2);
    assert_eq!(accounts(&snapshot), ["A complete team_members 2"]);
}

#[tokio::test(start_paused = true)]
async fn one_call_that_hits_the_limit_holds_the_others_of_its_key() {
    let started = Instant::now();
    let mut script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&[]),
        "members A" if ask.before == 0 => busy(429, "60", ""),
        "members B" if ask.before == 0 => broken(),
        members if members.starts_with("members ") => {
            assert!(started.elapsed() >= Duration::from_secs(60), "{members} after {:?}", started.elapsed());
            rows(&user("a@x.io"))
        }
        _ => status(404, ""),
    });
    // B fails after A hit the limit, and would be asked again at once.
    script.delay = |what| if what == "members B" { Duration::from_millis(20) } else { Duration::ZERO };
    let snapshot = run(&plan_of(&["A", "B"]), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 1", "B complete team_members 1"]);
    assert_eq!(script.asked().iter().filter(|asked| asked.starts_with("members ")).count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_token_request_is_repeated_too() {
    let script = Script::new(|ask| match (ask.what.as_str(), ask.before) {
        ("token", 0) => broken(),
        ("token", 1) => busy(429, "3", ""),
        ("token", _) => token("t1"),
        ("members A", _) => rows(&user("a@x.io")),
        _ => status(404, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert!(calls(&snapshot).contains(&"access/tokens - 1 201 3 0 -".to_owned()), "{:?}", calls(&snapshot));
}
