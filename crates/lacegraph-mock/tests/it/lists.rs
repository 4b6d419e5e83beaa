use lacegraph_mock::{MockServer, PagingForm, ServerOptions, World};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, Reply, small_world, start};

fn names(body: &Value) -> Vec<String> {
    let rows = body["data"].as_array().unwrap();
    rows.iter().map(|row| row["userName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_walk_over_the_pages_gives_all_rows() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let mut url = "TeamMembers".to_owned();
    let mut seen = Vec::new();
    for rows in [2, 2, 1] {
        let body = client.get_org(&url).await.json();
        assert_eq!(body["paging"]["rows"], rows);
        assert_eq!(body["paging"]["totalRows"], 5);
        assert_eq!(body["extra"], "kept");
        seen.extend(names(&body));
        match body["paging"]["urls"]["nextPage"].as_str() {
            Some(next) => {
                assert!(next.starts_with(&format!("{}/api/v2/TeamMembers/", server.base_url())), "{next}");
                next.clone_into(&mut url);
            }
            None => assert_eq!(rows, 1),
        }
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"].map(|name| format!("{name}@acme.example")));
    // The last page is no page of any other list: not of another scope, resource or key.
    assert_eq!(client.get_account("ACME-PROD", &url).await.status, 404);
    assert_eq!(client.get_org(&url.replace("TeamMembers", "AuditLogs")).await.status, 404);
    assert_eq!(Client::of(&server, "GLOBEX_KEY").await.get_org(&url).await.status, 404);
    assert_eq!(client.get_org("TeamMembers/made-up").await.status, 404);
}

#[tokio::test]
async fn a_page_belongs_to_one_list() {
    let world = World::from_fixture_dir(small_world()).unwrap().with_page_size(Some(1));
    let server = MockServer::start(world, ServerOptions::default()).await.unwrap();
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let next = |reply: Reply| reply.json()["paging"]["urls"]["nextPage"].as_str().unwrap().to_owned();
    let of_org = next(client.get_org("TeamMembers").await);
    let of_prod = next(client.get("TeamMembers").await);
    let of_logs = next(client.get_account("ACME-DEV", "AuditLogs").await);
    assert_eq!(client.get_org(&of_org).await.status, 200);
    assert_eq!(client.get(&of_prod).await.status, 200);
    assert_eq!(client.get(&of_org).await.status, 404);
    assert_eq!(client.get_org(&of_prod).await.status, 404);
    assert_eq!(client.get_account("ACME-DEV", &of_logs).await.status, 200);
    assert_eq!(client.get_account("ACME-DEV", &of_logs.replace("AuditLogs", "TeamMembers")).await.status, 404);
}

#[tokio::test]
async fn pages_can_be_named_by_a_token() {
    let world = World::from_fixture_dir(small_world()).unwrap().with_paging(PagingForm::Token).with_page_size(Some(3));
    let server = MockServer::start(world, ServerOptions::default()).await.unwrap();
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let first = client.get_org("TeamMembers").await.json();
    assert_eq!(first.get("paging"), None);
    let token = first["nextPage"].as_str().unwrap();
    let second = client.get_org(&format!("TeamMembers?nextPage={token}")).await.json();
    assert_eq!(second.get("nextPage"), None);
    assert_eq!([names(&first), names(&second)].concat().len(), 5);
    assert_eq!(names(&second), ["d@acme.example", "e@acme.example"]);
    assert_eq!(client.get_org("TeamMembers?nextPage=made-up").await.status, 404);
}

#[tokio::test]
async fn without_a_page_size_the_body_is_the_files() {
    let world = World::from_fixture_dir(small_world()).unwrap().with_page_size(None);
    let server = MockServer::start(world, ServerOptions::default()).await.unwrap();
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let expected = json!({"extra": "kept", "data": [
        {"userName": "a@acme.example"},
        {"userName": "b@acme.example", "props": {"accountAdmin": true}},
        {"userName": "c@acme.example"}, {"userName": "d@acme.example"}, {"userName": "e@acme.example"},
    ]});
    assert_eq!(client.get_org("TeamMembers").await.json(), expected);
    let bare = json!([{"userName": "a@acme.example"}, {"userName": "b@acme.example"}]);
    assert_eq!(client.get("TeamMembers").await.json(), bare);
    let claimed = client.get_account("ACME-PAGED", "TeamMembers").await.json();
    assert_eq!(claimed["paging"], json!({"totalRows": 9}));
}

#[tokio::test]
async fn a_fixture_may_claim_more_rows_than_it_has() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let body = client.get_account("ACME-PAGED", "TeamMembers").await.json();
    assert_eq!((&body["paging"]["rows"], &body["paging"]["totalRows"]), (&json!(2), &json!(9)));
}

#[tokio::test]
async fn comments_are_taken_out() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let profile = client.get("UserProfile").await;
    assert_eq!(profile.status, 200);
    assert_eq!(
        profile.json()["data"][0]["accounts"][0],
        json!({"admin": true, "accountName": "ACME-PROD", "custGuid": "ACMEPROD_1C"})
    );
    assert_eq!(profile.json()["data"][0].get("_why"), None);
    let page = client.get_org("TeamMembers").await;
    assert_eq!(
        page.json()["data"],
        json!([{"userName": "a@acme.example"}, {"userName": "b@acme.example", "props": {"accountAdmin": true}}])
    );
    assert!(!page.text.contains("\"_"), "{}", page.text);
}

#[tokio::test]
async fn headers_choose_whose_list_it_is() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let primary = client.get("TeamMembers").await.json();
    assert_eq!(names(&primary), ["a@acme.example", "b@acme.example"]);
    assert_eq!(client.get_account("acme-dev", "TeamMembers").await.json()["data"][0]["userName"], "dev@acme.example");
    for (org_access, total) in [("true", 5), ("TRUE", 5), ("false", 1)] {
        let request = client.call(Method::GET, "TeamMembers").header("Account-Name", "ACME-DEV");
        let reply = Reply::to(request.header("org-access", org_access)).await;
        assert_eq!(reply.json()["paging"]["totalRows"], total, "{org_access}");
    }
    // Org-Access makes the server ignore the other header, even one that would be refused.
    let request = client.call(Method::GET, "TeamMembers").header("Account-Name", "NOWHERE");
    assert_eq!(Reply::to(request.header("Org-Access", "true")).await.status, 200);
    let unknown = client.get_account("NOWHERE", "TeamMembers").await;
    assert_eq!((unknown.status, unknown.message().as_str()), (403, "there is no account NOWHERE for this user"));
}

