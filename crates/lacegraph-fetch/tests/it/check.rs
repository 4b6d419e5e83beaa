//! What a run would read.

use lacegraph_fetch::{
    AccountFilter, AccountPlan, CallError, Credential, Doubt, ListCheck, Outlook, RateLimit, Response, ResponseHeaders,
    check,
};
use lacegraph_model::ApiModel;

use crate::script::{Script, admin_of, clock, ok, plan, plan_of, profile, rows, status, token, user};

#[tokio::test]
async fn an_organization_whose_list_answers() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["B", "A", "SANDBOX"]),
        "org" => rows(&admin_of("me@x.io", &["A"])).map(|answer| Response {
            headers: ResponseHeaders {
                rate_limit_limit: Some("480, 480;w=3600".to_owned()),
                rate_limit_remaining: Some("477".to_owned()),
                ..answer.headers.clone()
            },
            ..answer
        }),
        "members B" => rows(""),
        "users B" => rows(&user("b@x.io")),
        other => panic!("{other}"),
    });
    let mut plan = plan();
    plan.organizations[0].filter = AccountFilter::new(&[], &["sandbox".to_owned()]).unwrap();
    let checks = check(&plan, &script, &clock(), &()).await;
    let [check] = checks.as_slice() else { panic!("{checks:?}") };
    let list = ListCheck { rows: 1, total: None };
    let by_own_list = Outlook::ByOwnList { model: ApiModel::TeamUsers, list };
    let shown: Vec<_> = check.accounts.iter().map(|account| (account.name.as_str(), account.outlook.clone())).collect();
    assert_eq!(shown, [("A", Outlook::ByOrganizationList), ("B", by_own_list), ("SANDBOX", Outlook::Excluded)]);
    assert_eq!(check.key_owner.as_ref().unwrap().username.as_deref(), Some("me@x.io"));
    assert_eq!(check.organization_list, Some(Ok(ListCheck { rows: 1, total: None })));
    assert_eq!(
        check.rate_limits["TeamMembers"],
        RateLimit { limit: Some(480), remaining: Some(477), reset_seconds: None }
    );
    // The organization's list, a comparison with A, and of B what is empty, asked twice for all that is known, and what answers.
    let needed: Vec<_> = check.requests_needed.iter().map(|(path, count)| (*path, *count)).collect();
    assert_eq!(needed, [("TeamMembers", 4), ("TeamUsers", 1), ("UserProfile", 1), ("access/tokens", 1)]);
    assert!(check.reads_every_account() && check.reads_any_account());
}

#[tokio::test]
async fn accounts_that_answer_on_their_own_or_not() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members A" | "users B" => rows(&user("a@x.io")),
        _ => status(403, ""),
    });
    let checks = check(&plan_of(&["A", "B", "C"]), &script, &clock(), &()).await;
    let [check] = checks.as_slice() else { panic!("{checks:?}") };
    let list = ListCheck { rows: 1, total: None };
    assert_eq!(check.accounts[0].outlook, Outlook::ByOwnList { model: ApiModel::TeamMembers, list });
    assert_eq!(check.accounts[1].outlook, Outlook::ByOwnList { model: ApiModel::TeamUsers, list });
    assert!(matches!(check.accounts[2].outlook, Outlook::Fails(CallError::BothLists { .. })), "{checks:?}");
    assert!(check.reads_any_account() && !check.reads_every_account());
}

