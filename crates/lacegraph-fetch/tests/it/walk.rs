//! Which lists are asked for, and what the accounts' states are then.

use std::time::Duration;

use lacegraph_fetch::{AccountFilter, AccountPlan, Credential, OrganizationPlan};
use lacegraph_model::ExpectedFrom;

use crate::script::{Script, admin_of, plan, plan_of, profile, rows, run, status, token, user};
use crate::view::{accounts, calls, detail, memberships, message, problems};

#[tokio::test]
async fn a_complete_organization_list_is_cross_checked_and_enough() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["E", "D", "C", "B", "A"]),
        "org" => rows(&admin_of("me@x.io", &["A", "B", "C", "D", "E"])),
        "members A" | "members B" | "members C" => rows(r#"{"userName":"me@x.io","props":{"accountAdmin":true}}"#),
        other => panic!("{other}"),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(
        accounts(&snapshot),
        [
            "A complete team_members 1",
            "B complete team_members 1",
            "C complete team_members 1",
            "D complete - 0",
            "E complete - 0",
        ]
    );
    assert_eq!(detail(&snapshot, "E"), "covered by the organization's list");
    assert_eq!(problems(&snapshot), Vec::<String>::new());
    assert_eq!(snapshot.organizations()[0].expected_from, ExpectedFrom::Directory);
    let mut asked = script.asked();
    asked.sort();
    assert_eq!(asked, ["members A", "members B", "members C", "org", "profile", "token"]);
}

#[tokio::test]
async fn a_member_missing_from_the_organization_list_makes_every_account_be_asked() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B", "C", "D", "E"]),
        "org" => rows(&admin_of("me@x.io", &["A", "B", "C", "D", "E"])),
        "members B" => rows(&format!("{},{}", user("me@x.io"), user("hidden@x.io"))),
        "members C" | "users C" => status(403, ""),
        _ => rows(&user("me@x.io")),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(
        accounts(&snapshot),
        [
            "A complete team_members 1",
            "B complete team_members 2",
            "C incomplete - 0",
            "D complete team_members 1",
            "E complete team_members 1",
        ]
    );
    assert!(
        message(&snapshot, "organization_list_misses_members")
            .contains("misses 1 of the members that the list of account B")
    );
    assert!(
        detail(&snapshot, "C").starts_with("only what the organization's list says: "),
        "{}",
        detail(&snapshot, "C")
    );
    assert!(problems(&snapshot).contains(&"error account_refused C - -".to_owned()));
}

#[tokio::test]
async fn no_cross_check_is_said_and_hurts_nobody() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B"]),
        "org" => rows(&admin_of("me@x.io", &["A", "B"])),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete - 0", "B complete - 0"]);
    assert_eq!(problems(&snapshot), ["info not_cross_checked - - -"]);
    assert!(!snapshot.is_partial());
}

#[tokio::test]
async fn accounts_that_the_organization_list_does_not_name_are_asked() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B", "C"]),
        "org" => rows(&admin_of("me@x.io", &["A"])),
        "members A" => rows(r#"{"userName":"me@x.io","props":{"accountAdmin":true}}"#),
        "members B" => rows(&user("b@x.io")),
        "members C" => status(204, ""),
        "users C" => status(403, ""),
        other => panic!("{other}"),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(
        accounts(&snapshot),
        ["A complete team_members 1", "B complete team_members 1", "C complete team_members 0"]
    );
    assert_eq!(memberships(&snapshot), ["b@x.io @ B [USER] ?", "me@x.io @ A [ADMIN] ?"]);
    // What B's list says, the organization's misses, so that it proves nothing of C either.
    assert_eq!(
        problems(&snapshot),
        [
            "warning empty_list C - -",
            "info organization_list_misses_accounts - - -",
            "info organization_list_misses_members - - -"
        ]
    );
}

#[tokio::test]
async fn a_refused_organization_list_is_no_harm_where_accounts_answer() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A"]),
        "members A" => rows(&user("me@x.io")),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(problems(&snapshot), ["info organization_list_refused - - -"]);
    assert!(!snapshot.is_partial());
}

