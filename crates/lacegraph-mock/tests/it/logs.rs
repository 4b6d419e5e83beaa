use lacegraph_mock::{MockServer, PagingForm, ServerOptions, World};
use serde_json::{Value, json};

use crate::client::{Client, Reply, altered_world};

/// The small world with logs and keys of one account, and empty ones of another.
async fn start(form: PagingForm) -> (MockServer, Client) {
    let event =
        |day: usize| json!({"createdTime": format!("2026-08-{day:02}T00:00:00Z"), "eventName": day.to_string()});
    let events: Vec<Value> = (1..=9).map(event).collect();
    let directory = altered_world("acme/accounts/ACME-DEV/AuditLogs.json", &json!({ "data": events }).to_string());
    let keys = json!({"data": [{"keyId": "A", "enabled": 1, "props": {"description": "one"}}, {"keyId": "B"}, {"keyId": "C"}]});
    for (path, body) in [
        ("ACME-DEV/ApiKeys.json", keys.to_string()),
        ("ACME-EMPTY/ApiKeys.json", r#"{"data": []}"#.to_owned()),
        ("ACME-EMPTY/AuditLogs.json", "[]".to_owned()),
    ] {
        std::fs::write(directory.path().join("acme/accounts").join(path), body).unwrap();
    }
    let world = World::from_fixture_dir(directory.path()).unwrap().with_paging(form);
    let server = MockServer::start(world, ServerOptions::default()).await.unwrap();
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    (server, client)
}

/// Walks over all pages and gives this field of each row.
async fn walk(client: &Client, url: &str, field: &str) -> Vec<Vec<String>> {
    let (mut pages, mut next) = (Vec::new(), url.to_owned());
    loop {
        let body = client.get_account("acme-dev", &next).await.json();
        let rows = body["data"].as_array().unwrap();
        pages.push(rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect());
        next = match (&body["paging"]["urls"]["nextPage"], &body["nextPage"]) {
            (Value::String(url), _) => url.clone(),
            (_, Value::String(token)) => {
                let separator = if url.contains('?') { '&' } else { '?' };
                format!("{url}{separator}nextPage={token}")
            }
            _ => return pages,
        };
    }
}

#[tokio::test]
async fn logs_and_keys_of_an_account_come_in_pages() {
    for form in [PagingForm::Url, PagingForm::Token] {
        let (server, client) = start(form).await;
        assert_eq!(walk(&client, "ApiKeys", "keyId").await, [vec!["A", "B"], vec!["C"]]);
        assert_eq!(walk(&client, "AuditLogs", "eventName").await.concat().len(), 9);
        let window = "AuditLogs?startTime=2026-08-03T00:00:00Z&endTime=2026-08-08T00:00:00Z";
        for _ in 0..2 {
            let pages = walk(&client, window, "eventName").await;
            assert_eq!(pages, [vec!["3", "4"], vec!["5", "6"], vec!["7"]], "{form:?}");
        }
        // Another window has pages of its own, and does not disturb those.
        let other = "AuditLogs?startTime=2026-08-07T00:00:00Z";
        assert_eq!(walk(&client, other, "eventName").await, [vec!["7", "8"], vec!["9"]]);
        let pages: Vec<_> = server.calls().iter().rev().take(2).map(|call| call.page).collect();
        assert_eq!(pages, [Some(2), Some(1)]);
    }
}

#[tokio::test]
async fn logs_and_keys_that_are_empty_or_not_there() {
    let (_server, client) = start(PagingForm::Url).await;
    for list in ["AuditLogs", "ApiKeys", "AuditLogs?startTime=2026-08-03T00:00:00Z"] {
        let empty = client.get_account("ACME-EMPTY", list).await;
        assert_eq!((empty.status, empty.text.as_str()), (204, ""), "{list}");
        assert_eq!(client.get_account("ACME-NEW", list).await.status, 404, "{list}");
        assert_eq!(client.get_account("NOWHERE", list).await.status, 403, "{list}");
    }
    let outside: Reply = client.get_account("ACME-DEV", "AuditLogs?endTime=2020-01-01T00:00:00Z").await;
    assert_eq!(outside.status, 204);
    // The window's total is that of the window.
    let inside = client.get_account("ACME-DEV", "AuditLogs?endTime=2026-08-04T00:00:00Z").await.json();
    assert_eq!(inside["paging"]["totalRows"], 3);
}
