use lacegraph_mock::{MockServer, ServerOptions, World};
use serde_json::json;

use crate::client::{Client, Reply, altered_world, exchange, start};

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