#[tokio::test]
async fn an_empty_organization_list_is_asked_beyond() {
    for empty in [status(204, ""), rows("")] {
        let empty = empty.unwrap();
        let script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => profile(&["A"]),
            "org" => Ok(empty.clone()),
            "members A" => rows(&user("me@x.io")),
            _ => status(403, ""),
        });
        let snapshot = run(&plan(), &script).await.unwrap();
        assert_eq!(accounts(&snapshot), ["A complete team_members 1"]);
        assert_eq!(problems(&snapshot), ["info organization_list_empty - - -"]);
    }
}

#[tokio::test]
async fn an_organization_list_that_breaks_off_is_asked_beyond() {
    let script = Script::new(|ask| match (ask.what.as_str(), ask.query.as_str()) {
        ("token", _) => token("t1"),
        ("profile", _) => profile(&["A"]),
        ("org", "") => {
            let row = r#"{"userName":"me@x.io","accounts":[{"accountName":"A","admin":true}]}"#;
            crate::script::ok(&format!(r#"{{"nextPage":"p2","data":[{row}]}}"#))
        }
        ("org", _) => status(400, r#"{"message":"gone"}"#),
        ("members A", _) => rows(&format!("{},{}", user("me@x.io"), user("b@x.io"))),
        _ => status(404, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 2"]);
    assert!(problems(&snapshot).contains(&"error page_failed - 2 -".to_owned()), "{:?}", problems(&snapshot));
}

#[tokio::test]
async fn excluded_accounts_are_never_asked_and_ghosts_are_shown() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "SANDBOX-1"]),
        "org" => rows(&admin_of("me@x.io", &["A", "SANDBOX-1", "Sandbox-2", "GHOST"])),
        "members A" => rows(r#"{"userName":"me@x.io","props":{"accountAdmin":true}}"#),
        other => panic!("{other}"),
    });
    let mut plan = plan();
    plan.organizations[0].filter = AccountFilter::new(&[], &["sandbox-*".to_owned()]).unwrap();
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(
        accounts(&snapshot),
        ["A complete team_members 1", "GHOST unlisted - 0", "SANDBOX-1 excluded - 0", "Sandbox-2 excluded - 0"]
    );
}

#[tokio::test]
async fn configuration_adds_accounts_and_facts_but_the_api_spells_them() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["ACME-PROD"]),
        members if members.starts_with("members ") => rows(&user("me@x.io")),
        _ => status(403, ""),
    });
    let mut plan = plan_of(&["acme-prod", "extra"]);
    plan.organizations[0].accounts[0].owner = Some("platform team".to_owned());
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["ACME-PROD complete team_members 1", "extra complete team_members 1"]);
    assert_eq!(snapshot.text_opt(snapshot.accounts()[0].owner), Some("platform team"));
    assert_eq!(snapshot.organizations()[0].expected_from, ExpectedFrom::Both);
    assert!(script.asked().contains(&"members ACME-PROD".to_owned()));
}

#[tokio::test]
async fn without_directory_and_configuration_the_host_is_the_account() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members -" => rows(&format!("{},{}", user("a@x.io"), user("b@x.io"))),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["acme complete team_members 2"]);
    assert_eq!(snapshot.organizations()[0].expected_from, ExpectedFrom::Configuration);
}

#[tokio::test]
async fn an_account_with_a_key_of_its_own_is_always_asked_with_it() {
    let script = Script::new(|ask| match (ask.what.as_str(), ask.token.as_str()) {
        ("token", _) => token(if ask.before == 0 { "org" } else { "own" }),
        ("profile", _) => profile(&["A", "B", "C", "D", "E"]),
        ("org", _) => rows(&admin_of("me@x.io", &["A", "B", "C", "D", "E"])),
        ("members A" | "members B" | "members C", "org") | ("members E", "own") => {
            rows(r#"{"userName":"me@x.io","props":{"accountAdmin":true}}"#)
        }
        other => panic!("{other:?}"),
    });
    let mut plan = plan();
    let own = AccountPlan { credential: Some(Credential::new("KEY_E", "e")), ..AccountPlan::named("e") };
    plan.organizations[0].accounts.push(own);
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot)[3..], ["D complete - 0", "E complete team_members 1"]);
}

