//! Statuses that mean no: for a moment, and for good. The account TINY-TWO has them; TINY-ONE is whole all the same.

use serde_json::json;

use super::row::{Access, EACH_ON_ITS_OWN, Row, account_fault, fault, login_page};
use super::table::check;
use crate::fixture::invalid;

const ONE: Access = Access::Whole(&["tiny-one"]);

/// A status of one account that passes after two calls.
fn passing(name: &'static str, status: u16) -> Row {
    account_fault(name, json!({"status": status, "times": 2}))
        .ends(0, &["COMPLETE"])
        .calls(&EACH_ON_ITS_OWN.replace("two 1", "two 3"))
}

/// A status of one account that stays.
fn staying(name: &'static str, status: u16, tries: u32) -> Row {
    let said = format!("tiny/tiny-two: TeamMembers page 1: status {status}: out of order ({tries} tries)");
    account_fault(name, json!({"status": status, "message": "out of order"}))
        .ends(3, &["1 read whole, 1 failed", &said, "hint: the API has a fault of its own; run again later"])
        .access(ONE)
        .calls(&EACH_ON_ITS_OWN.replace("two 1", &format!("two {tries}")))
}

#[test]
fn statuses() {
    let html = json!({"status": 502, "body": invalid("html.html"), "content_type": "text/html"});
    let login = json!({"status": 200, "body": invalid("html.html"), "content_type": "text/html"});
    let exchange = |status: u16, times: Option<u32>| json!({"endpoint": "access/tokens", "status": status, "times": times, "message": "out of order"});
    check(
        4,
        vec![
            passing("500 for a moment", 500),
            passing("502 for a moment", 502),
            passing("503 for a moment", 503),
            passing("504 for a moment", 504),
            staying("500 for good", 500, 4),
            staying("502 for good", 502, 5),
            staying("503 for good", 503, 5),
            staying("504 for good", 504, 5),
            account_fault("403 for a moment", json!({"status": 403, "times": 1}))
                .ends(0, &["COMPLETE"])
                .calls(&EACH_ON_ITS_OWN.replace("two 1", "two 2")),
            account_fault("both lists are off", json!({"status": 403, "message": "not for you"}))
                .ends(
                    3,
                    &[
                        "tiny/tiny-two: the directory lists this account, but its list is refused:",
                        "TeamMembers page 1: status 403: not for you (2 tries)",
                        "TeamUsers page 1: status 403: not for you (2 tries)",
                        "hint: the key's owner may not read this; use the key of an organization admin",
                    ],
                )
                .access(ONE)
                // Whether the token has died, which would be answered so too, is looked into.
                .calls(&EACH_ON_ITS_OWN.replace("profile 1", "profile 2").replace("two 1", "two 2, two/TeamUsers 2")),
            account_fault("an account is answered 204", json!({"status": 204}))
                .ends(
                    0,
                    &["warning   tiny/tiny-two: the account's own list is empty", "hint: check in the console whether"],
                )
                .access(Access::Other)
                .calls(&EACH_ON_ITS_OWN.replace("two 1", "two 1, two/TeamUsers 1")),
            account_fault("an account is answered {}", json!({"status": 200, "body": "{}"}))
                .ends(
                    3,
                    &[
                        "tiny/tiny-two: TeamMembers page 1: status 200, JSON without a `data` list",
                        "hint: check that the host is the API's",
                    ],
                )
                .access(ONE)
                .calls(EACH_ON_ITS_OWN),
            account_fault("a proxy's HTML with 502", html)
                .ends(
                    3,
                    &[
                        "tiny/tiny-two: TeamMembers page 1: status 502: an HTML page (5 tries)",
                        "hint: a proxy or a login page answered instead of the API",
                    ],
                )
                .access(ONE)
                .calls(&EACH_ON_ITS_OWN.replace("two 1", "two 5")),
            account_fault("a login page with 200", login)
                .ends(
                    3,
                    &[
                        "tiny/tiny-two: TeamMembers page 1: status 200, HTML instead of JSON",
                        "hint: a proxy or a login page answered instead of the API",
                    ],
                )
                .access(ONE)
                .calls(EACH_ON_ITS_OWN),
            fault("the exchange is answered 503 for a moment", exchange(503, Some(2)))
                .ends(0, &["COMPLETE"])
                .calls("token 3, profile 1, org 1, one 1, two 1"),
            fault("the exchange is answered 500 for good", exchange(500, None))
                .ends(
                    5,
                    &[
                        "error: no account could be read",
                        "access/tokens: status 500: out of order (4 tries)",
                        "hint: the API has a fault of its own",
                    ],
                )
                .calls("token 4"),
            fault("the exchange is answered {}", json!({"endpoint": "access/tokens", "status": 201, "body": "{}"}))
                .ends(
                    5,
                    &["access/tokens: status 201, no token in the answer", "hint: check that the host is the API's"],
                )
                .calls("token 1"),
            fault("the exchange is answered a login page", login_page("access/tokens"))
                .ends(5, &["access/tokens: status 200, HTML instead of JSON", "hint: a proxy or a login page answered"])
                .calls("token 1"),
            fault("every list is answered 503 for good", json!({"status": 503, "message": "maintenance"}))
                .ends(
                    5,
                    &[
                        "error: no account could be read",
                        "status 503: maintenance (5 tries)",
                        "hint: the API has a fault of its own",
                    ],
                )
                .calls("token 1, profile 1, org 5, one 5, two 5"),
        ],
    );
}
