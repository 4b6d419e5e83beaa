//! Answers that look complete and are not.

use lacegraph_fetch::{AccountFilter, AccountPlan, ApiBase, Credential};

use crate::script::{Answer, Script, admin_of, plan, plan_of, profile, rows, run, status, token, user};
use crate::view::{accounts, detail, grants, memberships, message, problems};

fn two(a: &str, b: &str) -> Answer {
    rows(&format!("{},{}", user(a), user(b)))
}

fn has(snapshot: &lacegraph_model::Snapshot, problem: &str) -> bool {
    problems(snapshot).iter().any(|known| known == problem)
}

/// A directory for a key owner who is no organization admin.
fn profile_of(accounts: &str) -> Answer {
    rows(&format!(r#"{{"username":"Own@x.io ","orgAdmin":false,"accounts":[{accounts}]}}"#))
}

#[tokio::test]
async fn a_list_of_the_keys_owner_alone_is_not_believed() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile_of(
            r#"{"accountName":"A","admin":0},{"accountName":"B","admin":"1"},{"accountName":"C","admin":false}"#,
        ),
        "members A" | "members B" => rows(&user("own@X.io")),
        "members C" => two("own@x.io", "c@x.io"),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(
        accounts(&snapshot),
        ["A incomplete team_members 1", "B complete team_members 1", "C complete team_members 2"]
    );
    assert_eq!(problems(&snapshot), ["error only_the_key_owner A - -", "info organization_list_refused - - -"]);
    assert!(message(&snapshot, "only_the_key_owner").contains("the key's own user alone"));
}

#[tokio::test]
async fn an_organization_list_of_the_keys_owner_alone_is_not_believed() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile_of(r#"{"accountName":"A"},{"accountName":"B"},{"accountName":"C"},{"accountName":"D"}"#),
        "org" => rows(&admin_of("own@x.io", &["A", "B", "C", "D"])),
        members if members.starts_with("members ") => two("own@x.io", "b@x.io"),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert!(accounts(&snapshot).iter().all(|account| account.ends_with("complete team_members 2")));
    assert_eq!(accounts(&snapshot).len(), 4);
    assert!(has(&snapshot, "error only_the_key_owner - - -"), "{:?}", problems(&snapshot));
}

#[tokio::test]
async fn one_and_the_same_person_everywhere_may_be_the_keys_owner() {
    let run_with = async |b: &'static str, list: bool| {
        let script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => status(500, ""),
            "org" if list => rows(&admin_of("own@x.io", &["A", "B"])),
            "members A" => rows(&user("own@x.io")),
            "users B" => rows(&format!(r#"{{"email":"{b}","userGuid":"B_1"}}"#)),
            _ => status(403, ""),
        });
        run(&plan_of(&["A", "B"]), &script).await.unwrap()
    };
    let snapshot = run_with("OWN@x.io", false).await;
    assert_eq!(accounts(&snapshot), ["A incomplete team_members 1", "B incomplete team_users 1"]);
    assert!(has(&snapshot, "error only_the_key_owner A - -") && has(&snapshot, "error only_the_key_owner B - -"));
    let snapshot = run_with("other@x.io", false).await;
    assert_eq!(accounts(&snapshot), ["A complete team_members 1", "B complete team_users 1"]);
    let snapshot = run_with("own@x.io", true).await;
    assert_eq!(accounts(&snapshot), ["A incomplete team_members 1", "B incomplete team_users 1"]);
    assert!(has(&snapshot, "error only_the_key_owner - - -"), "{:?}", problems(&snapshot));
}

#[tokio::test]
async fn an_empty_older_list_leads_to_the_newer_one() {
    for empty in [status(204, ""), rows("")] {
        let empty = empty.unwrap();
        let script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            members if members.starts_with("members ") => Ok(empty.clone()),
            "users A" => rows(r#"{"email":"a@x.io"},{"email":"b@x.io"}"#),
            "users B" => rows(""),
            "users C" => status(404, ""),
            "users D" => status(500, ""),
            _ => status(403, ""),
        });
        let snapshot = run(&plan_of(&["A", "B", "C", "D"]), &script).await.unwrap();
        assert_eq!(
            accounts(&snapshot),
            ["A complete team_users 2", "B complete team_members 0", "C complete team_members 0", "D failed - 0"]
        );
        assert!(message(&snapshot, "account_failed").starts_with("TeamUsers page 1: status 500"));
        assert!(has(&snapshot, "warning empty_list B - -") && has(&snapshot, "warning empty_list C - -"));
    }
}