#[tokio::test]
async fn no_rows_are_204() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    // An empty list, and an account that the directory names and no file describes.
    for account in ["ACME-EMPTY", "ACME-QUIET"] {
        let reply = client.get_account(account, "TeamMembers").await;
        assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{account}");
        assert_eq!(reply.header("Content-Type"), None);
    }
}

#[tokio::test]
async fn an_account_speaks_one_model() {
    let server = start(ServerOptions::default()).await;
    let acme = Client::of(&server, "ACME_AUDIT_KEY").await;
    assert_eq!(acme.get_account("ACME-NEW", "TeamMembers").await.status, 403);
    assert_eq!(
        acme.get_account("ACME-NEW", "TeamUsers").await.json()["data"],
        json!([{"type": "ServiceUser", "name": "ci"}])
    );
    assert_eq!(acme.get_account("ACME-PROD", "TeamUsers").await.status, 403);
    let org = acme.get_org("TeamUsers").await;
    assert_eq!((org.status, org.message().as_str()), (400, "TeamUsers has no list at organization level"));
    let globex = Client::of(&server, "GLOBEX_KEY").await;
    assert_eq!(globex.get("TeamMembers").await.status, 410);
    assert_eq!(globex.get("TeamUsers").await.json()["data"][0]["email"], "g@globex.example");
    assert_eq!(globex.get_org("TeamMembers").await.status, 403);
    assert_eq!(globex.get("UserProfile").await.status, 500);
    assert_eq!(globex.get("OrganizationInfo").await.status, 403);
    assert_eq!(globex.get("ApiKeys").await.status, 404);
    assert_eq!(globex.get("AuditLogs").await.status, 404);
}

#[tokio::test]
async fn a_key_sees_its_own_organization_only() {
    let server = start(ServerOptions::default()).await;
    let globex = Client::of(&server, "GLOBEX_KEY").await;
    let acme = Client::of(&server, "ACME_AUDIT_KEY").await;
    assert_eq!(globex.get_account("ACME-PROD", "TeamMembers").await.status, 403);
    assert_eq!(acme.get_account("GLOBEX-MAIN", "TeamUsers").await.status, 403);
    assert_eq!(acme.get_account("GLOBEX-MAIN", "TeamMembers").await.status, 403);
}

#[tokio::test]
async fn a_key_of_an_account_reaches_that_account_only() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_DEV_KEY").await;
    let own = client.get("TeamMembers").await;
    assert_eq!(own.json()["data"][0]["userName"], "dev@acme.example");
    assert_eq!(client.get_account("Acme-Dev", "TeamMembers").await.text, own.text);
    let other = client.get_account("ACME-PROD", "TeamMembers").await;
    assert_eq!((other.status, other.message().as_str()), (403, "this key does not reach the account ACME-PROD"));
    let org = client.get_org("TeamMembers").await;
    assert_eq!((org.status, org.message().as_str()), (403, "this key does not reach the organization's data"));
    assert_eq!(client.get("UserProfile").await.status, 500);
}

#[tokio::test]
async fn audit_logs_are_answered_for_a_window() {
    let server = start(ServerOptions::default()).await;
    let client = Client::of(&server, "ACME_AUDIT_KEY").await;
    let logs = |query: &'static str| {
        let client = &client;
        async move { client.get_account("ACME-DEV", &format!("AuditLogs{query}")).await }
    };
    assert_eq!(logs("").await.json()["paging"]["totalRows"], 3);
    let august = logs("?startTime=2026-08-01T00%3A00%3A00Z&endTime=2026-09-01T00%3A00%3A00Z").await.json();
    assert_eq!(august["data"].as_array().unwrap().len(), 2);
    assert_eq!(logs("?startTime=2026-08-01T00:00:01Z").await.json()["data"][0]["eventName"], "mid August, text");
    assert_eq!(logs("?startTime=2027-01-01T00:00:00Z").await.status, 204);
    let bad = logs("?endTime=tomorrow").await;
    assert_eq!((bad.status, bad.message().as_str()), (400, "endTime is not a time: tomorrow"));
}
