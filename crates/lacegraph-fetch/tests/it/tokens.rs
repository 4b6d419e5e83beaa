//! Tokens: obtained once, renewed, never shown.

use std::time::Duration;

use lacegraph_fetch::{AccountPlan, ApiBase, Credential};

use crate::script::{Script, ok, plan, plan_of, profile, rows, run, status, token, user};
use crate::view::{accounts, calls, detail, message, problems};

#[tokio::test]
async fn one_exchange_for_all_calls() {
    let names: Vec<String> = (0..20).map(|number| format!("ACCOUNT-{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        members if members.starts_with("members ") => rows(&user("a@x.io")),
        _ => status(404, ""),
    });
    let snapshot = run(&plan_of(&names), &script).await.unwrap();
    assert_eq!(snapshot.memberships().len(), 20);
    assert_eq!(script.asked().iter().filter(|asked| *asked == "token").count(), 1);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    for refusal in [401, 403] {
        let script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token(&format!("t{}", ask.before + 1)),
            _ if ask.token == "t1" => status(refusal, r#"{"message":"token expired"}"#),
            "profile" => profile(&["A"]),
            "members A" => rows(&user("me@x.io")),
            _ => status(404, ""),
        });
        let snapshot = run(&plan(), &script).await.unwrap();
        assert_eq!(accounts(&snapshot), ["A complete team_members 1"], "{refusal}");
        // A 403 may pass, and is repeated before the token is doubted.
        let again = if refusal == 403 { "profile profile" } else { "profile" };
        assert_eq!(script.asked().join(" "), format!("token {again} token profile org members A"));
    }
}

#[tokio::test]
async fn a_403_in_the_middle_of_a_list_is_an_expired_token() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        "profile" => profile(&["A"]),
        "members A" if ask.query.is_empty() => ok(&format!(r#"{{"nextPage":"two","data":[{}]}}"#, user("a@x.io"))),
        "members A" if ask.token == "t1" => status(403, ""),
        "members A" => rows(&user("me@x.io")),
        _ => status(404, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 2"]);
    assert_eq!(script.asked().iter().filter(|asked| *asked == "token").count(), 2);
}

#[tokio::test]
async fn a_token_that_dies_between_two_lists_is_found_out_by_403_too() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        "profile" if ask.before == 0 || ask.token == "t2" => profile(&["A", "B", "C"]),
        "members A" => rows(&user("me@x.io")),
        _ if ask.token == "t1" => status(403, r#"{"message":"token expired"}"#),
        "users B" => rows(r#"{"type":"StandardUser","email":"b@x.io"}"#),
        "members C" => rows(&user("c@x.io")),
        _ => status(403, ""),
    });
    let mut plan = plan();
    plan.concurrency = 1;
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(
        accounts(&snapshot),
        ["A complete team_members 1", "B complete team_users 1", "C complete team_members 1"]
    );
    let count = |what: &str| script.asked().iter().filter(|asked| *asked == what).count();
    // Once for the directory, once to look.
    assert_eq!((count("token"), count("profile")), (2, 2), "{:?}", script.asked());
}

#[tokio::test]
async fn accounts_that_refuse_a_good_token_are_looked_into_once() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        "profile" => profile(&["A", "B", "C", "D"]),
        "members A" => rows(&user("me@x.io")),
        _ => status(403, ""),
    });
    let mut plan = plan();
    plan.concurrency = 1;
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot)[1..], ["B failed - 0", "C failed - 0", "D failed - 0"]);
    let count = |what: &str| script.asked().iter().filter(|asked| *asked == what).count();
    assert_eq!((count("token"), count("profile"), count("members D")), (1, 2, 2), "{:?}", script.asked());
}

#[tokio::test]
async fn where_two_tokens_never_work_no_third_is_asked_for() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        _ => status(401, r#"{"message":"no token"}"#),
    });
    let mut plan = plan_of(&["A", "B", "C", "D"]);
    plan.concurrency = 1;
    let snapshot = run(&plan, &script).await.unwrap();
    assert!(accounts(&snapshot).iter().all(|account| account.ends_with("failed - 0")));
    assert_eq!(script.asked().iter().filter(|asked| *asked == "token").count(), 2, "{:?}", script.asked());
    let hints = snapshot.problems().iter().filter(|problem| snapshot.text(problem.code) == "account_refused");
    assert!(hints.clone().count() == 4);
    assert!(
        hints.into_iter().all(|problem| snapshot.text_opt(problem.hint).unwrap().starts_with("the API takes no token"))
    );
}

#[tokio::test]
async fn a_key_that_may_read_nothing_costs_two_tokens_at_most() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        _ => status(403, ""),
    });
    let snapshot = run(&plan_of(&["A", "B", "C", "D"]), &script).await.unwrap();
    assert!(accounts(&snapshot).iter().all(|account| account.ends_with("failed - 0")));
    assert_eq!(script.asked().iter().filter(|asked| *asked == "token").count(), 2);
}

#[tokio::test]
async fn concurrent_refusals_share_one_renewal() {
    let names: Vec<String> = (0..8).map(|number| format!("ACCOUNT-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        "profile" | "org" => status(404, ""),
        _ if ask.token == "t1" => status(401, ""),
        _ => rows(&user("a@x.io")),
    });
    script.delay = |_| std::time::Duration::from_millis(5);
    let snapshot = run(&plan_of(&names), &script).await.unwrap();
    assert_eq!(snapshot.memberships().len(), 8);
    assert_eq!(script.asked().iter().filter(|asked| *asked == "token").count(), 2);
}

