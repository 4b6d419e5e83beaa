//! The rate limit: 429 with every kind of advice, and with none.

use std::time::Duration;

use lacegraph_mock::{LimitedBy, RateLimit, ServerOptions};
use serde_json::{Value, json};

use super::row::{Access, EACH_ON_ITS_OWN, Row, account_fault, fault, row, without_org_list};
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

/// Complains where the client did not wait between the first two calls for TINY-TWO, or too long.
fn waited(mock: &Mock, at_least: Duration, at_most: Duration) -> Option<String> {
    let calls = mock.calls();
    let times = calls.iter().filter(|call| call.account_name.as_deref() == Some("TINY-TWO")).map(|call| call.at);
    let times: Vec<_> = times.take(2).collect();
    let [first, second] = times[..] else { return Some("it did not call twice".to_owned()) };
    let waited = second - first;
    (!(at_least..at_most).contains(&waited)).then(|| format!("it waited {waited:?}"))
}

fn waited_a_second(mock: &Mock, _: &Place) -> Option<String> {
    waited(mock, Duration::from_millis(990), Duration::from_secs(7))
}

fn waited_two_seconds(mock: &Mock, _: &Place) -> Option<String> {
    waited(mock, Duration::from_millis(1990), Duration::from_secs(7))
}

/// At 480 calls an hour there is one more every 7.5 seconds.
fn waited_for_one_more(mock: &Mock, _: &Place) -> Option<String> {
    waited(mock, Duration::from_millis(7500), Duration::from_secs(60))
}

fn waited_a_little(mock: &Mock, _: &Place) -> Option<String> {
    waited(mock, Duration::from_millis(100), Duration::from_secs(7))
}

#[test]
fn limits() {
    let nonsense = json!({"Retry-After": "soon",
        "ratelimit-limit": "lots", "ratelimit-remaining": "-3", "ratelimit-reset": "tomorrow"});
    let empty = json!({"Retry-After": "", "ratelimit-limit": "", "ratelimit-remaining": "", "ratelimit-reset": ""});
    let exchange = json!({"endpoint": "access/tokens", "status": 429, "retry_after": "3600"});
    let bucket = ServerOptions {
        rate_limit: Some(RateLimit { limit: 2, window: Duration::from_secs(2), ..RateLimit::default() }),
        limited_by: LimitedBy::Owner,
        ..ServerOptions::default()
    };
    check(
        5,
        vec![
            once("429 with Retry-After", json!({"Retry-After": "1"})).also(waited_a_second),
            once(
                "429 with RateLimit-Reset",
                json!({"ratelimit-limit": "480, 480;w=3600", "ratelimit-remaining": "0", "ratelimit-reset": "1"}),
            )
            .also(waited_a_second),
            once("429 with both, which differ", json!({"Retry-After": "1", "ratelimit-reset": "2"})).also(waited_two_seconds),
            once("429 without advice", json!({})).also(waited_for_one_more),
            once("429 with malformed advice", nonsense).also(waited_for_one_more),
            once("429 with empty advice", empty).also(waited_for_one_more),
            once("429 with advice of the past", json!({"Retry-After": "Tue, 01 Sep 2020 08:00:00 GMT"}))
                .also(waited_a_little),
            account_fault("429 that asks for more patience than there is", json!({"status": 429, "retry_after": "3600"}))
                .ends(3, &[
                    "1 read whole, 1 failed",
                    "tiny/tiny-two: TeamMembers page 1: status 429; the next try has to wait 60 min, more than is left of",
                    "hint: the API allows 480 calls an hour for each user and kind of call; raise --max-wait, run again later",
                ])
                .access(Access::Whole(&["tiny-one"]))
                .calls(EACH_ON_ITS_OWN),
            fault("429 of the exchange that asks for more patience than there is", exchange)
                .ends(5, &["error: no account could be read", "access/tokens: status 429; the next try has to wait 60 min"])
                .calls("token 1"),
            account_fault("503 that asks for more patience than there is", json!({"status": 503, "retry_after": "3600"}))
                .ends(3, &[
                    "tiny/tiny-two: TeamMembers page 1: status 503; the next try has to wait 60 min",
                    "hint: the API asks to be left alone for that long",
                ])
                .access(Access::Whole(&["tiny-one"]))
                .calls(EACH_ON_ITS_OWN),
            fault("an answer that leaves no calls for an hour", json!({"org": true,
                "headers": {"ratelimit-remaining": "0", "ratelimit-reset": "3000"}}))
                .ends(0, &["COMPLETE", "the organization's list could not be compared with the own lists of its accounts"])
                .calls("token 1, profile 1, org 1"),
            fault("an answer that leaves no calls and does not say for how long", json!({"org": true,
                "headers": {"ratelimit-remaining": "0", "ratelimit-reset": null}}))
                .ends(0, &["COMPLETE"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            fault("an answer that leaves no pages for an hour", json!({"org": true, "page": 1,
                "headers": {"ratelimit-remaining": "0", "ratelimit-reset": "3000"}}))
                .with_pages(2)
                .check_ends(0).ends(3, &["the next try has to wait"])
                .access(Access::Other)
                .calls("token 1, profile 1, org 1"),
            // The calls of one kind take turns, so that none is made in vain.
            row("a small bucket that fills again", without_org_list())
                .with_pages(2)
                .with_options(bucket)
                .ends(0, &["COMPLETE"])
                .calls("token 1, profile 1, org 2, one 2, two 2"),
        ],
    );
}
