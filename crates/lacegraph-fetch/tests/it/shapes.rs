//! Rows in every shape and spelling.

use crate::script::{Script, own_list_of_a, plan, plan_of, profile, rows, run, status, token};
use crate::view::{accounts, details, grants, memberships, message, problems};

/// The memberships and organization grants that one row of the organization's list gives; accounts A and B are listed.
async fn organization_row(row: &str) -> (Vec<String>, Vec<String>) {
    let row = row.to_owned();
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B"]),
        "org" => rows(&row),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    (memberships(&snapshot), grants(&snapshot))
}

#[tokio::test]
async fn nested() {
    let row = r#"{"userName":" Ann@X.io ","orgAdmin":"1","orgUser":false,"userEnabled":"1","accounts":[
        {"accountName":"a","userRoles":["ADMIN","AUDITOR"]},
        {"accountName":"B","admin":false,"userEnabled":0}]}"#;
    let (memberships, grants) = organization_row(row).await;
    assert_eq!(memberships, ["ann@x.io @ A [ADMIN AUDITOR] on", "ann@x.io @ B [USER] off"]);
    assert_eq!(grants, ["ann@x.io ORG_ADMIN"]);
}

#[tokio::test]
async fn nested_by_guid_and_roles_unsaid() {
    let row = r#"{"email":"ann@x.io","accounts":[{"custGuid":"A_1"},{"accountName":"B","userRoles":[]}]}"#;
    assert_eq!(organization_row(row).await.0, ["ann@x.io @ A [] ?", "ann@x.io @ B [] ?"]);
}

#[tokio::test]
async fn flat() {
    let row =
        r#"{"username":"ann@x.io","custGuid":"B_1","userEnabled":true,"props":{"accountAdmin":1,"orgUser":"true"}}"#;
    let (memberships, grants) = organization_row(row).await;
    assert_eq!(memberships, ["ann@x.io @ B [ADMIN] on"]);
    assert_eq!(grants, ["ann@x.io ORG_USER"]);
}

#[tokio::test]
async fn flat_without_account_is_about_the_organization_alone() {
    let (memberships, grants) = organization_row(r#"{"userName":"ann@x.io","props":{"orgAdmin":true}}"#).await;
    assert_eq!(memberships, Vec::<String>::new());
    assert_eq!(grants, ["ann@x.io ORG_ADMIN"]);
}

#[tokio::test]
async fn role_lists_name_an_account_twice() {
    let row =
        r#"{"email":"ann@x.io","orgAdmin":true,"orgUser":true,"adminRoleAccounts":["A"],"userRoleAccounts":["a","B"]}"#;
    let (memberships, grants) = organization_row(row).await;
    assert_eq!(memberships, ["ann@x.io @ A [ADMIN USER] ?", "ann@x.io @ B [USER] ?"]);
    assert_eq!(grants, ["ann@x.io ORG_ADMIN", "ann@x.io ORG_USER"]);
}

#[tokio::test]
async fn all_shapes_in_one_row() {
    let row = r#"{"userName":"","username":null,"email":"ann@x.io","custGuid":"A_1","userGuid":"A_9","userEnabled":1,
        "props":{"accountAdmin":true},"accounts":[{"accountName":"A","userRoles":["USER"]}],"userRoleAccounts":["B"]}"#;
    assert_eq!(organization_row(row).await.0, ["ann@x.io @ A [USER ADMIN] on", "ann@x.io @ B [USER] on"]);
}

#[tokio::test]
async fn shapes_mixed_in_one_page_of_an_account() {
    let body = r#"{"data":[
        {"userName":"a@x.io","custGuid":"A_1","userEnabled":"0","props":{"accountAdmin":true}},
        {"userName":"b@x.io","accounts":[{"accountName":"A","admin":true},{"accountName":"GHOST","admin":false}]},
        {"userName":"c@x.io","adminRoleAccounts":["A"]},
        {"userName":"d@x.io"},
        {"userName":"e@x.io","orgAdmin":true,"accounts":[]}]}"#;
    let snapshot = own_list_of_a(body).await;
    assert_eq!(
        memberships(&snapshot),
        [
            "a@x.io @ A [ADMIN] off",
            "b@x.io @ A [ADMIN] ?",
            "b@x.io @ GHOST [USER] ?",
            "c@x.io @ A [ADMIN] ?",
            "d@x.io @ A [] ?",
        ]
    );
    assert_eq!(grants(&snapshot), ["e@x.io ORG_ADMIN"]);
    assert_eq!(accounts(&snapshot), ["A complete team_members 5", "GHOST unlisted - 0"]);
}

#[tokio::test]
async fn details_of_a_flat_row() {
    let body = r#"{"data":[{"userName":"a@x.io","custGuid":"A_1","userGuid":"A_9","userEnabled":1,"props":{
        "firstName":"Ann","lastName":"Lee","company":"Acme","jitCreated":"1","createdTime":1714554000123.0,
        "updatedTime":"2024-05-01T11:00:00.5+02:00","updatedBy":"bob@x.io","lastLoginTime":"1714554000123",
        "lastSessionCreatedTime":0}}]}"#;
    assert_eq!(
        details(&own_list_of_a(body).await),
        "guid A_9 name Ann Lee company Acme created 2024-05-01 09:00:00 updated 2024-05-01 09:00:00 by bob@x.io \
         login 2024-05-01 09:00:00 session never jit Some(true)"
    );
}

