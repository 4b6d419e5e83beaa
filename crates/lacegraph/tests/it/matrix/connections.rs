//! Connections that break, trickle, or carry something else than the API's answers.

use serde_json::{Value, json};

use super::row::{Access, COVERED, EACH_ON_ITS_OWN, Row, account_fault, fault};
use super::table::check;
use super::traps::Trap;
use crate::fixture::invalid;

const ONE: Access = Access::Whole(&["tiny-one"]);

/// A fault of one account that passes after one call, which is made again.
fn once(name: &'static str, entry: Value) -> Row {
    let mut entry = entry;
    entry["times"] = json!(1);
    account_fault(name, entry).ends(0, &["COMPLETE"]).calls(&EACH_ON_ITS_OWN.replace("two 1", "two 2"))
}

/// A fault of one account that stays: the call is made so often and given up.
fn always(name: &'static str, entry: Value, tries: u32, says: &[&str]) -> Row {
    account_fault(name, entry)
        .ends(3, &["1 read whole, 1 failed", "tiny/tiny-two: TeamMembers page 1:"])
        .ends(3, says)
        .access(ONE)
        .calls(&EACH_ON_ITS_OWN.replace("two 1", &format!("two {tries}")))
}

fn redirect(name: &'static str, entry: Value, status: u16) -> Row {
    let (trap, mut entry) = (Trap::set(), entry);
    entry["status"] = json!(status);
    entry["location"] = json!(trap.url("/api/v2/TeamMembers"));
    fault(name, entry).never_asks(trap)
}

#[test]
fn connections() {
    let hint = "hint: run again; if it stays so, check the network and the proxy";
    let huge = json!({"filler_bytes": 600_000_000, "headers": {"content-length": "600000000"}});
    let not_followed = "hint: check the host and the proxy; redirects are never followed";
    check(
        6,
        vec![
            once("the connection breaks once", json!({"reset": true})),
            always("the connection always breaks", json!({"reset": true}), 5, &["(5 tries)", hint]),
            fault(
                "the connection breaks once in the exchange",
                json!({"endpoint": "access/tokens", "reset": true, "times": 1}),
            )
            .ends(0, &["COMPLETE"])
            .calls("token 2, profile 1, org 1, one 1, two 1"),
            fault("the connection always breaks in the exchange", json!({"endpoint": "access/tokens", "reset": true}))
                .ends(5, &["error: no account could be read", "access/tokens:", "(5 tries)", hint])
                .calls("token 5"),
            account_fault("a slow body", json!({"trickle_ms": 100})).ends(0, &["COMPLETE"]).calls(EACH_ON_ITS_OWN),
            account_fault("a late answer", json!({"delay_ms": 1500})).ends(0, &["COMPLETE"]).calls(EACH_ON_ITS_OWN),
            once("the body is cut off once", json!({"cut_after": 100})),
            always("the body is always cut off", json!({"cut_after": 100}), 5, &["(5 tries)", hint]),
            always("the body is cut off before its first byte", json!({"cut_after": 0}), 5, &["(5 tries)", hint]),
            always(
                "a body that ends too early",
                json!({"status": 200, "body": invalid("truncated.json")}),
                1,
                &[
                    "status 200, JSON that is cut off after 266 bytes",
                    "hint: run again; if it stays so, a proxy may be cutting the answers off",
                ],
            ),
            always(
                "a body that begins like a list and goes on for 3 MB",
                json!({"filler_bytes": 3_000_000}),
                1,
                &["status 200, JSON that is cut off after 3000000 bytes"],
            ),
            always(
                "a huge body",
                huge,
                1,
                &["more than 536870912 bytes (1 try)", "hint: this is no list of members; check the host"],
            ),
            redirect("a list redirects to a foreign host", json!({"account": "TINY-TWO"}), 302)
                .ends(0, &["COMPLETE", COVERED, "TeamMembers page 1: status 302"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            redirect("every list redirects to a foreign host", json!({}), 307)
                .ends(5, &["error: no account could be read", "status 307", not_followed])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            redirect("the exchange redirects to a foreign host", json!({"endpoint": "access/tokens"}), 308)
                .ends(5, &["error: no account could be read", "access/tokens: status 308", not_followed])
                .calls("token 1"),
            redirect("the directory redirects to a foreign host", json!({"endpoint": "UserProfile"}), 301)
                .ends(3, &["the API's own list of accounts is not to be had: UserProfile: status 301", not_followed])
                .access(Access::Other)
                .calls("token 1, profile 1, org 1, primary 1"),
        ],
    );
}
