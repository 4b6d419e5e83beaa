use std::time::{Duration, Instant};

use lacegraph_mock::MockServer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, Reply, exchange, start_faulty};

/// A server with this fault of its lists, and a client of it.
async fn with(fault: Value) -> (MockServer, Client) {
    let server = start_faulty(&json!([fault])).await;
    let client = Client::of(&server, "GLOBEX_KEY").await;
    (server, client)
}

/// The error of a call that the connection does not survive, with its causes.
async fn broken(client: &Client) -> String {
    let answer = client.call(Method::GET, "TeamMembers").send().await;
    let error = match answer {
        Ok(answer) => answer.bytes().await.unwrap_err(),
        Err(error) => error,
    };
    format!("{error:?}")
}

#[tokio::test]
async fn an_answer_is_held_back() {
    let (server, client) = with(json!({"delay_ms": 2000, "times": 1})).await;
    let began = Instant::now();
    let reply = client.get("TeamMembers").await;
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert_eq!((reply.status, &reply.json()["data"][1]["userName"]), (200, &json!("b")));
    let began = Instant::now();
    assert_eq!(client.get("TeamMembers").await.text, reply.text);
    assert!(began.elapsed() < Duration::from_secs(2), "a fault that has passed holds back");
    let times: Vec<_> = server.calls().into_iter().map(|call| call.at).collect();
    assert!(times[2] - times[1] >= Duration::from_secs(2), "{times:?}");
}

#[tokio::test]
async fn a_call_is_noted_while_its_answer_is_held_back() {
    let (server, client) = with(json!({"delay_ms": 60_000, "status": 503})).await;
    let waiting = tokio::spawn(async move { client.get("TeamMembers").await });
    let began = Instant::now();
    while server.calls().len() < 2 {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((server.calls()[1].status, server.calls()[1].page), (503, Some(1)));
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn a_body_comes_in_small_pieces() {
    let (_server, client) = with(json!({"trickle_ms": 60, "times": 1})).await;
    let began = Instant::now();
    let mut answer = client.call(Method::GET, "TeamMembers").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["RateLimit-Limit"].len()), (200, 15));
    let length = answer.content_length().unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = answer.chunk().await.unwrap() {
        assert!(piece.len() <= 64, "{}", piece.len());
        pieces.push(piece);
    }
    assert!(pieces.len() > 2, "{} pieces", pieces.len());
    assert!(began.elapsed() >= Duration::from_millis(60) * (pieces.len() as u32 - 1));
    let body = pieces.concat();
    assert_eq!(body.len() as u64, length);
    assert_eq!(String::from_utf8(body).unwrap(), client.get("TeamMembers").await.text);
}

#[tokio::test]
async fn a_body_is_cut_off() {
    for cut in [0, 7, 40] {
        let (server, client) = with(json!({"cut_after": cut, "times": 1})).await;
        let mut answer = client.call(Method::GET, "TeamMembers").send().await.unwrap();
        let (status, length) = (answer.status().as_u16(), answer.content_length().unwrap());
        let mut body = Vec::new();
        let error = loop {
            match answer.chunk().await {
                Ok(piece) => body.extend_from_slice(&piece.expect("the body ends as if it were whole")),
                Err(error) => break error,
            }
        };
        let whole = client.get("TeamMembers").await.text;
        assert_eq!((status, length), (200, whole.len() as u64));
        assert_eq!(body, whole.as_bytes()[..cut], "{error:?}");
        assert_eq!(server.calls()[1].status, 200);
    }
    // A cut behind the end is none.
    let (_server, client) = with(json!({"cut_after": 100_000})).await;
    assert_eq!(client.get("TeamMembers").await.json()["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_connection_breaks_without_an_answer() {
    let (server, client) = with(json!({"reset": true, "times": 1})).await;
    let error = broken(&client).await;
    assert!(error.contains("ConnectionReset"), "{error}");
    assert_eq!(client.get("TeamMembers").await.status, 200);
    assert_eq!(server.calls().iter().map(|call| call.status).collect::<Vec<_>>(), [201, 0, 200]);
}

#[tokio::test]
async fn the_exchange_breaks_too() {
    let server = start_faulty(&json!([{"endpoint": "access/tokens", "reset": true, "times": 1},
        {"endpoint": "access/tokens", "cut_after": 10, "times": 1}]))
    .await;
    let body = json!({"keyId": "GLOBEX_KEY", "expiryTime": 60});
    assert!(exchange(&server, "s", &body).send().await.is_err());
    let cut = exchange(&server, "s", &body).send().await.unwrap();
    assert_eq!(cut.status(), 201);
    assert!(cut.bytes().await.is_err());
    assert_eq!(Reply::to(exchange(&server, "s", &body)).await.status, 201);
}

#[tokio::test]
async fn a_body_is_as_large_as_asked() {
    let (_server, client) = with(json!({"filler_bytes": 3_000_000})).await;
    let answer = client.call(Method::GET, "TeamMembers").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.content_length()), (200, None));
    let text = answer.text().await.unwrap();
    assert_eq!(text.len(), 3_000_000);
    let error = serde_json::from_str::<Value>(&text).unwrap_err();
    assert!(error.is_eof() && text.starts_with(r#"{"data":[{"userName":""#), "{error}");
    // Announced, and cut off in the middle.
    let (_server, client) = with(json!({"filler_bytes": 300_000, "cut_after": 100_000, "status": 500})).await;
    let answer = client.call(Method::GET, "TeamMembers").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.content_length()), (500, Some(300_000)));
    assert!(answer.bytes().await.is_err());
}
