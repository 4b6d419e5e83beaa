use std::collections::{BTreeMap, BTreeSet};

use lacegraph_mock::{AccessModel, GeneratorOptions, MockServer, RowShape, ServerOptions, World};
use serde_json::Value;

use crate::client::Client;

fn options(shape: RowShape) -> GeneratorOptions {
    GeneratorOptions {
        users: 60,
        accounts: 7,
        memberships: 3,
        shape,
        org_admin_permille: 50,
        org_user_permille: 50,
        page_size: Some(25),
        ..GeneratorOptions::default()
    }
}

async fn serve(options: &GeneratorOptions) -> (MockServer, Client) {
    let server = MockServer::start(World::generated(options), ServerOptions::default()).await.unwrap();
    let key_id = server.keys()[0].key_id.clone();
    let client = Client::of(&server, &key_id).await;
    (server, client)
}

/// All bodies of a list, page by page; no account means the organization.
async fn pages(client: &Client, list: &str, account: Option<&str>) -> Vec<String> {
    let mut url = list.to_owned();
    let mut pages = Vec::new();
    loop {
        let reply = match account {
            Some(account) => client.get_account(account, &url).await,
            None => client.get_org(&url).await,
        };
        if reply.status == 204 {
            return pages;
        }
        assert_eq!(reply.status, 200, "{}", reply.text);
        let next = reply.json()["paging"]["urls"]["nextPage"].as_str().map(str::to_owned);
        pages.push(reply.text);
        match next {
            Some(next) => url = next,
            None => return pages,
        }
    }
}

fn rows(pages: &[String]) -> Vec<Value> {
    let body = |page: &String| serde_json::from_str::<Value>(page).unwrap();
    pages.iter().flat_map(|page| body(page)["data"].as_array().unwrap().clone()).collect()
}

