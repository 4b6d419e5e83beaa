//! Keys that are wrong, or that reach less than was hoped for.

use serde_json::json;

use super::row::{Access, Row, configured_accounts, fault, row, without_org_list};
use super::table::check;
use crate::fixture::Fixture;

/// The directory as somebody sees it who is no admin of anything.
const NO_ADMIN: &str = r#"{"data": [{"username": "dov@tiny.example", "orgAccount": true, "orgAdmin": false, "orgUser": false,
    "accounts": [{"admin": false, "accountName": "TINY-ONE"}, {"admin": false, "accountName": "TINY-TWO"}]}]}"#;

/// A list that holds nobody but the key's owner.
const OWNER_ALONE: &str = r#"{"data": [{"userName": "dov@tiny.example", "orgAdmin": false, "orgUser": false,
    "accounts": [{"accountName": "TINY-ONE", "userRoles": ["USER"]}, {"accountName": "TINY-TWO", "userRoles": ["USER"]}]}]}"#;

#[test]
fn keys() {
    let owner_alone = |profile: bool| {
        let lists = ["org", "accounts/TINY-ONE", "accounts/TINY-TWO"];
        let fixture = lists.iter().fold(Fixture::small(), |fixture, list| {
            fixture.write(&format!("tiny/{list}/TeamMembers.json"), OWNER_ALONE)
        });
        if profile {
            fixture.write("tiny/UserProfile.json", NO_ADMIN)
        } else {
            fixture.without("tiny/UserProfile.json")
        }
    };
    let unknown = "access/tokens: status 401: the key id or the secret is not valid (1 try)";
    let check_key = "hint: check the key id, its secret and that the key is enabled";
    let disabled = json!({"endpoint": "access/tokens", "status": 403, "message": "key disabled"});
    check(
        1,
        vec![
            row("bad key", Fixture::small())
                .with_variable("LW_API_KEY", "TINYONE_NOBODY")
                .ends(5, &["error: no account could be read", unknown, check_key])
                .calls("token 1"),
            row("bad secret", Fixture::small())
                .with_variable("LW_API_SECRET", "_wrong-and-must-not-be-printed")
                .ends(5, &["error: no account could be read", unknown, check_key])
                .calls("token 1"),
            row("key of a non-admin, who is shown the owner alone", owner_alone(true))
                .ends(
                    3,
                    &["the list names the key's own user alone, who is no admin here", "hint:", "organization admin"],
                )
                .access(Access::Other)
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            row("key of a non-admin, without a directory", owner_alone(false))
                .configured(configured_accounts)
                .ends(3, &["every list that was read names one and the same user alone", "hint:", "organization admin"])
                .access(Access::Other)
                .calls("token 1, profile 2, org 1, one 1, two 1"),
            every_list_refused(),
            refused_everything(),
            row("service key used across accounts", without_org_list().with_key_of("TINY-ONE"))
                .configured(configured_accounts)
                .ends(
                    3,
                    &[
                        "tiny: the organization's key reaches account TINY-ONE alone and is refused by 1 account",
                        "hint: give each account that refused it a key of its own",
                        "tiny/tiny-two: the account's list is refused:",
                        "status 403: this key does not reach the account TINY-TWO",
                    ],
                )
                .access(Access::Whole(&["tiny-one"]))
                .calls("token 1, profile 3, info 1, org 2, one 1, two 2, two/TeamUsers 2"),
            fault("key that is disabled", disabled)
                .ends(5, &["access/tokens: status 403: key disabled (1 try)", check_key])
                .calls("token 1"),
        ],
    );
}

fn every_list_refused() -> Row {
    let lists = json!([{"status": 403, "message": "You do not have permission"}]);
    row("key of a non-admin, who is refused every list", Fixture::small().set("faults", lists))
        .ends(
            5,
            &[
                "error: no account could be read",
                "status 403: You do not have permission",
                "hint: the key's owner may not read this",
            ],
        )
        .calls("token 1, profile 2, org 2, one 2, one/TeamUsers 2, two 2, two/TeamUsers 2")
}

fn refused_everything() -> Row {
    let lists = json!([{"status": 403, "message": "You do not have permission"}]);
    row("key that may read nothing at all", Fixture::small().set("faults", lists).without("tiny/UserProfile.json"))
        .configured(configured_accounts)
        .ends(
            5,
            &[
                "error: no account could be read",
                "status 403: You do not have permission",
                "hint: the key's owner may not read this",
            ],
        )
        // A second token is tried once, whatever the number of accounts.
        .calls("token 1, profile 3, info 1, org 2, one 2, one/TeamUsers 2, two 2, two/TeamUsers 2")
}
