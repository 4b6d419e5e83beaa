//! Databases of earlier versions: read as they were, and asked.

use lacegraph_export::sqlite::{Database, OLDEST_SCHEMA_VERSION, SCHEMA_VERSION, read};
use lacegraph_model::{Graph, Settings};
use rusqlite::Connection;

/// What lacegraph wrote when the tables had version 1, as `sqlite3 .dump` prints it; without the rows of the dictionary.
const VERSION_1: &str = include_str!("../../../../fixtures/databases/schema-1.sql");

#[test]
fn a_database_of_version_1_reads_back_whole_and_answers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lacegraph.db");
    Connection::open(&path).unwrap().execute_batch(VERSION_1).unwrap();
    let run = read(&path).unwrap();
    // Its own id: every record is as it was.
    assert_eq!(run.snapshot.id(), "20261125T042355Z-d7e4a92b520b14d3");
    assert_eq!(run.settings, Settings::default());
    let graph = Graph::new(run.snapshot, run.settings);
    graph.verify().unwrap();
    assert_eq!((graph.totals().grants, graph.totals().effective_access), (10, 7));
    let database = Database::open(directory.path()).unwrap();
    assert_eq!(database.info().unwrap().snapshot_id, graph.snapshot().id());
    let accounts = database.all_accounts().unwrap();
    assert_eq!(accounts.len(), 2);
    let access: usize = accounts.iter().map(|account| database.access_to(&account.account_id).unwrap().len()).sum();
    assert_eq!(access, 10);
    for user in graph.snapshot().user_ids() {
        let identity = graph.snapshot().identity(user);
        assert_eq!(database.user(identity).unwrap().unwrap().identity, identity);
        assert_eq!(database.access_of(identity).unwrap().len(), graph.grants_of(user).len());
    }
}

/// A version that is raised needs a file of the one before in `fixtures/databases`, and a test here.
#[test]
fn every_version_that_is_read_is_tested() {
    assert_eq!((OLDEST_SCHEMA_VERSION, SCHEMA_VERSION), (1, 2));
}
