//! Each format on its own: 2,000 people in eight of 50 accounts each.
//!
//! `cargo bench --package lacegraph-export`

use divan::{Bencher, counter::ItemsCount};
use lacegraph_export::{csv, dot, sqlite};
use lacegraph_model::{
    ADMIN, AccountRef, DataSource, Graph, Header, RecordSource, Settings, SnapshotBuilder, StatedMembership, Statement,
    USER, UserType, UtcTime,
};

const PEOPLE: usize = 2_000;
const ACCOUNTS: usize = 50;
const EACH: usize = 8;

fn main() {
    divan::main();
}

/// `full_name` is what every name is: one that needs no escaping, or one that does in every character.
fn graph(full_name: &str) -> Graph {
    let time = UtcTime::from_seconds(1_788_249_600).expect("a time");
    let header =
        Header { captured_at: time, completed_at: time, tool_version: String::new(), data_source: DataSource::Live };
    let mut builder = SnapshotBuilder::new(header);
    let organization = builder.organization("corp", "corp.example");
    let names: Vec<String> = (0..ACCOUNTS).map(|account| format!("CORP-PROD-{account:03}")).collect();
    for person in 0..PEOPLE {
        let email = format!("person{person:07}.surname@corp.example");
        let memberships: Vec<_> = (0..EACH)
            .map(|place| StatedMembership {
                roles: Some(if person % 7 == 0 { &[ADMIN] } else { &[USER] }),
                created: Some(time),
                updated: Some(time),
                ..StatedMembership::of(AccountRef::Named(&names[(person * 31 + place * 13) % ACCOUNTS]))
            })
            .collect();
        builder.record(&Statement {
            organization,
            source: RecordSource::OrganizationList,
            user_type: UserType::Person,
            login: Some(&email),
            full_name: Some(full_name),
            company: Some("Corp Example"),
            organization_roles: &[],
            user_guid: None,
            enabled: Some(true),
            memberships: &memberships,
        });
    }
    Graph::new(builder.finish(), Settings::default())
}

fn memberships() -> ItemsCount {
    ItemsCount::new(PEOPLE * EACH)
}

#[divan::bench(args = ["Ada Lovelace", r#"\"&\"&\"&\"&"#])]
fn dot_escape(bencher: Bencher<'_, '_>, full_name: &str) {
    let graph = graph(full_name);
    bencher.counter(memberships()).bench_local(|| dot::write_full(&graph, std::io::sink()).expect("a sink takes all"));
}

#[divan::bench]
fn dot_accounts(bencher: Bencher<'_, '_>) {
    let graph = graph("Ada Lovelace");
    bencher
        .counter(memberships())
        .bench_local(|| dot::write_accounts(&graph, std::io::sink()).expect("a sink takes all"));
}

#[divan::bench]
fn csv_files(bencher: Bencher<'_, '_>) {
    let graph = graph("Ada Lovelace");
    bencher.counter(memberships()).with_inputs(|| tempfile::tempdir().expect("a directory")).bench_local_values(
        |directory| {
            csv::write(&graph, directory.path(), csv::CellText::Neutralised).expect("files are written");
            // Taken away after the time is.
            directory
        },
    );
}

#[divan::bench]
fn sqlite_file(bencher: Bencher<'_, '_>) {
    let graph = graph("Ada Lovelace");
    bencher.counter(memberships()).with_inputs(|| tempfile::tempdir().expect("a directory")).bench_local_values(
        |directory| {
            sqlite::write(&graph, &directory.path().join("new.db")).expect("a database is written");
            directory
        },
    );
}
