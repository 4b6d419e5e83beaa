use lacegraph_mock::{MockServer, PagingForm, ServerOptions, World};
use serde_json::json;

use crate::client::{Client, Reply, altered_world, exchange, start, start_faulty, start_with_faults};

#[tokio::test]
async fn a_fault_strikes_every_list_of_its_account() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    for list in ["TeamMembers", "TeamUsers", "AuditLogs", "ApiKeys"] {
        let reply = client.get_account("acme-legacy", list).await;
        assert_eq!((reply.status, reply.message().as_str()), (500, "backend unavailable"), "{list}");
    }
    assert_eq!(client.get_account("ACME-LEGACY", "UserProfile").await.status, 200);
    assert_eq!(client.get_account("ACME-DEV", "TeamMembers").await.status, 200);
}

#[tokio::test]
async fn a_fault_can_pass() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    for _ in 0..2 {
        let reply = client.get_account("ACME-FLAKY", "TeamMembers").await;
        assert_eq!((reply.status, reply.header("Retry-After")), (503, Some("soon")));
    }
    assert_eq!(client.get_account("ACME-FLAKY", "TeamMembers").await.status, 204);
    assert_eq!(client.get("OrganizationInfo").await.message(), "once");
    assert_eq!(client.get("OrganizationInfo").await.json()[0]["orgAccountUrl"], "acme.lacework.net");
}

#[tokio::test]
async fn a_fault_can_send_any_body() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let reply = client.get_account("ACME-PROXY", "TeamMembers").await;
    assert_eq!((reply.status, reply.text.as_str()), (502, "<html>Bad Gateway</html>"));
    assert_eq!(reply.header("Content-Type"), Some("text/html"));
    assert_eq!(reply.header("RateLimit-Limit"), Some("480, 480;w=3600"));
}

#[tokio::test]
async fn a_fault_can_name_endpoint_scope_and_page() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    assert_eq!(client.get("AuditLogs").await.message(), "no audit logs");
    assert_eq!(client.get("TeamMembers").await.status, 200);
    assert_eq!(client.get_org("ApiKeys").await.message(), "organization keys");
    assert_eq!(client.get("ApiKeys").await.status, 404);
    let first = client.get_account("ACME-PAGED", "TeamMembers").await;
    assert_eq!(first.status, 200);
    let body = first.json();
    let next = body["paging"]["urls"]["nextPage"].as_str().unwrap();
    let second = client.get_account("ACME-PAGED", next).await;
    assert_eq!((second.status, second.message().as_str()), (504, "second page"));
}

#[tokio::test]
async fn a_fault_can_strike_the_exchange() {
    let organization = r#"{"name": "globex", "host_account": "globex", "keys": [{"key_id": "K", "secret": "s"}],
        "faults": [{"endpoint": "access/tokens", "status": 429, "times": 1, "retry_after": "1"}]}"#;
    let directory = altered_world("globex/organization.json", organization);
    let world = World::from_fixture_dir(directory.path()).unwrap();
    let server = MockServer::start(world, ServerOptions::default()).await.unwrap();
    let body = json!({"keyId": "K", "expiryTime": 60});
    assert_eq!(Reply::to(exchange(&server, "wrong", &body)).await.status, 401);
    let struck = Reply::to(exchange(&server, "s", &body)).await;
    assert_eq!((struck.status, struck.header("Retry-After")), (429, Some("1")));
    assert_eq!(Reply::to(exchange(&server, "s", &body)).await.status, 201);
    Client::of(&server, "ACME_AUDIT_KEY").await;
}

#[tokio::test]
async fn a_fault_can_begin_late_and_pass() {
    let server = start_faulty(&json!([{"status": 500, "after": 1, "times": 2}])).await;
    let client = Client::of(&server, "GLOBEX_KEY").await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(client.get("TeamMembers").await.status);
    }
    assert_eq!(statuses, [200, 500, 500, 200, 200]);
}

