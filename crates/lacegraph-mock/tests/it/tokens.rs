use std::time::Duration;

use lacegraph_mock::{DeadTokenStatus, ServerOptions, TokenForm};
use serde_json::{Value, json};

use crate::client::{Client, Reply, exchange, http, start};

fn fixed_clock() -> ServerOptions {
    ServerOptions { started_at: Some("2026-09-01T08:00:00Z".parse().unwrap()), ..ServerOptions::default() }
}

#[tokio::test]
async fn a_good_key_gets_a_flat_token() {
    let server = start(fixed_clock()).await;
    let body = json!({"keyId": "ACME_AUDIT_KEY", "expiryTime": 3600});
    let first = Reply::to(exchange(&server, "_acme_secret", &body)).await;
    assert_eq!(first.status, 201);
    let fields: Vec<String> = first.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["expiresAt", "token"]);
    let token = first.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 33);
    // The server has not been up for a whole minute.
    let expires_at = first.json()["expiresAt"].as_str().unwrap().to_owned();
    assert!(expires_at.starts_with("2026-09-01T09:00:"), "{expires_at}");
    assert!(expires_at.ends_with('Z') && expires_at.len() == 24, "{expires_at}");
    let second = Reply::to(exchange(&server, "_acme_secret", &body)).await;
    assert_ne!(second.json()["token"], token);
}

#[tokio::test]
async fn the_older_envelope_can_be_chosen() {
    let options = ServerOptions { token_form: TokenForm::Envelope, ..fixed_clock() };
    let server = start(options).await;
    let body = json!({"keyId": "ACME_AUDIT_KEY", "expiryTime": 60});
    let reply = Reply::to(exchange(&server, "_acme_secret", &body)).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.json()["ok"], true);
    assert!(reply.json()["data"][0]["token"].is_string());
}

#[tokio::test]
async fn bad_exchanges_are_refused() {
    let server = start(ServerOptions::default()).await;
    let good = json!({"keyId": "ACME_AUDIT_KEY", "expiryTime": 60});
    let unknown = json!({"keyId": "NOBODY", "expiryTime": 60});
    let with_expiry = |expiry: Value| json!({"keyId": "ACME_AUDIT_KEY", "expiryTime": expiry});
    let invalid = "the key id or the secret is not valid";
    let expiry = "expiryTime must be a number of seconds from 1 to 86400";
    for (secret, body, status, message) in [
        ("wrong", good.clone(), 401, invalid),
        ("_acme_secret", unknown, 401, invalid),
        ("_acme_dev_secret", good.clone(), 401, invalid),
        ("ACME_AUDIT_KEY", good.clone(), 401, "the header X-LW-UAKS carries the key id; it must carry the secret"),
        ("_acme_secret", with_expiry(json!(0)), 400, expiry),
        ("_acme_secret", with_expiry(json!(86_401)), 400, expiry),
        ("_acme_secret", with_expiry(json!(-1)), 400, expiry),
        ("_acme_secret", with_expiry(json!("60")), 400, expiry),
        ("_acme_secret", json!({"keyId": "ACME_AUDIT_KEY"}), 400, expiry),
        ("_acme_secret", json!({"expiryTime": 60}), 400, "keyId is missing"),
    ] {
        let reply = Reply::to(exchange(&server, secret, &body)).await;
        assert_eq!((reply.status, reply.message().as_str()), (status, message), "{secret} {body}");
    }
    for expiry in [1, 86_400] {
        assert_eq!(Reply::to(exchange(&server, "_acme_secret", &with_expiry(json!(expiry)))).await.status, 201);
    }
    let url = format!("{}/api/v2/access/tokens", server.base_url());
    let reply = Reply::to(http().post(&url).json(&good)).await;
    assert_eq!((reply.status, reply.message().as_str()), (401, "the header X-LW-UAKS is missing"));
    let no_json = http().post(&url).header("X-LW-UAKS", "s").header("Content-Type", "application/json");
    let reply = Reply::to(no_json.body("keyId")).await;
    assert_eq!((reply.status, reply.message().as_str()), (400, "the body is not JSON"));
    let long = http().post(&url).header("Content-Type", "application/json").body(vec![b' '; 1_000_001]);
    let reply = Reply::to(long).await;
    assert_eq!((reply.status, reply.message().as_str()), (400, "the body is longer than 1 MB"));
}

#[tokio::test]
async fn a_token_expires() {
    let options = ServerOptions { token_lifetime: Some(Duration::from_millis(300)), ..ServerOptions::default() };
    let server = start(options).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    assert_eq!(client.get("UserProfile").await.status, 200);
    tokio::time::sleep(Duration::from_millis(350)).await;
    let reply = client.get("UserProfile").await;
    assert_eq!((reply.status, reply.message().as_str()), (401, "the token has expired"));
    assert_eq!(Client::of(&server, "ACME_AUDIT_KEY").await.get("UserProfile").await.status, 200);
}

#[tokio::test]
async fn a_token_wears_out_or_is_revoked() {
    let server = start(ServerOptions { token_uses: Some(2), ..ServerOptions::default() }).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(client.get("UserProfile").await.status);
    }
    assert_eq!(statuses, [200, 200, 401]);
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    server.revoke_tokens();
    assert_eq!(client.get("UserProfile").await.status, 401);
}

#[tokio::test]
async fn a_token_of_one_server_is_nothing_to_another() {
    let (one, other) = (start(ServerOptions::default()).await, start(ServerOptions::default()).await);
    let mut client = Client::of(&one, "ACME_AUDIT_KEY").await;
    Client::of(&other, "ACME_AUDIT_KEY").await;
    other.base_url().clone_into(&mut client.base);
    let reply = client.get("UserProfile").await;
    assert_eq!((reply.status, reply.message().as_str()), (401, "the token is not valid"));
}

#[tokio::test]
async fn a_dead_token_can_look_like_a_lack_of_permission() {
    let options = ServerOptions {
        token_uses: Some(1),
        dead_token_status: DeadTokenStatus::Forbidden,
        ..ServerOptions::default()
    };
    let server = start(options).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    assert_eq!(client.get("UserProfile").await.status, 200);
    let reply = client.get("UserProfile").await;
    assert_eq!((reply.status, reply.message().as_str()), (403, "the token has expired"));
    let mut client = Client::of(&server, "ACME_AUDIT_KEY").await;
    server.revoke_tokens();
    assert_eq!(client.get("UserProfile").await.status, 403);
    // One that never was is still no token.
    "_made_up".clone_into(&mut client.token);
    assert_eq!(client.get("UserProfile").await.status, 401);
}

#[tokio::test]
async fn a_test_can_ask_which_tokens_there_are() {
    let server = start(ServerOptions::default()).await;
    assert_eq!(server.tokens(), [""; 0]);
    let (first, second) = (Client::of(&server, "ACME_AUDIT_KEY").await, Client::of(&server, "GLOBEX_KEY").await);
    server.revoke_tokens();
    let mut tokens = [first.token, second.token];
    tokens.sort();
    assert_eq!(server.tokens(), tokens);
}
