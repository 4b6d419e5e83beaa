use std::time::{Duration, Instant};

use lacegraph_mock::{LimitedBy, PagingForm, RateLimit, ServerOptions};

use crate::client::{Client, start, start_with_faults};

fn limited(limit: u32, seconds: u64, retry_after: Option<&str>) -> ServerOptions {
    ServerOptions {
        rate_limit: Some(RateLimit {
            limit,
            window: Duration::from_secs(seconds),
            retry_after: retry_after.map(str::to_owned),
        }),
        ..ServerOptions::default()
    }
}

#[tokio::test]
async fn beyond_the_limit_is_429() {
    let server = start(limited(3, 3000, None)).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let mut seen = Vec::new();
    for account in ["ACME-PROD", "ACME-DEV", "ACME-EMPTY", "ACME-DEV"] {
        let reply = client.get_account(account, "TeamMembers").await;
        assert_eq!(reply.header("RateLimit-Limit"), Some("3, 3;w=3000"));
        seen.push((reply.status, reply.header("RateLimit-Remaining").unwrap().to_owned()));
        if reply.status == 429 {
            assert_eq!(reply.message(), "the rate limit is exceeded");
            assert_eq!(reply.header("RateLimit-Reset"), Some("1000"));
            assert_eq!(reply.header("Retry-After"), None);
        }
    }
    let expected = [(200, "2"), (200, "1"), (204, "0"), (429, "0")];
    assert_eq!(seen, expected.map(|(status, remaining)| (status, remaining.to_owned())));
    // Another functionality and another key have buckets of their own.
    assert_eq!(client.get("UserProfile").await.status, 200);
    assert_eq!(Client::of(&server, "GLOBEX_KEY").await.get("TeamUsers").await.status, 200);
    // The exchange counts too, for its key: one was used up above.
    Client::of(&server, "ACME_AUDIT_KEY").await;
    Client::of(&server, "ACME_AUDIT_KEY").await;
    let calls = server.calls();
    let exchanges =
        calls.iter().filter(|call| call.path.ends_with("/tokens") && call.key_id.as_deref() == Some("ACME_AUDIT_KEY"));
    assert_eq!(exchanges.count(), 3);
    let body = serde_json::json!({"keyId": "ACME_AUDIT_KEY", "expiryTime": 60});
    let reply = crate::client::Reply::to(crate::client::exchange(&server, "_acme_secret", &body)).await;
    assert_eq!(reply.status, 429);
}

#[tokio::test]
async fn pages_count_and_the_bucket_fills_again() {
    let server = start(limited(1, 1, Some("0.5"))).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let first = client.get_org("TeamMembers").await.json();
    let next = first["paging"]["urls"]["nextPage"].as_str().unwrap();
    let refused = client.get_org(next).await;
    assert_eq!((refused.status, refused.header("Retry-After")), (429, Some("0.5")));
    tokio::time::sleep(Duration::from_millis(1050)).await;
    assert_eq!(client.get_org(next).await.status, 200);
}

#[tokio::test]
async fn the_keys_of_one_user_can_share_a_bucket() {
    for (limited_by, second) in [(LimitedBy::Key, 200), (LimitedBy::Owner, 429)] {
        let options = ServerOptions { limited_by, ..limited(2, 3000, None) };
        let server = start_with_faults(&serde_json::json!([]), options, PagingForm::Url).await;
        let (one, other) = (Client::of(&server, "GLOBEX_KEY").await, Client::of(&server, "GLOBEX_OTHER").await);
        assert_eq!(one.get("TeamMembers").await.status, 200);
        assert_eq!(one.get("TeamMembers").await.status, 200);
        assert_eq!(other.get("TeamMembers").await.status, second, "{limited_by:?}");
        // The user of another organization is another user.
        assert_eq!(Client::of(&server, "ACME_AUDIT_KEY").await.get("TeamMembers").await.status, 200);
    }
}

#[tokio::test]
async fn answers_can_be_late() {
    let latency = Duration::from_millis(80);
    let server = start(ServerOptions { latency, ..ServerOptions::default() }).await;
    let began = Instant::now();
    Client::of(&server, "ACME_AUDIT_KEY").await;
    assert!(began.elapsed() >= latency);
}

#[tokio::test]
async fn a_server_stops() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    assert_eq!(client.get("UserProfile").await.status, 200);
    let began = Instant::now();
    server.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(4), "idle connections keep it waiting");
    let request = client.call(reqwest::Method::GET, "UserProfile");
    assert!(request.send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let server = start(ServerOptions::default()).await;
    let port = server.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let world = lacegraph_mock::World::from_fixture_dir(crate::client::small_world()).unwrap();
    let options = ServerOptions { port, ..ServerOptions::default() };
    let error = lacegraph_mock::MockServer::start(world, options).await.unwrap_err();
    assert_eq!(error.to_string(), format!("listen on 127.0.0.1:{port}"));
}

#[tokio::test]
async fn dropping_a_server_stops_it() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    drop(server);
    let mut refused = false;
    for _ in 0..100 {
        refused |= client.call(reqwest::Method::GET, "UserProfile").send().await.is_err();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(refused);
}
