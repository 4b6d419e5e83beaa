//! Databases of earlier versions: read as they were, and asked.

use lacegraph_export::sqlite::{Database, OLDEST_SCHEMA_VERSION, SCHEMA_VERSION, read};
use lacegraph_model::{Graph, Settings};
use rusqlite::Connection;

/// What lacegraph wrote when the tables had version 1, as `sqlite3 .dump` prints it; without the rows of the dictionary.
const VERSION_1: &str = include_str!("../../../../fixtures/databases/schema-1.sql");
/// The same of version 2, with groups and a record that contradicts another.
const VERSION_2: &str = include_str!("../../../../fixtures/databases/schema-2.sql");

/// Reads a database back and asks it everything; gives the graph of what was read.
fn assert_answers(dump: &str, snapshot_id: &str) -> Graph {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lacegraph.db");
    Connection::open(&path).unwrap().execute_batch(dump).unwrap();
    let run = read(&path).unwrap();
    // Its own id: every record is as it was.
    assert_eq!(run.snapshot.id(), snapshot_id);
    assert_eq!(run.settings, Settings::default());
    let graph = Graph::new(run.snapshot, run.settings);
    graph.verify().unwrap();
    let database = Database::open(directory.path()).unwrap();
    assert_eq!(database.info().unwrap().snapshot_id, graph.snapshot().id());
    let accounts = database.all_accounts().unwrap();
    assert_eq!(accounts.len(), 2);
    let access: usize = accounts.iter().map(|account| database.access_to(&account.account_id).unwrap().len()).sum();
    assert_eq!(access, graph.totals().grants);
    for user in graph.snapshot().user_ids() {
        let identity = graph.snapshot().identity(user);
        assert_eq!(database.user(identity).unwrap().unwrap().identity, identity);
        assert_eq!(database.access_of(identity).unwrap().len(), graph.grants_of(user).len());
    }
    graph
}

#[test]
fn a_database_of_version_1_reads_back_whole_and_answers() {
    let graph = assert_answers(VERSION_1, "20261125T042355Z-d7e4a92b520b14d3");
    assert_eq!((graph.totals().grants, graph.totals().effective_access), (10, 7));
}

#[test]
fn a_database_of_version_2_reads_back_whole_and_answers() {
    let graph = assert_answers(VERSION_2, "20261125T065541Z-1c29970ab2904ef7");
    assert_eq!((graph.totals().grants, graph.totals().effective_access), (12, 8));
    let snapshot = graph.snapshot();
    assert_eq!((snapshot.user_groups().len(), snapshot.membership_conflicts().len()), (3, 1));
    // Nobody could state yet what a custom group confers.
    assert!(snapshot.user_groups().iter().all(|group| group.confers_evidence.is_none()));
    assert_eq!(
        (snapshot.optional_sources(), snapshot.audit_events(), snapshot.api_keys()),
        (&[][..], &[][..], &[][..])
    );
}

/// A version that is raised needs a file of the one before in `fixtures/databases`, and a test here.
#[test]
fn every_version_that_is_read_is_tested() {
    assert_eq!((OLDEST_SCHEMA_VERSION, SCHEMA_VERSION), (1, 3));
}
