//! Answers that are not what they should be.

use lacegraph_fetch::{Response, ResponseHeaders};

use crate::script::{Script, ok, own_list_of_a, plan_of, run, status, token};
use crate::view::{accounts, message, problems};

#[tokio::test]
async fn every_broken_body_is_named() {
    let page = "TeamMembers page 1: status 200, ";
    for (body, fault) in [
        ("", "an empty body"),
        ("{}", "JSON without a `data` list"),
        (r#"{"data":null}"#, "JSON without a `data` list"),
        (r#"{"data":[{"userName":"a@x.io"},{"user"#, "JSON that is cut off after 37 bytes"),
        ("<!DOCTYPE html><html>", "HTML instead of JSON"),
        ("not json", "no JSON of the expected form, line 1 column 2"),
        (r#"{"data":"a@x.io"}"#, "no JSON of the expected form, line 1 column 16"),
    ] {
        let snapshot = own_list_of_a(body).await;
        assert_eq!(accounts(&snapshot), ["A failed - 0"], "{body}");
        let message = message(&snapshot, "account_failed");
        assert_eq!(message, format!("{page}{fault} (content type application/json)"), "{body}");
    }
}

#[tokio::test]
async fn a_web_page_names_its_content_type_and_hints_at_the_proxy() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members A" => {
            let headers = ResponseHeaders { content_type: Some("text/html".to_owned()), ..ResponseHeaders::default() };
            Ok(Response { status: 200, headers, body: b"Please sign in".to_vec() })
        }
        _ => status(404, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    let message = message(&snapshot, "account_failed");
    assert!(message.ends_with("HTML instead of JSON (content type text/html)"), "{message}");
    let problem = snapshot.problems().iter().find(|problem| snapshot.text(problem.code) == "account_failed").unwrap();
    assert!(snapshot.text_opt(problem.hint).unwrap().contains("proxy"));
}

#[tokio::test]
async fn an_answer_without_a_token_is_no_token() {
    for body in ["{}", "<html>", r#"{"data":[]}"#] {
        let body = body.to_owned();
        let script = Script::new(move |_| ok(&body));
        let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
        assert_eq!(accounts(&snapshot), ["A failed - 0"]);
        assert!(message(&snapshot, "organization_failed").starts_with("access/tokens: status 200, "));
    }
}

#[tokio::test]
async fn a_directory_that_is_no_json_is_done_without() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => ok("oops"),
        "members A" => ok(r#"{"data":[{"userName":"a@x.io"},{"userName":"b@x.io"}]}"#),
        _ => status(404, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 2"]);
    assert!(message(&snapshot, "directory_not_available").contains("UserProfile: status 200, no JSON"));
    assert!(
        problems(&snapshot).contains(&"error directory_not_available - - -".to_owned()),
        "{:?}",
        problems(&snapshot)
    );
}

#[tokio::test]
async fn long_error_messages_are_cut() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => status(400, &format!(r#"{{"message":"bad\n{}"}}"#, "x".repeat(2000))),
        _ => status(404, ""),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    let message = message(&snapshot, "organization_failed");
    assert!(message.contains("bad xxx") && message.contains("x… (1 try)"), "{message}");
    assert!(message.chars().count() < 380, "{message}");
}

/// A file of the fixtures that are broken, one fault each.
fn invalid(name: &str) -> String {
    let path = format!("{}/../../fixtures/invalid/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn bodies_of_the_fixtures_that_fail_their_account() {
    for (name, fault) in [
        ("html.html", "HTML instead of JSON"),
        ("truncated.json", "JSON that is cut off after"),
        ("not_an_object.json", "no JSON of the expected form"),
        ("data_is_string.json", "no JSON of the expected form"),
    ] {
        let snapshot = own_list_of_a(&invalid(name)).await;
        assert_eq!(accounts(&snapshot), ["A failed - 0"], "{name}");
        let message = message(&snapshot, "account_failed");
        assert!(message.contains(fault), "{name}: {message}");
        assert!(!message.contains("must-not-be-printed"), "{name}: {message}");
    }
}

#[tokio::test]
async fn bodies_of_the_fixtures_that_leave_their_account_incomplete() {
    for (name, code, said) in [
        ("one_bad_row.json", "row_not_understood", "`data[1].accounts`: expected a list"),
        ("wrong_total_rows.json", "fewer_rows_than_total", "2 rows arrived, the API announced 5"),
        ("page_loop.json", "page_failed", "the next page was read before"),
        ("foreign_page_url.json", "page_failed", "another origin than the API's"),
    ] {
        let snapshot = own_list_of_a(&invalid(name)).await;
        let [account] = accounts(&snapshot).try_into().unwrap_or_else(|other| panic!("{name}: {other:?}"));
        let account: String = account;
        assert!(account.starts_with("A incomplete team_members "), "{name}: {account}");
        assert!(message(&snapshot, code).contains(said), "{name}: {}", message(&snapshot, code));
        assert!(!snapshot.memberships().is_empty(), "{name}");
    }
}