#[tokio::test]
async fn a_second_refusal_on_a_fresh_token_is_about_permission() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        "users A" => status(403, r#"{"message":"not your account"}"#),
        "members A" => status(403, ""),
        _ => status(404, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A failed - 0"]);
    let message = message(&snapshot, "account_refused");
    assert_eq!(
        message,
        "the account's list is refused: TeamMembers page 1: status 403 (2 tries); \
         TeamUsers page 1: status 403: not your account (2 tries)"
    );
    assert_eq!(script.asked().iter().filter(|asked| *asked == "members A").count(), 2);
    assert_eq!(script.asked().iter().filter(|asked| *asked == "users A").count(), 2);
}

#[tokio::test]
async fn a_key_that_is_refused_fails_its_organization_and_is_tried_once() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => status(401, r#"{"message":"no such key"}"#),
        other => panic!("{other} without a token"),
    });
    let snapshot = run(&plan_of(&["A", "B"]), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A failed - 0", "B failed - 0"]);
    assert_eq!(problems(&snapshot), ["error organization_failed - - -"]);
    assert_eq!(message(&snapshot, "organization_failed"), "access/tokens: status 401: no such key (1 try)");
    assert_eq!(detail(&snapshot, "B"), "access/tokens: status 401: no such key (1 try)");
    assert_eq!(script.asked(), ["token"]);
    assert_eq!(calls(&snapshot), ["access/tokens - 1 401 1 0 -"]);
}

#[tokio::test]
async fn without_any_account_the_hosts_own_fails() {
    let script = Script::new(|_| status(400, ""));
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["acme failed - 0"]);
}

#[tokio::test]
async fn a_key_of_its_own_works_where_the_organizations_is_refused() {
    let script = Script::new(|ask| match (ask.what.as_str(), ask.before) {
        ("token", 0) => status(403, ""),
        ("token", _) => token("own"),
        ("members B", _) if ask.token == "own" => rows(&format!("{},{}", user("b@x.io"), user("c@x.io"))),
        (other, _) => panic!("{other}"),
    });
    let mut plan = plan_of(&["A"]);
    plan.organizations[0]
        .accounts
        .push(AccountPlan { credential: Some(Credential::new("KEY_B", "other")), ..AccountPlan::named("B") });
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A failed - 0", "B complete team_members 2"]);
    assert!(calls(&snapshot).contains(&"access/tokens B 1 201 1 0 -".to_owned()), "{:?}", calls(&snapshot));
}

#[tokio::test]
async fn the_organizations_key_goes_to_no_other_host() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members A" => panic!("asked with a key for another host"),
        _ => status(404, ""),
    });
    let mut plan = plan_of(&["A"]);
    plan.organizations[0].accounts[0].base = Some(ApiBase::parse("other").unwrap());
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A failed - 0"]);
    assert!(message(&snapshot, "account_failed").ends_with("it has a host of its own but no key of its own"));
}

#[tokio::test]
async fn neither_secret_nor_token_shows() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t0ken"),
        // A server that repeats what it was sent.
        _ => status(403, r#"{"message":"t0ken is not allowed"}"#),
    });
    let plan = plan_of(&["A"]);
    let snapshot = run(&plan, &script).await.unwrap();
    let checks = lacegraph_fetch::check(&plan, &script, &crate::script::clock(), &()).await;
    let shown = format!("{plan:?} {snapshot:?} {checks:?}");
    assert!(shown.contains("[REDACTED] is not allowed"), "{shown}");
    assert!(!shown.contains("t0ken") && !shown.contains("s3cr3t"), "{shown}");
    assert!(shown.contains("REDACTED"));
}

#[tokio::test(start_paused = true)]
async fn a_403_does_not_cost_a_token_that_just_worked() {
    let mut script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        "profile" => profile(&["A", "B", "C"]),
        // Transient.
        "members A" if ask.before == 0 => status(403, ""),
        "members A" => rows(&user("me@x.io")),
        "members B" if ask.before == 0 => status(401, ""),
        "members B" => rows(&user("b@x.io")),
        _ => status(403, ""),
    });
    script.delay = |what| Duration::from_secs(if what == "members B" { 1 } else { 0 });
    let mut plan = plan();
    plan.concurrency = 1;
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 1", "B complete team_members 1", "C failed - 0"]);
    let message = message(&snapshot, "account_refused");
    let refused = "TeamMembers page 1: status 403 (2 tries); TeamUsers page 1: status 403 (2 tries)";
    assert_eq!(message, format!("the directory lists this account, but its list is refused: {refused}"));
    // The second is for the 401.
    assert_eq!(script.asked().iter().filter(|asked| *asked == "token").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_403_renews_a_token_that_worked_long_ago() {
    let mut script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        "profile" => profile(&["A"]),
        "members A" if ask.token == "t1" => status(403, ""),
        "members A" => rows(&user("me@x.io")),
        _ => status(404, ""),
    });
    script.delay = |what| Duration::from_secs(if what == "members A" { 61 } else { 0 });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 1"]);
    assert_eq!(script.asked(), ["token", "profile", "org", "members A", "token", "members A"]);
}

#[tokio::test]
async fn a_second_401_on_a_token_that_no_other_call_could_use_is_final() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token(&format!("t{}", ask.before + 1)),
        "profile" => profile(&["A"]),
        "members A" if ask.before < 9 => status(401, ""),
        _ => rows(&user("me@x.io")),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    // No other call shows that the second token was one.
    assert_eq!(accounts(&snapshot), ["A failed - 0"]);
    assert_eq!(script.asked().iter().filter(|asked| *asked == "members A").count(), 2);
}
