//! Patience that has an end: `--timeout` for one try, `--max-wait` for all waits of a run.

use serde_json::{Value, json};

use super::row::{Access, EACH_ON_ITS_OWN, Row, account_fault, fault};
use super::table::check;

const ONE: Access = Access::Whole(&["tiny-one"]);
const RUN_AGAIN: &str = "hint: run again; if it stays so, check the network and the proxy";

/// A fault of one account that no try of three seconds outlasts: long enough for every other answer on a busy machine.
fn too_slow(name: &'static str, entry: Value) -> Row {
    account_fault(name, entry).with(&["--timeout", "3"])
}

#[test]
fn patience() {
    let long = 60_000;
    let two = |tries: &str| EACH_ON_ITS_OWN.replace("two 1", &format!("two {tries}"));
    let limited = json!({"status": 429, "message": "slow down", "retry_after": "1",
        "headers": {"ratelimit-limit": null, "ratelimit-remaining": null, "ratelimit-reset": null}});
    check(
        12,
        vec![
            too_slow("an answer that comes too late once", json!({"delay_ms": long, "times": 1}))
                .ends(0, &["COMPLETE"])
                .calls(&two("2")),
            too_slow("an answer that never comes", json!({"delay_ms": long}))
                .ends(3, &["1 read whole, 1 failed", "tiny/tiny-two: TeamMembers page 1:", "(5 tries)", RUN_AGAIN])
                .access(ONE)
                .calls(&two("5")),
            too_slow("a body that takes too long", json!({"trickle_ms": 2000}))
                .ends(3, &["1 read whole, 1 failed", "tiny/tiny-two: TeamMembers page 1:", "(5 tries)", RUN_AGAIN])
                .access(ONE)
                .calls(&two("5")),
            fault("the exchange is never answered", json!({"endpoint": "access/tokens", "delay_ms": long}))
                .with(&["--timeout", "3"])
                .ends(5, &["error: no account could be read", "access/tokens:", "(5 tries)", RUN_AGAIN])
                .calls("token 5"),
            account_fault("503 for good, and little patience", json!({"status": 503, "retry_after": "2"}))
                .with(&["--max-wait", "3"])
                .ends(
                    3,
                    &[
                        "tiny/tiny-two: TeamMembers page 1: status 503; the next try has to wait",
                        "more than is left of the 3 s for all waits of the run (2 tries)",
                        "hint:",
                    ],
                )
                .access(ONE)
                .calls(&two("2")),
            account_fault("429 for good, and little patience", limited)
                .with(&["--max-wait", "3"])
                .ends(
                    3,
                    &[
                        "tiny/tiny-two: TeamMembers page 1: status 429; the next try has to wait",
                        "more than is left of the 3 s for all waits of the run",
                        "hint: the API allows 480 calls an hour for each user and kind of call; raise --max-wait",
                    ],
                )
                .access(ONE)
                .calls(&two("3-4")),
            account_fault("503 once, and no patience", json!({"status": 503, "times": 1}))
                .with(&["--max-wait", "0"])
                .ends(3, &["tiny/tiny-two: TeamMembers page 1: status 503; the next try has to wait", "(1 try)"])
                .access(ONE)
                .calls(EACH_ON_ITS_OWN),
        ],
    );
}
