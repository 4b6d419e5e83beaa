//! From statements to a graph: 10,000 people in eight of 100 accounts each, as a large organization is.
//!
//! `cargo bench --package lacegraph-model`

use divan::{Bencher, counter::ItemsCount};
use lacegraph_model::{
    ADMIN, AccountRef, DataSource, Graph, Header, ORG_ADMIN, ORG_USER, RecordSource, Settings, Snapshot,
    SnapshotBuilder, StatedMembership, Statement, USER, UserType, UtcTime,
};

const PEOPLE: usize = 10_000;
const ACCOUNTS: usize = 100;
const EACH: usize = 8;

fn main() {
    divan::main();
}

/// A builder that was told of everybody; every 200th person is an organization admin, and as many organization users.
fn told() -> SnapshotBuilder {
    let time = UtcTime::from_seconds(1_788_249_600).expect("a time");
    let header =
        Header { captured_at: time, completed_at: time, tool_version: String::new(), data_source: DataSource::Live };
    let mut builder = SnapshotBuilder::new(header);
    let organization = builder.organization("corp", "corp.example");
    let names: Vec<String> = (0..ACCOUNTS).map(|account| format!("CORP-PROD-{account:03}")).collect();
    for person in 0..PEOPLE {
        let email = format!("person{person:07}.surname@corp.example");
        let places = (0..EACH).map(|place| (person * 31 + place * 13) % ACCOUNTS);
        let guids: Vec<_> = places.map(|account| (account, format!("CORPPROD{account}_{person:048X}"))).collect();
        let memberships: Vec<_> = guids
            .iter()
            .map(|(account, guid)| StatedMembership {
                roles: Some(if person % 7 == 0 { &[ADMIN] } else { &[USER] }),
                user_guid: Some(guid),
                created: Some(time),
                ..StatedMembership::of(AccountRef::Named(&names[*account]))
            })
            .collect();
        let organization_roles: &[&str] = match person % 200 {
            0 => &[ORG_ADMIN],
            100 => &[ORG_USER],
            _ => &[],
        };
        builder.record(&Statement {
            organization,
            source: RecordSource::OrganizationList,
            user_type: UserType::Person,
            login: Some(&email),
            full_name: Some("Ada Lovelace"),
            company: Some("Corp Example"),
            organization_roles,
            user_guid: None,
            enabled: Some(person % 33 != 0),
            memberships: &memberships,
        });
    }
    builder
}

fn snapshot() -> Snapshot {
    told().finish()
}

fn memberships() -> ItemsCount {
    ItemsCount::new(PEOPLE * EACH)
}

#[divan::bench]
fn record(bencher: Bencher<'_, '_>) {
    bencher.counter(memberships()).bench(told);
}

#[divan::bench]
fn merge_and_seal(bencher: Bencher<'_, '_>) {
    bencher.counter(memberships()).with_inputs(told).bench_values(SnapshotBuilder::finish);
}

#[divan::bench]
fn build_graph(bencher: Bencher<'_, '_>) {
    let snapshot = snapshot();
    bencher
        .counter(memberships())
        .with_inputs(|| snapshot.clone())
        .bench_values(|snapshot| Graph::new(snapshot, Settings::default()));
}

#[divan::bench]
fn effective_access(bencher: Bencher<'_, '_>) {
    let graph = Graph::new(snapshot(), Settings::default());
    let mut grants = Vec::new();
    bencher.counter(memberships()).bench_local(|| {
        let users = graph.snapshot().user_ids();
        users.fold(0, |count, user| {
            graph.collect_grants(user, &mut grants);
            count + grants.iter().filter(|grant| grant.is_effective).count()
        })
    });
}

#[divan::bench]
fn verify(bencher: Bencher<'_, '_>) {
    let graph = Graph::new(snapshot(), Settings::default());
    bencher.counter(memberships()).bench_local(|| graph.verify().is_ok());
}
