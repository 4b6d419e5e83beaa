//! How far a key reaches, and what is said where it does not.

use lacegraph_fetch::{AccountPlan, ApiBase, Credential, ModelChoice, OrganizationPlan};

use crate::script::{Script, admin_of, plan, plan_of, profile, rows, run, status, token, user};
use crate::view::{accounts, detail, message, problems};

#[tokio::test]
async fn a_key_of_a_service_user_reaches_its_own_account_alone() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => status(500, ""),
        "users B" => rows(
            r#"{"type":"ServiceUser","name":"ci","userGuid":"B_1"},{"type":"StandardUser","email":"b@x.io","userGuid":"B_2"}"#,
        ),
        _ => status(403, ""),
    });
    let snapshot = run(&plan_of(&["A", "B", "C"]), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A failed - 0", "B complete team_users 2", "C failed - 0"]);
    assert_eq!(
        problems(&snapshot),
        [
            "error key_of_one_account - - -",
            "error account_refused A - -",
            "error account_refused C - -",
            "info directory_not_available - - -",
            "info organization_list_refused - - -",
        ]
    );
    assert!(
        message(&snapshot, "key_of_one_account")
            .starts_with("the organization's key reaches account B alone and is refused by 2")
    );
    assert!(message(&snapshot, "organization_list_refused").contains("does not tell whose it is either"));
    assert!(detail(&snapshot, "A").starts_with("the account's list is refused: TeamMembers page 1: status 403"));
}

#[tokio::test]
async fn a_key_of_somebody_who_is_no_admin_is_named() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => {
            rows(r#"{"username":"own@x.io","orgAccount":true,"accounts":[{"accountName":"A"},{"accountName":"B"}]}"#)
        }
        "members A" => rows(&format!("{},{}", user("a@x.io"), user("own@x.io"))),
        "info" => panic!("the directory said so already"),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(problems(&snapshot), ["error account_refused B - -", "info organization_list_refused - - -"]);
    assert!(
        message(&snapshot, "organization_list_refused")
            .contains("the key belongs to own@x.io, who is no organization admin")
    );
    assert!(detail(&snapshot, "B").starts_with("the directory lists this account, but its list is refused: "));
}

#[tokio::test]
async fn an_account_that_is_no_organization_has_no_list_of_one() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "info" => rows(r#"{"orgAccount":false,"orgAccountUrl":""}"#),
        "members A" => rows(&format!("{},{}", user("a@x.io"), user("me@x.io"))),
        _ => status(403, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(problems(&snapshot), ["info directory_not_available - - -", "info no_organization - - -"]);
    assert!(!snapshot.is_partial());
}

#[tokio::test]
async fn an_organizations_list_that_misses_an_account_is_told() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B"]),
        "org" => rows(&admin_of("me@x.io", &["A"])),
        "members A" => rows(&admin_of("me@x.io", &["A"])),
        "members B" => rows(&admin_of("me@x.io", &["B"])),
        _ => status(404, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(
        problems(&snapshot),
        ["info organization_list_misses_accounts - - -", "info organization_list_misses_members - - -"]
    );
    assert!(message(&snapshot, "organization_list_misses_accounts").contains("no member of account B"));
}

#[tokio::test]
async fn an_unlisted_account_that_another_organization_lists_is_not_taken_for_it() {
    let script = Script::new(|ask| match (ask.what.as_str(), ask.before) {
        ("token", _) => token("t1"),
        ("profile", 0) => profile(&["A"]),
        ("profile", _) => profile(&["LAB"]),
        ("org", 0) => rows(&admin_of("me@x.io", &["A", "lab", "ghost"])),
        ("org", _) => rows(&admin_of("me@x.io", &["LAB"])),
        ("members A", _) => rows(&admin_of("me@x.io", &["A"])),
        ("members LAB", _) => rows(&admin_of("me@x.io", &["LAB"])),
        _ => status(404, ""),
    });
    let mut plan = plan();
    let base = ApiBase::parse("globex").unwrap();
    plan.organizations.push(OrganizationPlan::new("globex", base, Credential::new("KEY_2", "x")));
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(problems(&snapshot), ["warning unlisted_account ghost - -", "warning unlisted_account lab - -"]);
    let unlisted = |name: &str| snapshot.accounts().iter().find(|account| snapshot.text(account.name) == name).unwrap();
    let told = |name: &str| snapshot.text_opt(unlisted(name).fetch_detail);
    assert_eq!(told("lab"), Some("named by members alone; organization globex has one of this name"));
    assert_eq!(told("ghost"), Some("named by members alone"));
}

#[tokio::test]
async fn an_organization_without_a_key_of_its_own_is_read_by_those_of_its_accounts() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members A" => rows(&format!("{},{}", user("a@x.io"), user("b@x.io"))),
        _ => status(403, ""),
    });
    let mut plan = plan();
    plan.organizations[0].credential = None;
    let own = AccountPlan { credential: Some(Credential::new("KEY_A", "a")), ..AccountPlan::named("A") };
    plan.organizations[0].accounts = vec![own, AccountPlan::named("B")];
    let snapshot = run(&plan, &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 2", "B failed - 0"]);
    assert_eq!(problems(&snapshot), ["error account_failed B - -", "info no_organization_key - - -"]);
    assert_eq!(message(&snapshot, "account_failed"), "there is no key to ask with");
    assert_eq!(script.asked(), ["token", "members A"]);
}

#[tokio::test]
async fn the_access_model_can_be_said() {
    let script = || {
        Script::new(|ask| match ask.what.as_str() {
            "token" => token("t1"),
            "profile" => profile(&["A"]),
            "users A" => rows(r#"{"type":"StandardUser","email":"me@x.io","orgAccess":"ORG_ADMIN","userGuid":"A_1"}"#),
            "members A" => rows(&user("me@x.io")),
            _ => status(404, ""),
        })
    };
    for (choice, found, asked) in [
        (ModelChoice::Auto, "A complete team_members 1", "token profile org members A"),
        (ModelChoice::TeamMembers, "A complete team_members 1", "token profile org members A"),
        (ModelChoice::TeamUsers, "A complete team_users 1", "token profile users A"),
    ] {
        let mut plan = plan();
        plan.api_model = choice;
        let script = script();
        let snapshot = run(&plan, &script).await.unwrap();
        assert_eq!(accounts(&snapshot), [found]);
        assert_eq!(script.asked().join(" "), asked, "{choice:?}");
    }
}
