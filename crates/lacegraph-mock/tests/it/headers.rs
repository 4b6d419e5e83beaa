use lacegraph_mock::ServerOptions;
use reqwest::Method;

use crate::client::{Client, Reply, http, start};

#[tokio::test]
async fn authorization_is_needed() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let url = format!("{}/api/v2/UserProfile", server.base_url());
    let json = "application/json";
    for (authorization, content_type, status, message) in [
        (None, Some(json), 401, Some("the header Authorization is missing")),
        (Some("Bearer nonsense".to_owned()), Some(json), 401, Some("the token is not valid")),
        // As the vendor's own clients ask.
        (Some(format!("Bearer {}", client.token)), None, 200, None),
        (Some(format!("bearer {}", client.token)), Some("application/json; charset=utf-8"), 200, None),
        (Some(client.token.clone()), Some(json), 200, None),
    ] {
        let mut request = http().get(&url);
        if let Some(authorization) = &authorization {
            request = request.header("Authorization", authorization);
        }
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        let reply = Reply::to(request).await;
        assert_eq!(reply.status, status, "{authorization:?} {content_type:?}");
        if let Some(message) = message {
            assert_eq!(reply.message(), message);
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    assert_eq!(client.get("Nothing").await.status, 404);
    assert_eq!(client.get(&format!("{}/", server.base_url())).await.status, 404);
    assert_eq!(client.get("access/tokens").await.status, 405);
    let tokens = format!("{}/api/v2/access/tokens", server.base_url());
    let reply = Reply::to(http().post(tokens).header("X-LW-UAKS", "s").body(r#"{"keyId":"K"}"#)).await;
    assert_eq!((reply.status, reply.message().as_str()), (400, "the header Content-Type must be application/json"));
    for method in [Method::POST, Method::PATCH, Method::DELETE, Method::PUT] {
        let reply = Reply::to(client.call(method, "TeamMembers")).await;
        assert_eq!((reply.status, reply.message().as_str()), (405, "Method not allowed"));
    }
}

#[tokio::test]
async fn every_answer_carries_the_rate_limit() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    for (reply, status) in [
        (client.get("UserProfile").await, 200),
        (client.get("Nothing").await, 404),
        (client.get_account("NOWHERE", "TeamMembers").await, 403),
        (client.get_account("ACME-EMPTY", "TeamMembers").await, 204),
        (client.get_account("ACME-LEGACY", "TeamMembers").await, 500),
        (Reply::to(client.call(Method::DELETE, "TeamMembers")).await, 405),
        (Reply::to(http().get(format!("{}/api/v2/UserProfile", server.base_url()))).await, 401),
    ] {
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("RateLimit-Limit"), Some("480, 480;w=3600"), "{status}");
        assert_eq!(reply.header("RateLimit-Remaining"), Some("479"), "{status}");
        assert_eq!(reply.header("RateLimit-Reset"), Some("8"), "{status}");
        assert_eq!(reply.header("Retry-After"), None);
    }
}

#[tokio::test]
async fn calls_are_noted_without_credentials() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let request = client.call(Method::GET, "TeamMembers?x=1");
    Reply::to(request.header("Account-Name", "acme-prod").header("Org-Access", "false").header("User-Agent", "t/1"))
        .await;
    client.get("Nothing").await;
    let calls = server.calls();
    assert_eq!(calls.len(), 3);
    assert_eq!(
        (calls[0].method.as_str(), calls[0].path.as_str(), calls[0].status),
        ("POST", "/api/v2/access/tokens", 201)
    );
    let call = &calls[1];
    assert_eq!((call.method.as_str(), call.path.as_str(), call.status), ("GET", "/api/v2/TeamMembers", 200));
    assert_eq!(call.query.as_deref(), Some("x=1"));
    assert_eq!(call.account_name.as_deref(), Some("acme-prod"));
    assert_eq!(call.org_access.as_deref(), Some("false"));
    assert_eq!(call.user_agent.as_deref(), Some("t/1"));
    assert_eq!(call.key_id.as_deref(), Some("ACME_AUDIT_KEY"));
    assert_eq!((calls[2].status, calls[2].account_name.as_deref()), (404, None));
    let debug = format!("{calls:?} {server:?}");
    assert!(!debug.contains(&client.token) && !debug.contains("_acme_secret"), "{debug}");
}