#[tokio::test]
async fn only_a_refusal_of_the_directory_is_expected() {
    for (answer, severity) in [
        (status(401, ""), "info"),
        (status(403, ""), "info"),
        (status(404, ""), "info"),
        (status(500, ""), "info"),
        (status(400, ""), "error"),
        (status(503, ""), "error"),
        (status(429, ""), "error"),
        (status(403, "<html>"), "error"),
        (status(200, "oops"), "error"),
        (crate::script::broken(), "error"),
    ] {
        let shown = format!("{answer:?}");
        let script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => answer.clone(),
            "members A" => two("a@x.io", "b@x.io"),
            _ => status(404, ""),
        });
        let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
        let expected = format!("{severity} directory_not_available - - -");
        assert!(has(&snapshot, &expected), "{shown}: {:?}", problems(&snapshot));
    }
}

#[tokio::test]
async fn a_directory_that_is_not_understood_in_part() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => rows(r#"{"username":"me@x.io","orgAdmin":"perhaps","accounts":[{"accountName":"A"}]}"#),
        "members A" => two("me@x.io", "a@x.io"),
        _ => status(404, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 2"]);
    assert!(has(&snapshot, "error directory_entry_not_understood - - -"), "{:?}", problems(&snapshot));
    assert!(message(&snapshot, "directory_entry_not_understood").starts_with("1 entry or value "));
}

#[tokio::test]
async fn an_account_that_the_directory_lists_without_a_name_is_missed() {
    let directory = r#"{"username":"me@x.io","orgAdmin":true,"accounts":[{"accountName":"A","custGuid":"A_1"},{"custGuid":"B_1"}]}"#;
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => rows(directory),
        "members A" => two("me@x.io", "a@x.io"),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 2", "B_1 failed - 0"]);
    assert!(has(&snapshot, "error account_without_name B_1 - -"), "{:?}", problems(&snapshot));
    // The organization's list tells the name.
    let named = r#"{"userName":"me@x.io","orgAdmin":true,"accounts":[{"accountName":"A"},{"accountName":"B","custGuid":"B_1"}]}"#;
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => rows(directory),
        "org" => rows(named),
        "members A" | "members B" => rows(&user("me@x.io")),
        other => panic!("{other}"),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 1", "B complete team_members 1"]);
    // The organization's list covers it, but has no name for it either.
    let flat = r#"{"userName":"me@x.io","orgAdmin":true,"custGuid":"A_1"},{"userName":"b@x.io","custGuid":"B_1"}"#;
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => rows(directory),
        "org" => rows(flat),
        "members A" => rows(&user("me@x.io")),
        other => panic!("{other}"),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 1", "B_1 complete - 0"]);
    assert_eq!(detail(&snapshot, "B_1"), "covered by the organization's list");
}

#[tokio::test]
async fn an_organization_list_that_fails_is_missed() {
    for (answer, expected) in [
        (status(500, ""), "error organization_list_failed - - -"),
        (status(200, "oops"), "error organization_list_failed - - -"),
        (crate::script::broken(), "error organization_list_failed - - -"),
        (status(403, "<html>"), "error organization_list_failed - - -"),
        (status(401, ""), "info organization_list_refused - - -"),
        (status(405, ""), "info organization_list_refused - - -"),
    ] {
        let script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => profile(&["A"]),
            "org" => answer.clone(),
            _ => rows(&user("me@x.io")),
        });
        let snapshot = run(&plan(), &script).await.unwrap();
        assert_eq!(problems(&snapshot), [expected]);
    }
}

