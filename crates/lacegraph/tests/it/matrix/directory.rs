//! The directory of accounts and the organization's list: refused, short, or in another form.

use serde_json::json;

use super::row::{EACH_ON_ITS_OWN, configured_accounts, fault, login_page, row, without_org_list};
use super::table::check;
use crate::fixture::{Fixture, directory};

/// The directory of the small fixture, to be changed.
fn profile() -> serde_json::Value {
    let text = fs_err::read_to_string(directory("small").join("tiny/UserProfile.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The rows of the organization's list, to be changed.
fn rows() -> Vec<serde_json::Value> {
    let text = fs_err::read_to_string(directory("small").join("tiny/org/TeamMembers.json")).unwrap();
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    body["data"].as_array().unwrap().clone()
}

fn with_org_list(rows: &[serde_json::Value]) -> Fixture {
    Fixture::small().write("tiny/org/TeamMembers.json", &json!({ "data": rows }).to_string())
}

#[test]
fn directories() {
    let of = |name: &str| rows().into_iter().filter(|row| row["userName"] != name).collect::<Vec<_>>();
    let one_alone: Vec<_> = rows()
        .into_iter()
        .filter_map(|mut row| {
            let accounts =
                row["accounts"].as_array().unwrap().iter().filter(|account| account["accountName"] == "TINY-ONE");
            row["accounts"] = accounts.cloned().collect();
            (row["accounts"] != json!([])).then_some(row)
        })
        .collect();
    let each_once = flat_each_once();
    check(
        2,
        vec![
            row("nothing", Fixture::small()).ends(0, &["COMPLETE"]).calls("token 1, profile 1, org 1, one 1, two 1"),
            row("UserProfile is answered 500", Fixture::small().without("tiny/UserProfile.json"))
                .configured(configured_accounts)
                .ends(0, &["the API's own list of accounts is not to be had: UserProfile: status 500"])
                .calls("token 1, profile 2, org 1, one 1, two 1"),
            row(
                "the directory is a bare array",
                Fixture::small().write("tiny/UserProfile.json", &profile()["data"].to_string()),
            )
            .ends(0, &["COMPLETE"])
            .calls("token 1, profile 1, org 1, one 1, two 1"),
            row("the organization's list is off", without_org_list())
                .ends(0, &["tiny: the organization's list is not to be had, every account was asked on its own"])
                .calls(EACH_ON_ITS_OWN),
            row("the organization's list misses an account", with_org_list(&one_alone))
                .ends(0, &["COMPLETE"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            row("the organization's list misses a member", with_org_list(&of("dov@tiny.example")))
                .ends(0, &["the organization's list misses 1 of the members that the list of account TINY-ONE names"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            row("the organization's list names each person once", with_org_list(&each_once))
                .ends(0, &["the organization's list misses 1 of the members", "every account was asked on its own"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            fault("the organization's list is answered 204", json!({"org": true, "status": 204}))
                .ends(0, &["tiny: the organization's list is empty; every account was asked on its own"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            fault("UserProfile is answered 204", json!({"endpoint": "UserProfile", "status": 204}))
                .configured(configured_accounts)
                .ends(0, &["COMPLETE"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            fault("UserProfile is answered {}", json!({"endpoint": "UserProfile", "status": 200, "body": "{}"}))
                .configured(configured_accounts)
                .ends(3, &[
                    "the API's own list of accounts is not to be had: UserProfile: status 200, JSON without a `data`",
                    "hint: check that the host is the API's",
                ])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            fault("UserProfile is answered HTML", login_page("UserProfile"))
                .configured(configured_accounts)
                .ends(3, &["UserProfile: status 200, HTML instead of JSON", "hint: a proxy or a login page answered"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
        ],
    );
}

/// The organization's list in the flat shape, in which cleo stands for her first account alone.
fn flat_each_once() -> Vec<serde_json::Value> {
    let flat = |row: serde_json::Value| {
        let account = &row["accounts"][0];
        json!({
            "userName": row["userName"], "custGuid": account["custGuid"], "userGuid": account["userGuid"],
            "userEnabled": account["userEnabled"],
            "props": {"accountAdmin": account["userRoles"][0] == "ADMIN",
                "orgAdmin": row["orgAdmin"], "orgUser": row["orgUser"]},
        })
    };
    rows().into_iter().map(flat).collect()
}