#[tokio::test]
async fn a_fault_can_be_about_one_key() {
    let faults = json!([{"key_id": "GLOBEX_OTHER", "status": 403},
        {"key_id": "GLOBEX_KEY", "endpoint": "access/tokens", "status": 401, "after": 1}]);
    let server = start_faulty(&faults).await;
    let (first, other) = (Client::of(&server, "GLOBEX_KEY").await, Client::of(&server, "GLOBEX_OTHER").await);
    assert_eq!(first.get("TeamMembers").await.status, 200);
    assert_eq!(other.get("TeamMembers").await.status, 403);
    let body = json!({"keyId": "GLOBEX_KEY", "expiryTime": 60});
    assert_eq!(Reply::to(exchange(&server, "s", &body)).await.status, 401);
    Client::of(&server, "GLOBEX_OTHER").await;
}

#[tokio::test]
async fn a_fault_can_change_headers_alone() {
    let headers = json!({"ratelimit-limit": null, "RateLimit-Remaining": "many", "Retry-After": "", "Date": "never", "X-Any": "1"});
    let server = start_faulty(&json!([{"headers": headers, "endpoint": "TeamMembers"},
        {"endpoint": "ApiKeys", "status": 302, "location": "https://collector.example/", "headers": {"Content-Type": null}}]))
    .await;
    let client = Client::of(&server, "GLOBEX_KEY").await;
    let reply = client.get("TeamMembers").await;
    assert_eq!((reply.status, &reply.json()["data"][0]["userName"]), (200, &json!("a")));
    assert_eq!(reply.header("RateLimit-Limit"), None);
    for (name, value) in [
        ("RateLimit-Remaining", "many"),
        ("RateLimit-Reset", "8"),
        ("Retry-After", ""),
        ("Date", "never"),
        ("X-Any", "1"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
        assert_eq!(reply.headers.get_all(name).iter().count(), 1, "{name}");
    }
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = http.get(format!("{}/api/v2/ApiKeys", client.base)).bearer_auth(&client.token);
    let redirect = Reply::to(request.header("Content-Type", "application/json")).await;
    assert_eq!((redirect.status, redirect.header("Location")), (302, Some("https://collector.example/")));
    assert_eq!(redirect.header("Content-Type"), None);
}

#[tokio::test]
async fn a_fault_can_say_otherwise_of_pages() {
    let faults = json!([{"page": 1, "next_page": "https://collector.example/api/v2/TeamMembers/x", "times": 1},
        {"page": 1, "total_rows": 99, "times": 1}, {"page": 2, "next_page": "self"}]);
    let server = start_faulty(&faults).await;
    let client = Client::of(&server, "GLOBEX_KEY").await;
    let next = |reply: &Reply| reply.json()["paging"]["urls"]["nextPage"].as_str().unwrap().to_owned();
    let foreign = client.get("TeamMembers").await;
    assert_eq!(next(&foreign), "https://collector.example/api/v2/TeamMembers/x");
    assert_eq!(
        (&foreign.json()["paging"]["totalRows"], foreign.json()["data"].as_array().unwrap().len()),
        (&json!(3), 2)
    );
    let many = client.get("TeamMembers").await;
    assert_eq!(many.json()["paging"]["totalRows"], 99);
    let second = client.get(&next(&many)).await;
    assert_eq!((second.status, next(&second)), (200, next(&many)));
    assert_eq!(second.json()["data"], json!([{"userName": "c"}]));
}

#[tokio::test]
async fn a_loop_of_pages_in_every_form() {
    for form in [PagingForm::Url, PagingForm::Token] {
        let faults = json!([{"endpoint": "TeamMembers", "next_page": "self"}]);
        let server = start_with_faults(&faults, ServerOptions::default(), form).await;
        let client = Client::of(&server, "GLOBEX_KEY").await;
        let first = client.get("TeamMembers").await.json();
        let url = match form {
            PagingForm::Url => first["paging"]["urls"]["nextPage"].as_str().unwrap().to_owned(),
            PagingForm::Token => format!("TeamMembers?nextPage={}", first["nextPage"].as_str().unwrap()),
        };
        assert_eq!(client.get(&url).await.json(), first, "{form:?}");
        assert_eq!(server.calls().last().unwrap().page, Some(1));
    }
    // A list that is served as one array becomes one that has pages.
    let server = start_with_faults(
        &json!([{"next_page": "self", "endpoint": "UserProfile"}]),
        ServerOptions::default(),
        PagingForm::Url,
    )
    .await;
    let client = Client::of(&server, "GLOBEX_KEY").await;
    // There is nothing to change about an answer that is no JSON.
    assert_eq!(client.get("UserProfile").await.status, 500);
}