async fn account_names(client: &Client) -> Vec<String> {
    let profile = client.get("UserProfile").await.json();
    let accounts = profile["data"][0]["accounts"].as_array().unwrap();
    accounts.iter().map(|account| account["accountName"].as_str().unwrap().to_owned()).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Who is what in which account, read from rows of the legacy model in any shape: (person, account name) to (admin, guid).
fn grants(rows: &[Value], names: &BTreeMap<String, String>) -> BTreeMap<(String, String), (bool, Option<String>)> {
    let mut found = BTreeMap::new();
    let mut add = |user: &Value, account: String, admin: bool, guid: Option<String>| {
        assert_eq!(found.insert((text(user), account), (admin, guid)), None);
    };
    for row in rows {
        let user = &row["userName"];
        if let Some(props) = row.get("props") {
            let admin = props["accountAdmin"].as_bool().unwrap();
            add(user, names[row["custGuid"].as_str().unwrap()].clone(), admin, Some(text(&row["userGuid"])));
        } else if let Some(accounts) = row.get("accounts") {
            for account in accounts.as_array().unwrap() {
                let admin = account
                    .get("admin")
                    .map_or_else(|| account["userRoles"][0] == "ADMIN", |admin| admin.as_bool().unwrap());
                add(user, text(&account["accountName"]), admin, Some(text(&account["userGuid"])));
            }
        } else {
            for (key, admin) in [("adminRoleAccounts", true), ("userRoleAccounts", false)] {
                for account in row[key].as_array().unwrap() {
                    add(user, text(account), admin, None);
                }
            }
        }
    }
    found
}

async fn names_by_guid(client: &Client) -> BTreeMap<String, String> {
    let profile = client.get("UserProfile").await.json();
    let accounts = profile["data"][0]["accounts"].as_array().unwrap().clone();
    accounts.iter().map(|account| (text(&account["custGuid"]), text(&account["accountName"]))).collect()
}

#[tokio::test]
async fn each_shape_has_the_counts_asked_for() {
    for (shape, expected_rows) in [(RowShape::Nested, 60), (RowShape::Flat, 180), (RowShape::RoleLists, 60)] {
        let (_server, client) = serve(&options(shape)).await;
        let pages = pages(&client, "TeamMembers", None).await;
        assert_eq!(pages.len(), usize::div_ceil(expected_rows, 25), "{shape:?}");
        let rows = rows(&pages);
        assert_eq!(rows.len(), expected_rows, "{shape:?}");
        let people: BTreeSet<String> = rows.iter().map(|row| text(&row["userName"])).collect();
        assert_eq!(people.len(), 60, "{shape:?}");
        assert_eq!(grants(&rows, &names_by_guid(&client).await).len(), 180, "{shape:?}");
    }
}

#[tokio::test]
async fn own_lists_agree_with_the_organizations() {
    for shape in [RowShape::Nested, RowShape::Flat, RowShape::RoleLists] {
        for org_list in [true, false] {
            let (_server, client) = serve(&GeneratorOptions { org_list, ..options(shape) }).await;
            let names = names_by_guid(&client).await;
            assert_eq!(names.len(), 7);
            let mut own = BTreeMap::new();
            for account in names.values() {
                let list = rows(&pages(&client, "TeamMembers", Some(account)).await);
                let found = grants(&list, &names);
                assert!(found.keys().all(|(_, place)| place == account), "{account}");
                own.extend(found);
            }
            if org_list {
                assert_eq!(own, grants(&rows(&pages(&client, "TeamMembers", None).await), &names), "{shape:?}");
            } else {
                assert_eq!(own.len(), 180);
                assert_eq!(client.get_org("TeamMembers").await.status, 403);
            }
        }
    }
}

#[tokio::test]
async fn every_shape_tells_the_same() {
    let mut told = Vec::new();
    for shape in [RowShape::Nested, RowShape::Flat, RowShape::RoleLists] {
        let (_server, client) = serve(&options(shape)).await;
        let rows = rows(&pages(&client, "TeamMembers", None).await);
        let admins: BTreeMap<_, _> = grants(&rows, &names_by_guid(&client).await)
            .into_iter()
            .map(|(place, (admin, _))| (place, admin))
            .collect();
        let org_admins: BTreeSet<String> = rows
            .iter()
            .filter(|row| row["orgAdmin"] == true || row["props"]["orgAdmin"] == true)
            .map(|row| text(&row["userName"]))
            .collect();
        told.push((admins, org_admins));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    assert!((2..20).contains(&told[0].1.len()), "{:?}", told[0].1);
}

#[tokio::test]
async fn the_newer_model_has_no_organization_list() {
    let model = AccessModel::TeamUsers;
    let (_server, client) = serve(&GeneratorOptions { model, ..options(RowShape::Flat) }).await;
    assert_eq!(client.get_org("TeamMembers").await.status, 403);
    assert_eq!(client.get_org("TeamUsers").await.status, 400);
    let mut count = 0;
    let mut guids = BTreeSet::new();
    let mut groups = BTreeSet::new();
    for account in account_names(&client).await {
        assert_eq!(client.get_account(&account, "TeamMembers").await.status, 403);
        for row in rows(&pages(&client, "TeamUsers", Some(&account)).await) {
            count += 1;
            guids.insert(text(&row["userGuid"]));
            groups.insert(text(&row["userGroups"][0]["userGroupName"]));
            assert!(row["email"].as_str().unwrap().ends_with("@corp.example"));
        }
    }
    assert_eq!((count, guids.len()), (180, 180));
    assert_eq!(groups.into_iter().collect::<Vec<_>>(), ["Admin", "Cloud response", "Power user", "Read-only user"]);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let read = async |options: GeneratorOptions| {
        let (server, client) = serve(&options).await;
        let profile = client.get("UserProfile").await.text;
        let mut pages = pages(&client, "TeamMembers", None).await;
        pages.push(profile);
        pages.join("\n").replace(server.base_url(), "")
    };
    let first = read(options(RowShape::Flat)).await;
    assert!(first == read(options(RowShape::Flat)).await);
    assert!(first != read(GeneratorOptions { seed: 2, ..options(RowShape::Flat) }).await);
}

#[tokio::test]
async fn the_keys_owner_is_an_admin_in_the_lists() {
    let (server, client) = serve(&options(RowShape::Flat)).await;
    let owner = server.keys()[0].owner.clone();
    let profile = client.get("UserProfile").await.json();
    let profile = &profile["data"][0];
    assert_eq!((&profile["username"], &profile["orgAdmin"]), (&Value::from(owner.as_str()), &Value::from(true)));
    let guids: BTreeSet<String> =
        profile["accounts"].as_array().unwrap().iter().map(|account| text(&account["userGuid"])).collect();
    let rows = rows(&pages(&client, "TeamMembers", None).await);
    let own: Vec<&Value> = rows.iter().filter(|row| row["userName"] == owner.as_str()).collect();
    assert_eq!(own.len(), 3);
    assert!(
        own.iter().all(|row| row["props"]["orgAdmin"] == true && guids.contains(row["userGuid"].as_str().unwrap()))
    );
}

#[tokio::test]
async fn a_row_looks_like_the_vendors() {
    let (_server, client) = serve(&options(RowShape::Flat)).await;
    let flat = rows(&pages(&client, "TeamMembers", None).await).remove(0);
    insta::assert_snapshot!(serde_json::to_string_pretty(&flat).unwrap(), @r#"
    {
      "custGuid": "CORPDEV2_1A273002CBBA5B902EA8B397A1828E1FC37AF414C6FDBEFA",
      "props": {
        "accountAdmin": false,
        "company": "Corp Example",
        "createdTime": "2026-05-05T16:48:00Z",
        "firstName": "Grace",
        "jitCreated": false,
        "lastLoginTime": 1786748046313,
        "lastName": "Garcia",
        "lastSessionCreatedTime": 1786748046313,
        "orgAdmin": true,
        "orgUser": false,
        "updatedBy": "grace0000000.garcia@corp.example",
        "updatedTime": "2026-08-01T11:12:57Z"
      },
      "userEnabled": 1,
      "userGuid": "CORPDEV2_DCDA2CFE133C34691FF63F15CE24595C2BEA8832776E1E7B",
      "userName": "grace0000000.garcia@corp.example"
    }
    "#);
    assert_eq!(account_names(&client).await[..2], ["CORP-PROD-001", "CORP-DEV-002"]);
}

#[tokio::test]
async fn odd_options_are_made_to_fit() {
    let odd = GeneratorOptions {
        organization: "My \"Corp\"".to_owned(),
        users: 0,
        accounts: 0,
        memberships: 99,
        page_size: None,
        ..GeneratorOptions::default()
    };
    let (server, client) = serve(&odd).await;
    assert_eq!(server.keys()[0].organization, "MyCorp");
    assert_eq!(rows(&pages(&client, "TeamMembers", None).await).len(), 1);
    assert_eq!(account_names(&client).await, ["MYCORP-PROD-001"]);
}