#[tokio::test]
async fn a_key_that_is_refused() {
    let script = Script::new(|_| status(401, r#"{"message":"no such key"}"#));
    let checks = check(&plan_of(&["A"]), &script, &clock(), &()).await;
    let error = checks[0].token.as_ref().unwrap_err();
    assert!(error.is_refused_key());
    assert_eq!(error.to_string(), "organization acme, access/tokens: status 401: no such key (1 try)");
    assert!(error.hint().contains("key id"));
    assert!(!checks[0].reads_any_account());
    assert_eq!(script.asked(), ["token"]);
}

#[tokio::test]
async fn an_account_on_a_later_page_is_left_to_the_run() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B"]),
        "org" => ok(&format!(r#"{{"nextPage":"p2","data":[{}]}}"#, admin_of("me@x.io", &["A"]))),
        other => panic!("{other}"),
    });
    let checks = check(&plan(), &script, &clock(), &()).await;
    assert!(checks[0].accounts.iter().all(|account| account.outlook == Outlook::ByOrganizationList), "{checks:?}");
}

#[tokio::test]
async fn accounts_are_named_by_their_keys_too() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B", "C"]),
        "org" => rows(r#"{"userName":"me@x.io","custGuid":"A_1"},{"userName":"b@x.io","userRoleAccounts":["b"]}"#),
        "members C" => rows(""),
        _ => status(403, ""),
    });
    let checks = check(&plan(), &script, &clock(), &()).await;
    let outlooks: Vec<_> = checks[0].accounts.iter().map(|account| account.outlook.clone()).collect();
    let empty = Outlook::ByOwnList { model: ApiModel::TeamMembers, list: ListCheck { rows: 0, total: None } };
    assert_eq!(outlooks, [Outlook::ByOrganizationList, Outlook::ByOrganizationList, empty]);
}

#[tokio::test]
async fn a_refused_key_of_the_organization_is_missed_even_where_accounts_have_their_own() {
    let script = Script::new(|ask| match (ask.what.as_str(), ask.before) {
        ("token", 0) => status(401, ""),
        ("token", _) => token("own"),
        _ => rows(&user("a@x.io")),
    });
    let mut plan = plan();
    let own = AccountPlan { credential: Some(Credential::new("KEY_A", "a")), ..AccountPlan::named("A") };
    plan.organizations[0].accounts.push(own);
    let checks = check(&plan, &script, &clock(), &()).await;
    assert!(checks[0].reads_any_account() && !checks[0].reads_every_account());
    assert_eq!(checks[0].token.as_ref().unwrap_err().for_report(), "access/tokens: status 401 (1 try)");
}

#[tokio::test]
async fn what_a_run_would_not_believe_is_told() {
    let own = r#"{"username":"Own@x.io","orgAccount":true,"accounts":[{"accountName":"A"},{"accountName":"B","admin":true}]}"#;
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => rows(own),
        "org" => status(403, ""),
        "members A" | "members B" => rows(&user("own@x.io")),
        other => panic!("{other}"),
    });
    let checks = check(&plan(), &script, &clock(), &()).await;
    let list = ListCheck { rows: 1, total: None };
    let model = ApiModel::TeamMembers;
    // Of B the owner is an admin, and would see others.
    let outlooks: Vec<_> = checks[0].accounts.iter().map(|account| account.outlook.clone()).collect();
    assert_eq!(
        outlooks,
        [Outlook::Doubtful { model, list, doubt: Doubt::OneAlone }, Outlook::ByOwnList { model, list }]
    );
    assert!(checks[0].reads_any_account() && !checks[0].reads_every_account());
}

#[tokio::test]
async fn one_and_the_same_person_everywhere_is_told() {
    for (b, is_doubted) in [("a@x.io", true), ("b@x.io", false)] {
        let script = Script::new(move |ask| match ask.what.as_str() {
            "token" => token("t1"),
            "org" => rows(&admin_of("a@x.io", &["A"])),
            "members A" => rows(&user("a@x.io")),
            "members B" => rows(&user(b)),
            _ => status(404, ""),
        });
        let plan = plan_of(&["A", "B"]);
        let checks = check(&plan, &script, &clock(), &()).await;
        let snapshot = crate::script::run(&plan, &script).await.unwrap();
        assert_eq!(checks[0].shows_one_alone, is_doubted, "{checks:?}");
        // As the export.
        assert_eq!(!checks[0].reads_every_account(), snapshot.is_partial(), "{b}");
    }
}