#[tokio::test]
async fn every_own_list_is_compared_with_the_organizations() {
    let named = &["A", "B", "C", "D", "E"];
    let script = Script::new(|ask| match (ask.what.as_str(), ask.token.as_str()) {
        ("token", _) => token(if ask.before == 0 { "org" } else { "own" }),
        ("profile", _) => profile(named),
        ("org", _) => rows(&admin_of("me@x.io", named)),
        ("members E", "own") => two("me@x.io", "hidden@x.io"),
        _ => rows(&user("me@x.io")),
    });
    let mut plan = plan();
    let own = AccountPlan { credential: Some(Credential::new("KEY_E", "e")), ..AccountPlan::named("E") };
    plan.organizations[0].accounts.push(own);
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot)[3..], ["D complete team_members 1", "E complete team_members 2"]);
    assert!(message(&snapshot, "organization_list_misses_members").contains("account E names"));
}

#[tokio::test]
async fn an_account_with_members_that_the_organization_list_does_not_name_proves_it_incomplete() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B", "C", "D", "E"]),
        "org" => rows(&admin_of("me@x.io", &["A", "B", "C", "D"])),
        "members E" => rows(&user("e@x.io")),
        "members D" => two("me@x.io", "d@x.io"),
        _ => rows(&user("me@x.io")),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot)[3..], ["D complete team_members 2", "E complete team_members 1"]);
    assert!(has(&snapshot, "info organization_list_misses_members - - -"), "{:?}", problems(&snapshot));
}

#[tokio::test]
async fn empty_lists_of_accounts_do_not_hide_a_flat_row() {
    let body = r#"{"data":[
        {"userName":"a@x.io","accounts":[],"props":{"accountAdmin":true}},
        {"userName":"b@x.io","adminRoleAccounts":[],"userRoleAccounts":[],"userGuid":"A_2"},
        {"userName":"c@x.io","accounts":null,"props":{"lastLoginTime":0}},
        {"userName":"d@x.io","orgAdmin":true,"accounts":[]}]}"#;
    let snapshot = crate::script::own_list_of_a(body).await;
    assert_eq!(memberships(&snapshot), ["a@x.io @ A [ADMIN] ?", "b@x.io @ A [] ?", "c@x.io @ A [] ?"]);
    assert_eq!(grants(&snapshot), ["d@x.io ORG_ADMIN"]);
}

#[tokio::test]
async fn rows_of_an_own_list_that_name_only_other_accounts_are_told() {
    let body = format!(
        r#"{{"data":[{},{},{},{{"userName":"d@x.io","props":{{"accountAdmin":true}},"userRoleAccounts":["A","B"]}}]}}"#,
        admin_of("a@x.io", &["a"]),
        admin_of("b@x.io", &["B"]),
        admin_of("c@x.io", &["B", "C"])
    );
    let snapshot = crate::script::own_list_of_a(&body).await;
    assert!(message(&snapshot, "rows_name_other_accounts").starts_with("2 rows of the account's own list"));
    assert!(has(&snapshot, "warning rows_name_other_accounts A - -"), "{:?}", problems(&snapshot));
    assert!(has(&snapshot, "error row_not_understood A 1 4"), "{:?}", problems(&snapshot));
    assert!(message(&snapshot, "row_not_understood").contains("`data[3].props.accountAdmin`: expected a `custGuid`"));
}

#[tokio::test]
async fn the_same_list_for_two_accounts_is_told_on_both() {
    let by_guid = |guid: &str| format!(r#"{{"userName":"a@x.io","userGuid":"{guid}"}},{}"#, user("b@x.io"));
    for is_literal in [false, true] {
        let mut script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => profile(&["A", "B", "C"]),
            "members C" => rows(&by_guid("C_1")),
            "members A" | "members B" if is_literal => two("a@x.io", "b@x.io"),
            "members A" | "members B" => rows(&by_guid("A_1")),
            _ => status(403, ""),
        });
        script.is_literal = is_literal;
        let snapshot = run(&plan(), &script).await.unwrap();
        assert_eq!(
            accounts(&snapshot),
            ["A incomplete team_members 2", "B incomplete team_members 2", "C complete team_members 2"]
        );
        assert!(has(&snapshot, "error rows_of_another_account A - -"), "{:?}", problems(&snapshot));
        assert!(has(&snapshot, "error rows_of_another_account B - -"), "{:?}", problems(&snapshot));
        assert!(!has(&snapshot, "error rows_of_another_account C - -"), "{:?}", problems(&snapshot));
    }
}

