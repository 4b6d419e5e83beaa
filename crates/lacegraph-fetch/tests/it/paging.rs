//! Lists of several pages.

use crate::script::{Answer, Ask, Script, broken, ok, plan_of, run, status, token, user};
use crate::view::{accounts, calls, memberships, message, problems};

/// Account A's list by `page`; nothing else answers.
fn list_of_a(page: impl Fn(&Ask) -> Answer + Send + Sync + 'static) -> Script {
    Script::new(move |ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members A" => page(ask),
        _ => status(404, ""),
    })
}

fn page(person: &str, total: u64, next: &str) -> Answer {
    let row = user(person);
    ok(&format!(r#"{{"paging":{{"rows":1,"totalRows":{total},"urls":{{"nextPage":{next}}}}},"data":[{row}]}}"#))
}

#[tokio::test]
async fn pages_by_url() {
    let script = list_of_a(|ask| match ask.path.as_str() {
        "/api/v2/TeamMembers" => page("a@x.io", 3, r#""https://acme.lacework.net/api/v2/TeamMembers/p2""#),
        "/api/v2/TeamMembers/p2" => page("b@x.io", 3, r#""https://acme.lacework.net:443/api/v2/TeamMembers/p3""#),
        "/api/v2/TeamMembers/p3" => page("c@x.io", 3, "null"),
        other => panic!("{other}"),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(memberships(&snapshot), ["a@x.io @ A [USER] ?", "b@x.io @ A [USER] ?", "c@x.io @ A [USER] ?"]);
    assert_eq!(accounts(&snapshot), ["A complete team_members 3"]);
    // The headers were the same on each page: the script saw account A each time.
    assert_eq!(script.asked().iter().filter(|asked| *asked == "members A").count(), 3);
    let calls = calls(&snapshot);
    assert_eq!(
        calls.iter().filter(|call| call.starts_with("TeamMembers A")).collect::<Vec<_>>(),
        ["TeamMembers A 1 200 1 1 hash", "TeamMembers A 2 200 1 1 hash", "TeamMembers A 3 200 1 1 hash",]
    );
}

#[tokio::test]
async fn pages_by_token() {
    let script = list_of_a(|ask| match ask.query.as_str() {
        "" => ok(&format!(r#"{{"nextPage":"a+b/=","data":[{}]}}"#, user("a@x.io"))),
        "?nextPage=a%2Bb%2F%3D" => ok(&format!(r#"{{"nextPage":null,"data":[{}]}}"#, user("b@x.io"))),
        other => panic!("{other}"),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A complete team_members 2"]);
}

#[tokio::test]
async fn a_page_elsewhere_is_never_asked_for() {
    for foreign in [
        "https://evil.example/api/v2/TeamMembers/p2",
        "http://acme.lacework.net/api/v2/TeamMembers/p2",
        "https://acme.lacework.net:8443/api/v2/TeamMembers/p2",
        "//evil.example/p2",
    ] {
        let script = list_of_a(move |_| page("a@x.io", 1, &format!("\"{foreign}\"")));
        let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
        assert_eq!(accounts(&snapshot), ["A incomplete team_members 1"], "{foreign}");
        assert_eq!(script.asked().iter().filter(|asked| *asked == "members A").count(), 1, "{foreign}");
        let message = message(&snapshot, "page_failed");
        assert!(message.contains("another origin than the API's"), "{message}");
        assert!(message.starts_with("TeamMembers page 1: "), "{message}");
    }
}

#[tokio::test]
async fn a_loop_ends() {
    let script = list_of_a(|ask| match ask.path.as_str() {
        "/api/v2/TeamMembers" => page("a@x.io", 1, r#""https://acme.lacework.net/api/v2/TeamMembers/p2""#),
        _ => page("b@x.io", 1, r#""https://acme.lacework.net/api/v2/TeamMembers""#),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A incomplete team_members 2"]);
    assert!(message(&snapshot, "page_failed").ends_with("the next page was read before"));
    assert_eq!(script.asked().iter().filter(|asked| *asked == "members A").count(), 2);
}

#[tokio::test]
async fn fewer_rows_than_announced() {
    let script = list_of_a(|_| page("a@x.io", 7, "null"));
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(accounts(&snapshot), ["A incomplete team_members 1"]);
    assert_eq!(message(&snapshot, "fewer_rows_than_total"), "1 rows arrived, the API announced 7");
}

#[tokio::test]
async fn a_page_that_fails_leaves_the_pages_before() {
    let script = list_of_a(|ask| match ask.path.as_str() {
        "/api/v2/TeamMembers" => page("a@x.io", 2, r#""https://acme.lacework.net/api/v2/TeamMembers/p2""#),
        _ => broken(),
    });
    let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
    assert_eq!(memberships(&snapshot), ["a@x.io @ A [USER] ?"]);
    assert_eq!(accounts(&snapshot), ["A incomplete team_members 1"]);
    assert!(problems(&snapshot).contains(&"error page_failed A 2 -".to_owned()), "{:?}", problems(&snapshot));
    assert!(calls(&snapshot).contains(&"TeamMembers A 2 - 5 0 -".to_owned()), "{:?}", calls(&snapshot));
}

#[tokio::test]
async fn a_large_page_is_read_too() {
    // Beyond the size from which bodies are looked at on another thread.
    let people: Vec<String> = (0..4000).map(|number| user(&format!("person-{number}@x.io"))).collect();
    let body = format!(r#"{{"data":[{}]}}"#, people.join(","));
    assert!(body.len() > 200_000);
    let snapshot = crate::script::own_list_of_a(&body).await;
    assert_eq!(accounts(&snapshot), ["A complete team_members 4000"]);
    assert_eq!(snapshot.memberships().len(), 4000);
}

#[tokio::test]
async fn a_token_may_begin_with_a_slash_and_a_path_may_too() {
    for (next, query, path) in [
        ("/9j/4AAQ==", "?nextPage=%2F9j%2F4AAQ%3D%3D", "/api/v2/TeamMembers"),
        ("/api/v2/TeamMembers/p2", "", "/api/v2/TeamMembers/p2"),
    ] {
        let script = list_of_a(move |ask| match (ask.query.as_str(), ask.path.as_str()) {
            ("", "/api/v2/TeamMembers") => ok(&format!(r#"{{"nextPage":"{next}","data":[{}]}}"#, user("a@x.io"))),
            (asked, at) if asked == query && at == path => ok(&format!(r#"{{"data":[{}]}}"#, user("b@x.io"))),
            other => panic!("{other:?}"),
        });
        let snapshot = run(&plan_of(&["A"]), &script).await.unwrap();
        assert_eq!(accounts(&snapshot), ["A complete team_members 2"], "{next}");
    }
}
