//! Files that are not what `write` wrote: said so, never taken for another snapshot.

use std::error::Error as _;
use std::path::Path;

use insta::assert_snapshot;
use lacegraph_export::sqlite::{Database, read};
use lacegraph_export::{ExportError, SCHEMA};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::fixed::{self, Stored, columns, rows};

/// An error with its causes and its hint, the place left out.
fn told(error: &ExportError, directory: &Path) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    format!("{text}\nhint: {}", error.hint()).replace(&directory.display().to_string(), "[run]")
}

/// What reading says of the fixed database after a change by SQL that no check holds up.
fn after(sql: &str) -> String {
    let stored = fixed::stored();
    change(&stored, sql);
    told(&read(&stored.path()).unwrap_err(), stored.directory.path())
}

fn change(stored: &Stored, sql: &str) {
    let connection = stored.connect();
    connection.execute_batch("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;").unwrap();
    connection.execute_batch(sql).unwrap();
}

fn reading(content: impl FnOnce(&Path)) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lacegraph.db");
    content(&path);
    let error = read(&path).unwrap_err();
    // Questions say the same.
    assert_eq!(told(&Database::open(&path).unwrap_err(), directory.path()), told(&error, directory.path()));
    told(&error, directory.path())
}

#[test]
fn what_is_no_database_is_not_ours() {
    let text = reading(|path| {
        std::fs::write(path, "a letter, longer than the header of a database would be".repeat(9)).unwrap();
    });
    assert_snapshot!(text, @r#"
    [run]/lacegraph.db is not a lacegraph database
    hint: name the directory of an export, or the lacegraph.db in it
    "#);
    assert_eq!(reading(|path| std::fs::write(path, "").unwrap()), text);
    assert_eq!(reading(|path| std::fs::write(path, "short").unwrap()), text);
    let other_program = |path: &Path| Connection::open(path).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    assert_eq!(reading(other_program), text);
}

#[test]
fn what_is_not_there_cannot_be_opened() {
    assert_snapshot!(reading(|_| ()), @r#"
    failed to open the database [run]/lacegraph.db: unable to open database file: [run]/lacegraph.db: Error code 14: unable to open database file
    hint: name the directory of an export, or the lacegraph.db in it
    "#);
}

#[test]
fn a_database_with_other_tables_names_both_versions() {
    assert_snapshot!(after("PRAGMA user_version = 99"), @r#"
    [run]/lacegraph.db has tables of version 99, this lacegraph reads versions 1 to 3
    hint: a newer lacegraph wrote it: update this one to read it
    "#);
    assert_snapshot!(after("PRAGMA user_version = 0"), @r#"
    [run]/lacegraph.db has tables of version 0, this lacegraph reads versions 1 to 3
    hint: read it with the lacegraph that wrote it, or export again with this one
    "#);
}

#[test]
fn a_file_cut_anywhere_is_never_read() {
    let stored = Stored::of(&fixed::graph());
    let whole = std::fs::read(stored.path()).unwrap();
    assert!(read(&stored.path()).is_ok());
    let mut told_of = std::collections::BTreeSet::new();
    for length in (0..whole.len()).step_by(4096).chain([1, 50, 99, 100, 101, 2000, whole.len() - 1]) {
        std::fs::write(stored.path(), &whole[..length]).unwrap();
        let text = told(&read(&stored.path()).unwrap_err(), stored.directory.path());
        told_of.insert(text.replace(&whole.len().to_string(), "[whole]").replace(&length.to_string(), "[length]"));
    }
    assert_snapshot!(told_of.into_iter().collect::<Vec<_>>().join("\n"), @r#"
    [run]/lacegraph.db is damaged: database disk image is malformed
    hint: export again; the file was changed or cut after it was written
    [run]/lacegraph.db is damaged: it has [length] bytes, its pages make [whole]
    hint: export again; the file was changed or cut after it was written
    [run]/lacegraph.db is not a lacegraph database
    hint: name the directory of an export, or the lacegraph.db in it
    "#);
}

#[test]
fn a_flipped_bit_is_never_taken_for_another_snapshot() {
    let graph = fixed::graph();
    let stored = Stored::of(&graph);
    let whole = std::fs::read(stored.path()).unwrap();
    let mut refused = 0;
    for place in (0..whole.len()).step_by(487) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x04;
        std::fs::write(stored.path(), &bytes).unwrap();
        match read(&stored.path()) {
            // A bit of a derived table, an index or unused space.
            Ok(run) => assert!(run.snapshot == *graph.snapshot(), "byte {place}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn a_changed_name_is_noticed() {
    let text = after("UPDATE users SET identity = 'mallory@example.com' WHERE identity = 'boss@example.com'");
    let claimed = format!("it says to be {}", fixed::graph().snapshot().id());
    assert!(text.contains(&claimed), "{text}");
    let (before, rest) = text.split_once("snapshot 20260901T080000Z-").unwrap();
    let (_, after) = rest.split_once(", ").unwrap();
    assert_snapshot!(format!("{before}snapshot [other], {}", after.replace(fixed::graph().snapshot().id(), "[claimed]")), @r#"
    [run]/lacegraph.db is damaged: its rows make snapshot [other], it says to be [claimed]
    hint: export again; the file was changed or cut after it was written
    "#);
}

#[test]
fn values_that_cannot_be_are_named_by_table_and_column() {
    let said = |sql| after(sql).lines().next().unwrap().to_owned();
    let all = [
        said("UPDATE snapshot SET captured_at_utc = 'yesterday at eight'"),
        said("UPDATE snapshot SET data_source = 'hearsay'"),
        said("DELETE FROM snapshot"),
        said(
            "CREATE TABLE other AS SELECT * FROM snapshot; UPDATE other SET snapshot_id = 'x';
            INSERT INTO snapshot SELECT * FROM other",
        ),
        said("DELETE FROM settings"),
        said("UPDATE settings SET setting_value = 'many' WHERE setting_name = 'dormant_after_days'"),
        said("UPDATE settings SET setting_value = 'not json' WHERE setting_name = 'internal_domains'"),
        said("UPDATE accounts SET organization_key = 99"),
        said("UPDATE accounts SET organization_key = -9223372036854775808"),
        said("UPDATE accounts SET rows_returned = -1"),
        said("UPDATE accounts SET account_name = x'ff'"),
        said("UPDATE accounts SET account_name = CAST(x'ff' AS TEXT)"),
        said("UPDATE accounts SET api_model = 'telepathy' WHERE api_model IS NOT NULL"),
        said("UPDATE memberships SET user_key = 0 WHERE user_key = 1"),
        said("UPDATE memberships SET role_names = 'ADMIN'"),
        said("UPDATE memberships SET last_login_seen = 'never'"),
        said("UPDATE memberships SET last_login_utc = NULL"),
        said("UPDATE memberships SET enabled_seen = 'perhaps'"),
        said("UPDATE source_calls SET body_sha256 = 'zz' WHERE body_sha256 IS NOT NULL"),
        said("UPDATE source_calls SET http_status = 99999"),
        said("UPDATE user_groups SET account_key = 99"),
        said("UPDATE optional_sources SET window_end_utc = NULL WHERE window_end_utc IS NOT NULL"),
        said("UPDATE optional_sources SET read_status = 'fine'"),
        said("UPDATE audit_events SET user_key = 99"),
        said("UPDATE api_keys SET enabled_seen = 'perhaps'"),
        said("UPDATE problems SET severity = 'mild'"),
        said("DROP VIEW v_unlisted_accounts; DROP TABLE problems"),
        said("ALTER TABLE problems RENAME COLUMN message TO text_of_it"),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    [run]/lacegraph.db is damaged: a value of snapshot.captured_at_utc cannot be
    [run]/lacegraph.db is damaged: a value of snapshot.data_source cannot be
    [run]/lacegraph.db is damaged: the table snapshot has not exactly one row
    [run]/lacegraph.db is damaged: the table snapshot has not exactly one row
    [run]/lacegraph.db is damaged: the table settings lacks a row
    [run]/lacegraph.db is damaged: a value of settings.setting_value cannot be
    [run]/lacegraph.db is damaged: a value of settings.setting_value cannot be
    [run]/lacegraph.db is damaged: a value of accounts.organization_key cannot be
    [run]/lacegraph.db is damaged: a value of accounts.organization_key cannot be
    [run]/lacegraph.db is damaged: a value of accounts.rows_returned cannot be
    [run]/lacegraph.db is damaged: a value of accounts.account_name cannot be
    [run]/lacegraph.db is damaged: a value of accounts.account_name cannot be
    [run]/lacegraph.db is damaged: a value of accounts.api_model cannot be
    [run]/lacegraph.db is damaged: a value of memberships.user_key cannot be
    [run]/lacegraph.db is damaged: a value of memberships.role_names cannot be
    [run]/lacegraph.db is damaged: a value of memberships.last_login_seen cannot be
    [run]/lacegraph.db is damaged: a value of memberships.last_login_seen cannot be
    [run]/lacegraph.db is damaged: a value of memberships.enabled_seen cannot be
    [run]/lacegraph.db is damaged: a value of source_calls.body_sha256 cannot be
    [run]/lacegraph.db is damaged: a value of source_calls.http_status cannot be
    [run]/lacegraph.db is damaged: a value of user_groups.account_key cannot be
    [run]/lacegraph.db is damaged: a value of optional_sources.window_start_utc cannot be
    [run]/lacegraph.db is damaged: a value of optional_sources.read_status cannot be
    [run]/lacegraph.db is damaged: a value of audit_events.user_key cannot be
    [run]/lacegraph.db is damaged: a value of api_keys.enabled_seen cannot be
    [run]/lacegraph.db is damaged: a value of problems.severity cannot be
    [run]/lacegraph.db is damaged: problems: no such table: problems
    [run]/lacegraph.db is damaged: problems: Invalid column name: message
    "#);
}

/// What `read` derives again, so that a change to it is no change of the snapshot.
const DERIVED: [&str; 13] = [
    "accounts.conflict_count",
    "accounts.left_out_count",
    "accounts.membership_count",
    "accounts.user_count",
    "accounts.admin_count",
    "memberships.counts_as_enabled",
    "memberships.last_login_here_utc",
    "memberships.last_login_here_date",
    "membership_conflicts.counts_as_enabled",
    "membership_conflicts.last_login_here_utc",
    "membership_conflicts.last_login_here_date",
    "audit_events.happened_date",
    "api_keys.is_enabled",
];

#[test]
fn any_changed_cell_of_an_observed_table_is_noticed() {
    let observed = SCHEMA.split("-- derived").next().unwrap();
    let tables: Vec<_> =
        observed.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" (")).collect();
    assert_eq!(tables.len(), 16);
    let of_snapshot = ["snapshot_id", "captured_at_utc", "completed_at_utc", "tool_version", "data_source"];
    let of_users = ["identity", "user_type"];
    let mut tried = 0;
    for table in tables.into_iter().filter(|table| *table != "settings") {
        let (names, count) = {
            let stored = fixed::stored();
            let connection = stored.connect();
            (columns(connection, table), rows(connection, &format!("SELECT * FROM {table}")).len())
        };
        for (column, declared) in names {
            let is_derived = DERIVED.contains(&&*format!("{table}.{column}"))
                || (table == "snapshot" && !of_snapshot.contains(&&*column))
                || (table == "users" && !of_users.contains(&&*column));
            // A key that nothing but the order depends on may change as long as the order stays.
            let is_own_key = column.ends_with("_key")
                && columns(fixed::stored().connect(), table)[0].0 == column
                && !["memberships", "organization_grants", "user_group_members"].contains(&table);
            if is_derived || is_own_key {
                continue;
            }
            for row in 0..count.min(3) {
                let stored = fixed::stored();
                let new = match &*declared {
                    "TEXT" => format!("coalesce({column}, '') || 'x'"),
                    "BOOLEAN" => format!("CASE WHEN {column} IS NULL THEN 1 WHEN {column} = 1 THEN 0 ELSE NULL END"),
                    "DATETIME" => format!(
                        "CASE WHEN {column} IS NULL THEN '2020-01-01 00:00:00' ELSE datetime({column}, '+1 second') END"
                    ),
                    _ => format!("coalesce({column}, 0) + 1"),
                };
                let order = columns(stored.connect(), table);
                let keys: Vec<_> = order.iter().map(|(name, _)| name.as_str()).collect();
                let keys = keys.join(", ");
                // The row is found by everything in it, as tables without a rowid have no other handle.
                let picked = format!("SELECT {keys} FROM {table} ORDER BY {keys} LIMIT 1 OFFSET {row}");
                let same =
                    order.iter().map(|(name, _)| format!("t.{name} IS p.{name}")).collect::<Vec<_>>().join(" AND ");
                let sql = format!(
                    "CREATE TEMP TABLE p AS {picked};
                     UPDATE OR IGNORE {table} AS t SET {column} = {new} WHERE EXISTS (SELECT 1 FROM p WHERE {same});
                     DROP TABLE p;"
                );
                let before = rows(stored.connect(), &format!("SELECT * FROM {table}"));
                change(&stored, &sql);
                let changed: Vec<Vec<Value>> = rows(stored.connect(), &format!("SELECT * FROM {table}"));
                if before == changed {
                    // Another row has that key.
                    continue;
                }
                tried += 1;
                match read(&stored.path()) {
                    Err(ExportError::Damaged { .. }) => {}
                    other => panic!("{table}.{column} of row {row}: {other:?}"),
                }
            }
        }
    }
    assert!(tried > 150, "{tried}");
}

#[test]
fn any_missing_row_of_an_observed_table_is_noticed() {
    for table in [
        "organizations",
        "accounts",
        "users",
        "memberships",
        "membership_conflicts",
        "user_identifiers",
        "organization_grants",
        "user_groups",
        "user_group_members",
        "source_calls",
        "problems",
    ] {
        let stored = fixed::stored();
        let first = &columns(stored.connect(), table)[0].0;
        change(&stored, &format!("DELETE FROM {table} WHERE {first} = (SELECT max({first}) FROM {table})"));
        match read(&stored.path()) {
            Err(ExportError::Damaged { .. }) => {}
            other => panic!("{table}: {other:?}"),
        }
    }
}