#[tokio::test]
async fn rows_that_name_their_accounts_may_be_the_same() {
    let mut script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B"]),
        "members A" | "members B" => rows(&admin_of("a@x.io", &["A", "B"])),
        _ => status(403, ""),
    });
    script.is_literal = true;
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 1", "B complete team_members 1"]);
}

#[tokio::test]
async fn patterns_leave_out_no_account_without_a_name() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A"]),
        "org" => rows(&format!(r#"{},{{"userName":"b@x.io","custGuid":"K_9"}}"#, admin_of("me@x.io", &["A"]))),
        "members A" => rows(&user("me@x.io")),
        other => panic!("{other}"),
    });
    for (include, exclude) in [(vec!["A".to_owned()], vec![]), (vec![], vec!["k*".to_owned()])] {
        let mut plan = plan();
        plan.organizations[0].filter = AccountFilter::new(&include, &exclude).unwrap();
        let snapshot = run(&plan, &script).await.unwrap();
        assert_eq!(accounts(&snapshot), ["A complete team_members 1", "K_9 unlisted - 0"]);
        assert!(has(&snapshot, "warning unlisted_account K_9 - -"), "{:?}", problems(&snapshot));
    }
}

async fn primary(base: &str, list: &str) -> lacegraph_model::Snapshot {
    let list = list.to_owned();
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members -" => rows(&list),
        _ => status(404, ""),
    });
    let mut plan = plan();
    plan.organizations[0].base = ApiBase::parse(base).unwrap();
    run(&plan, &script).await.unwrap()
}

#[tokio::test]
async fn the_primary_accounts_rows_tell_its_name() {
    let one = format!("{},{},{}", admin_of("a@x.io", &["PROD"]), admin_of("b@x.io", &["prod"]), user("c@x.io"));
    let snapshot = primary("http://127.0.0.1:9", &one).await;
    assert_eq!(accounts(&snapshot), ["PROD complete team_members 3"]);
    assert_eq!(
        memberships(&snapshot),
        ["a@x.io @ PROD [ADMIN] ?", "b@x.io @ PROD [ADMIN] ?", "c@x.io @ PROD [USER] ?"]
    );
    assert!(!problems(&snapshot).iter().any(|problem| problem.contains("another") || problem.contains("other")));
    // The directory lists it by its key alone.
    let list = format!(r#"{{"userName":"c@x.io","custGuid":"P_1"}},{one}"#);
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => rows(r#"{"username":"c@x.io","accounts":[{"custGuid":"P_1"}]}"#),
        "members -" => rows(&list),
        _ => status(404, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["PROD complete team_members 4"]);
    let two = format!("{},{}", admin_of("a@x.io", &["PROD"]), admin_of("b@x.io", &["DEV"]));
    let snapshot = primary("http://127.0.0.1:9", &two).await;
    assert!(has(&snapshot, "error primary_account_unknown acme - -"), "{:?}", problems(&snapshot));
    assert!(accounts(&snapshot).contains(&"acme incomplete team_members 2".to_owned()), "{:?}", accounts(&snapshot));
    let own = format!("{},{}", admin_of("a@x.io", &["ACME"]), admin_of("b@x.io", &["ACME", "DEV"]));
    let snapshot = primary("acme", &own).await;
    assert_eq!(accounts(&snapshot), ["acme complete team_members 2", "DEV unlisted - 0"]);
}

#[tokio::test]
async fn without_any_name_the_primary_account_is_the_vendors_host_or_the_organization() {
    let list = format!("{},{}", user("a@x.io"), user("b@x.io"));
    assert_eq!(accounts(&primary("https://gateway.example", &list).await), ["acme complete team_members 2"]);
    assert_eq!(accounts(&primary("https://emea.fra.lacework.net", &list).await), ["emea complete team_members 2"]);
}
