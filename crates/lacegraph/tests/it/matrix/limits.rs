//! The rate limit: 429 with every kind of advice, and with none.

use std::time::Duration;

use lacegraph_mock::{LimitedBy, RateLimit, ServerOptions};
use serde_json::{Value, json};

use super::row::{Access, EACH_ON_ITS_OWN, Row, account_fault, row, without_org_list};
use super::table::check;
use crate::mock::Mock;
use crate::place::Place;

/// 429 once, with these headers beside.
fn once(name: &'static str, headers: Value) -> Row {
    let mut all = json!({"ratelimit-limit": null, "ratelimit-remaining": null, "ratelimit-reset": null});
    all.as_object_mut().unwrap().append(headers.clone().as_object_mut().unwrap());
    account_fault(name, json!({"status": 429, "message": "slow down", "times": 1, "headers": all}))
        .ends(0, &["COMPLETE"])
        .calls(&EACH_ON_ITS_OWN.replace("two 1", "two 2"))
}

/// How long the client waited between the first two calls for TINY-TWO.
fn waited(mock: &Mock) -> Duration {
    let calls = mock.calls();
    let mut times = calls.iter().filter(|call| call.account_name.as_deref() == Some("TINY-TWO")).map(|call| call.at);
    let first = times.next().unwrap();
    times.next().unwrap() - first
}

fn waited_as_asked(mock: &Mock, _: &Place) -> Option<String> {
    let waited = waited(mock);
    let is_so = waited >= Duration::from_millis(990) && waited < Duration::from_secs(5);
    (!is_so).then(|| format!("it waited {waited:?}, not the second that it was asked for"))
}

fn waited_a_little(mock: &Mock, _: &Place) -> Option<String> {
    let waited = waited(mock);
    let is_so = waited >= Duration::from_millis(100) && waited < Duration::from_secs(5);
    (!is_so).then(|| format!("it waited {waited:?}"))
}

#[test]
fn limits() {
    let nonsense = json!({"Retry-After": "soon",
        "ratelimit-limit": "lots", "ratelimit-remaining": "-3", "ratelimit-reset": "tomorrow"});
    let empty = json!({"Retry-After": "", "ratelimit-limit": "", "ratelimit-remaining": "", "ratelimit-reset": ""});
    let (limit, window) = (2, Duration::from_secs(1));
    let bucket = |limited_by| ServerOptions {
        rate_limit: Some(RateLimit { limit, window, ..RateLimit::default() }),
        limited_by,
        ..ServerOptions::default()
    };
    check(
        5,
        vec![
            once("429 with Retry-After", json!({"Retry-After": "1"})).also(waited_as_asked),
            once(
                "429 with RateLimit-Reset",
                json!({"ratelimit-limit": "480, 480;w=3600", "ratelimit-remaining": "0", "ratelimit-reset": "1"}),
            )
            .also(waited_as_asked),
            once("429 with both, which differ", json!({"Retry-After": "1", "ratelimit-reset": "3000"}))
                .also(waited_as_asked),
            once("429 without advice", json!({})).also(waited_a_little),
            once("429 with malformed advice", nonsense).also(waited_a_little),
            once("429 with empty advice", empty).also(waited_a_little),
            once("429 with advice of the past", json!({"Retry-After": "Tue, 01 Sep 2020 08:00:00 GMT"}))
                .also(waited_a_little),
            account_fault("429 for good", json!({"status": 429, "message": "slow down", "retry_after": "0"}))
                .ends(
                    3,
                    &[
                        "tiny/tiny-two: TeamMembers page 1: status 429: slow down (5 tries)",
                        "hint: the rate limit is 480 calls an hour for each user and list; wait, or use another key",
                    ],
                )
                .access(Access::Whole(&["tiny-one"]))
                .calls(&EACH_ON_ITS_OWN.replace("two 1", "two 5")),
            // Two pages and two accounts take six calls of a bucket that holds two and fills in a second.
            row("a small bucket that fills again", without_org_list())
                .with_pages(2)
                .with_options(bucket(LimitedBy::Owner))
                .ends(0, &["COMPLETE"])
                // should: fewer calls in vain. Those that wait for one gate come at once when it opens, into the next 429.
                .calls("token 1-2, profile 1-2, org 2-4, one 2-8, two 2-8"),
        ],
    );
}