#[tokio::test]
async fn the_keys_own_user_is_looked_for() {
    let with_profile = |profile: &'static str, members: &'static str| {
        Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => rows(profile),
            "members A" => rows(members),
            _ => status(404, ""),
        })
    };
    let admin = r#"{"username":"Me@x.io","orgAdmin":true,"accounts":[{"accountName":"A"}]}"#;
    let absent = run(&plan(), &with_profile(admin, r#"{"userName":"a@x.io"}"#)).await.unwrap();
    assert_eq!(
        message(&absent, "key_owner_not_listed"),
        "the key's own user Me@x.io is in no list that was read; organization members may be missing"
    );
    let lacking = run(&plan(), &with_profile(admin, r#"{"userName":"me@x.io"}"#)).await.unwrap();
    assert!(message(&lacking, "key_owner_not_listed").contains("is an organization admin, which no list"));
    let listed = run(&plan(), &with_profile(admin, r#"{"userName":"me@x.io","orgAdmin":1}"#)).await.unwrap();
    assert!(!problems(&listed).iter().any(|problem| problem.contains("key_owner")), "{:?}", problems(&listed));
}

#[tokio::test]
async fn an_empty_own_list_is_doubted() {
    let snapshot = crate::script::own_list_of_a(r#"{"data":[]}"#).await;
    assert_eq!(accounts(&snapshot), ["A complete team_members 0"]);
    assert!(problems(&snapshot).contains(&"warning empty_list A - -".to_owned()), "{:?}", problems(&snapshot));
}

#[tokio::test(start_paused = true)]
async fn the_result_does_not_depend_on_timing() {
    let scripted = |delay: fn(&str) -> Duration| {
        let mut script = Script::new(|ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => profile(&["D", "C", "B", "A"]),
            "users C" => rows(r#"{"email":"c@x.io","name":"C","userGroups":[{"userGroupName":"G"}]}"#),
            "members C" => status(404, ""),
            "members D" => status(500, ""),
            members if members.starts_with("members ") => rows(
                r#"{"userName":"A@x.io","accounts":[{"accountName":"new"},{"accountName":"A"},{"accountName":"NEW","admin":true}]}"#,
            ),
            _ => status(403, ""),
        });
        script.delay = delay;
        script
    };
    let mut plan = plan();
    let other = OrganizationPlan::new("other", plan.organizations[0].base.clone(), Credential::new("KEY_2", "x"));
    plan.organizations.push(other);
    let in_order = run(&plan, &scripted(|_| Duration::ZERO)).await.unwrap();
    let by_name = |what: &str| Duration::from_millis(u64::from(what.bytes().last().unwrap_or(0)));
    let against_name = |what: &str| Duration::from_millis(300 - u64::from(what.bytes().last().unwrap_or(0)));
    for delay in [by_name as fn(&str) -> Duration, against_name] {
        let snapshot = run(&plan, &scripted(delay)).await.unwrap();
        assert_eq!(snapshot, in_order);
        assert_eq!(snapshot.id(), in_order.id());
    }
    plan.concurrency = 1;
    assert_eq!(run(&plan, &scripted(against_name)).await.unwrap(), in_order);
    assert_eq!(calls(&in_order).iter().filter(|call| call.starts_with("TeamMembers D 1 500 4")).count(), 2);
}

#[tokio::test]
async fn patterns_that_are_likely_a_mistake_are_told() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t"),
        "profile" => profile(&["A", "B"]),
        "members A" | "members B" => rows(&user("me@x.io")),
        _ => status(404, ""),
    });
    let codes = async |include: &[&str], exclude: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut plan = plan();
        plan.organizations[0].filter = AccountFilter::new(&owned(include), &owned(exclude)).unwrap();
        let snapshot = run(&plan, &script).await.unwrap();
        let warnings =
            snapshot.problems().iter().filter(|problem| problem.severity == lacegraph_model::Severity::Warning);
        warnings
            .map(|problem| format!("{}: {}", snapshot.text(problem.code), snapshot.text(problem.message)))
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&[], &["B"]).await, [""; 0]);
    assert_eq!(
        codes(&[], &["B", "C*"]).await,
        ["idle_pattern: the pattern `C*` of include or exclude matches no account"]
    );
    assert_eq!(
        codes(&["Z*"], &[]).await,
        [
            "idle_pattern: the pattern `Z*` of include or exclude matches no account",
            "key_owner_not_listed: the key's own user me@x.io is in no list that was read; organization members may be missing",
            "nothing_in_scope: include and exclude leave out every account of this organization: nothing of it was read"
        ]
    );
}