#[tokio::test]
async fn never_and_unknown_are_kept_apart() {
    for (spelling, kind) in [("0", "never"), ("\"0\"", "never"), ("null", "unknown"), ("\"\"", "unknown")] {
        let body = format!(r#"{{"data":[{{"userName":"a@x.io","props":{{"lastLoginTime":{spelling}}}}}]}}"#);
        let details = details(&own_list_of_a(&body).await);
        assert!(details.contains(&format!("login {kind} ")), "{spelling}: {details}");
    }
}

#[tokio::test]
async fn an_account_learns_its_key_from_its_own_list() {
    let two = r#"{"userName":"a@x.io","custGuid":"K_7","props":{"accountAdmin":true}},
        {"userName":"b@x.io","custGuid":"K_7","props":{"accountAdmin":false}}"#;
    let script = Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "org" => rows(two),
        "members A" => rows(two),
        _ => status(500, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(memberships(&snapshot), ["a@x.io @ A [ADMIN] ?", "b@x.io @ A [USER] ?"]);
    assert_eq!(accounts(&snapshot), ["A complete team_members 2"]);
}

#[tokio::test]
async fn a_row_with_the_key_of_another_account_stays_there() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B"]),
        "members A" | "members B" => rows(r#"{"userName":"a@x.io","custGuid":"A_1","props":{"accountAdmin":true}}"#),
        _ => status(403, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(memberships(&snapshot), ["a@x.io @ A [ADMIN] ?"]);
    assert_eq!(accounts(&snapshot), ["A complete team_members 1", "B incomplete team_members 1"]);
    assert!(
        problems(&snapshot).contains(&"error rows_of_another_account B - -".to_owned()),
        "{:?}",
        problems(&snapshot)
    );
}

#[tokio::test]
async fn newer_model() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "users A" => rows(
            r#"{"type":"StandardUser","name":"Ann Lee","email":"Ann@x.io","company":"Acme","userGuid":"A_9","userEnabled":1,
              "orgAccess":"NO_ORG_ACCESS","lastLoginTime":1714554000123,
              "userGroups":[{"userGroupGuid":"LACEWORK_USER_GROUP_ADMIN","userGroupName":"Admin"},{"userGroupGuid":"G_2"}]},
             {"type":"ServiceUser","name":"ci","userGuid":"A_7","userEnabled":0,"userGroups":null},
             {"type":"StandardUser","name":"Bob","email":"bob@x.io","orgAccess":"ORG_ADMIN"},
             {"type":"StandardUser","name":"Cid","email":"cid@x.io","orgAccess":"ORG_OWNER"},
             {"type":"StandardUser","name":"Dee","email":"dee@x.io","orgAccess":"ORG_OWNER"},
             {"type":"RobotUser","name":"Eve","userGuid":"A_3"}"#,
        ),
        _ => status(404, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(
        memberships(&snapshot),
        [
            "ann@x.io @ A [{G_2} {Admin}] on",
            "bob@x.io @ A [] ?",
            "cid@x.io @ A [] ?",
            "dee@x.io @ A [] ?",
            "service:acme/a/ci @ A [] off",
            "unidentified:acme/a/A_3 @ A [] ?",
        ]
    );
    assert_eq!(grants(&snapshot), ["bob@x.io ORG_ADMIN", "cid@x.io ORG_OWNER", "dee@x.io ORG_OWNER"]);
    assert_eq!(message(&snapshot, "unknown_org_access"), "2 rows say `orgAccess`: `ORG_OWNER`, which is not known");
    assert_eq!(message(&snapshot, "unknown_user_type"), "1 row says `type`: `RobotUser`, which is not known");
    assert_eq!(accounts(&snapshot), ["A complete team_users 6"]);
}

#[tokio::test]
async fn one_bad_row_is_a_problem_and_its_page_survives() {
    let body = r#"{"data":[{"userName":"a@x.io"},{"userName":"b@x.io","props":{"createdTime":"b@x.io was here"}},
        {},{"userName":"c@x.io","accounts":[{"accountName":"A"},{"admin":true}]}]}"#;
    let snapshot = own_list_of_a(body).await;
    assert_eq!(memberships(&snapshot), ["a@x.io @ A [] ?", "c@x.io @ A [] ?"]);
    assert_eq!(accounts(&snapshot), ["A incomplete team_members 4"]);
    let rows: Vec<_> = problems(&snapshot).into_iter().filter(|line| line.contains("row_not")).collect();
    assert_eq!(
        rows,
        ["error row_not_understood A 1 2", "error row_not_understood A 1 3", "error row_not_understood A 1 4"]
    );
    let messages: Vec<_> = snapshot.problems().iter().map(|problem| snapshot.text(problem.message)).collect();
    assert!(
        messages
            .iter()
            .any(|text| text
                .ends_with("`data[1].props.createdTime`: expected a time: ISO-8601 text or epoch milliseconds")),
        "{messages:?}"
    );
    assert!(!messages.iter().any(|text| text.contains("b@x.io")), "{messages:?}");
}

#[tokio::test]
async fn a_bad_row_of_the_organizations_list_makes_every_account_be_asked() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A"]),
        "org" => rows(
            r#"{"userName":"me@x.io","orgAdmin":true,"accounts":[{"accountName":"A","admin":true}]},{"userName":7}"#,
        ),
        "members A" => rows(r#"{"userName":"me@x.io","props":{"accountAdmin":true}},{"userName":"b@x.io"}"#),
        _ => status(404, ""),
    });
    let snapshot = run(&plan(), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 2"]);
    assert_eq!(problems(&snapshot), ["error row_not_understood - 1 2"]);
}
