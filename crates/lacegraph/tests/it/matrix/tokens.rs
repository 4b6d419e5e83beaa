//! Tokens that die early: the run asks for new ones and goes on where it was.

use std::time::Duration;

use lacegraph_mock::{DeadTokenStatus, ServerOptions, TokenForm};
use serde_json::json;

use super::row::{Access, Row, configured_accounts, fault, row};
use super::table::check;
use crate::fixture::Fixture;

/// The small fixture in pages of one row, which takes twelve data calls, and tokens that are good for five.
fn worn_out(name: &'static str, dead_token_status: DeadTokenStatus) -> Row {
    row(name, Fixture::small()).with_pages(1).with_options(ServerOptions {
        token_uses: Some(5),
        dead_token_status,
        ..ServerOptions::default()
    })
}

/// The directory and the organization's list, which is empty, wear a token out; the accounts' lists find it dead.
fn between(name: &'static str, dead_token_status: DeadTokenStatus) -> Row {
    fault(name, json!({"org": true, "status": 204})).with_options(ServerOptions {
        token_uses: Some(2),
        dead_token_status,
        ..ServerOptions::default()
    })
}

#[test]
fn tokens() {
    check(
        3,
        vec![
            // Three tokens for twelve calls; each time, as many calls as are under way find the token dead.
            worn_out("a token expires in the middle of the pages, with 401", DeadTokenStatus::Unauthorized)
                .ends(0, &["COMPLETE"])
                .calls("token 3, profile 1-2, org 5-7, one 3-5, two 3-5"),
            worn_out("a token expires in the middle of the pages, with 403", DeadTokenStatus::Forbidden)
                .ends(0, &["COMPLETE"])
                .calls("token 3, profile 1-2, org 5-7, one 3-5, two 3-5"),
            between("a token expires between two lists, with 401", DeadTokenStatus::Unauthorized)
                .ends(0, &["COMPLETE"])
                .calls("token 2, profile 1, org 1, one 1-2, two 1-2"),
            // A look at the directory tells a dead token from a missing permission.
            between("a token expires between two lists, with 403", DeadTokenStatus::Forbidden)
                .ends(0, &["COMPLETE"])
                .calls("token 2, profile 2, org 1, one 3, one/TeamUsers 2, two 3, two/TeamUsers 2"),
            // Renewed ahead of its end: no call is made in vain. By the client's clock, which knows no fractions, a
            // token may live a second longer than it does; within two seconds it has ended by any.
            fault(
                "tokens live for a second, and the answer says so",
                json!({"org": true, "page": 3, "delay_ms": 2000}),
            )
            .with_pages(1)
            .with_options(ServerOptions { token_lifetime: Some(Duration::from_secs(1)), ..ServerOptions::default() })
            .ends(0, &["COMPLETE"])
            .calls("token 2, profile 1, org 5, one 3, two 3"),
            row("the token comes in the older envelope", Fixture::small())
                .with_options(ServerOptions { token_form: TokenForm::Envelope, ..ServerOptions::default() })
                .ends(0, &["COMPLETE"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            // What is asked for after that cannot be had.
            row(
                "the key is switched off while it is used",
                Fixture::small().set(
                    "faults",
                    json!([{"endpoint": "access/tokens", "after": 1, "status": 401, "message": "key disabled"}]),
                ),
            )
            .with_pages(1)
            .with(&["--concurrency", "1"])
            .with_options(ServerOptions { token_uses: Some(7), ..ServerOptions::default() })
            .check_ends(0)
            .ends(3, &["access/tokens: status 401: key disabled (1 try)", "hint: check the key id, its secret"])
            .access(Access::Other)
            .calls("token 2, profile 1, org 5, one 2"),
            // Two tokens, whatever the number of accounts: where neither works, a third will not.
            row("every token is dead at once", Fixture::small())
                .configured(configured_accounts)
                .with_options(ServerOptions { token_uses: Some(0), ..ServerOptions::default() })
                .ends(
                    5,
                    &[
                        "error: no account could be read",
                        "status 401: the token has expired",
                        "hint: the API takes no token of this key",
                    ],
                )
                .calls("token 2, profile 1-2, info 1, org 1-2, one 1, two 1"),
        ],
    );
}
