//! Pages of 5,000 rows, as the API sends them, from the body to the snapshot: hashed, parsed, recorded; no network.
//!
//! `cargo bench --package lacegraph-fetch`

use std::fmt::Write as _;

use divan::{Bencher, counter::BytesCount};
use lacegraph_fetch::{
    ApiBase, Credential, Endpoint, FixedClock, OrganizationPlan, Plan, Request, Response, Transport, TransportFuture,
    fetch,
};
use lacegraph_model::{DataSource, UtcTime};

const ROWS: usize = 5_000;

fn main() {
    divan::main();
}

/// Answers every list of the organization with one body.
struct OneBody(String);

impl Transport for OneBody {
    fn send<'a>(&'a self, request: &'a Request) -> TransportFuture<'a> {
        let body = match request.endpoint {
            Endpoint::AccessTokens => r#"{"token":"t","expiresAt":"2030-01-01T00:00:00Z"}"#,
            Endpoint::OrganizationMembers => &self.0,
            _ => r#"{"data":[]}"#,
        };
        let body = body.as_bytes().to_vec();
        Box::pin(async move { Ok(Response { status: 200, body, ..Response::default() }) })
    }
}

fn guid(person: usize, account: usize) -> String {
    format!("CORPPROD{account}_{person:048X}")
}

fn email(person: usize) -> String {
    format!("person{person:07}.surname@corp.example")
}

/// One row a person, with eight accounts.
fn nested() -> String {
    let row = |person: usize| {
        let mut row = format!(r#"{{"userName":"{}","orgAdmin":false,"orgUser":false,"accounts":["#, email(person));
        for account in 0..8 {
            let comma = if account == 0 { "" } else { "," };
            let guid = guid(person, account);
            // A String takes whatever is written to it.
            let _ = write!(
                row,
                r#"{comma}{{"accountName":"CORP-PROD-{account:03}","userRoles":["USER"],"custGuid":"CORPPROD{account}_C0","userGuid":"{guid}","userEnabled":1}}"#
            );
        }
        row + "]}"
    };
    page((0..ROWS).map(row))
}

/// One row a person and account, with times.
fn flat() -> String {
    let row = |row: usize| {
        let (email, guid) = (email(row / 8), guid(row / 8, row % 8));
        format!(
            r#"{{"userName":"{email}","userGuid":"{guid}","custGuid":"CORPPROD{}_C0","userEnabled":1,"props":{{"firstName":"Ada","lastName":"Lovelace","company":"Corp Example","accountAdmin":false,"orgAdmin":false,"orgUser":false,"jitCreated":false,"createdTime":"2024-05-01T09:00:00Z","updatedTime":"2025-05-01T09:00:00Z","updatedBy":"{email}","lastLoginTime":1788000000000,"lastSessionCreatedTime":1788000000000}}}}"#,
            row % 8
        )
    };
    page((0..ROWS).map(row))
}

fn page(rows: impl Iterator<Item = String>) -> String {
    format!(r#"{{"paging":{{"rows":{ROWS},"totalRows":{ROWS}}},"data":[{}]}}"#, rows.collect::<Vec<_>>().join(","))
}

#[divan::bench(args = ["nested", "flat"])]
fn page_to_snapshot(bencher: Bencher<'_, '_>, shape: &str) {
    let body = if shape == "nested" { nested() } else { flat() };
    let bytes = BytesCount::new(body.len());
    let transport = OneBody(body);
    let base = ApiBase::parse("corp").expect("an account is a base");
    let plan = Plan::new(
        vec![OrganizationPlan::new("corp", base, Credential::new("key", "secret"))],
        DataSource::Live,
        env!("CARGO_PKG_VERSION"),
    );
    let clock = FixedClock(UtcTime::from_seconds(1_788_249_600).expect("a time"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    bencher.counter(bytes).bench_local(|| {
        let snapshot = runtime.block_on(fetch(&plan, &transport, &clock, &())).expect("a snapshot");
        assert!(!snapshot.memberships().is_empty());
        snapshot
    });
}
