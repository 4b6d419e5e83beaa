//! The database: reads back equal, is sound, and means what its dictionary says.

use std::collections::BTreeSet;

use lacegraph_export::sqlite::{APPLICATION_ID, SCHEMA_VERSION, read, write};
use lacegraph_export::{ExportError, FIGURES, SCHEMA};
use lacegraph_model::{Graph, Settings};
use proptest::prelude::*;

use crate::fixed::{self, Stored, columns, shown, tables_and_views};
use crate::random::{config, world};

/// Snapshot and settings come back equal.
fn assert_reads_back(graph: &Graph, stored: &Stored) {
    let run = read(&stored.path()).unwrap();
    assert_eq!(run.snapshot.id(), graph.snapshot().id());
    assert!(run.snapshot == *graph.snapshot(), "the id is the same, the records are not");
    assert_eq!(run.settings, *graph.settings());
}

fn assert_sound(stored: &Stored) {
    assert_eq!(stored.lines("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(stored.lines("PRAGMA foreign_key_check"), [""; 0]);
    let twice = "SELECT identity, account_id FROM v_effective_access GROUP BY identity, account_id HAVING count(*) > 1";
    assert_eq!(stored.lines(twice), [""; 0]);
}

/// Every figure of the one row of `snapshot`, from the other tables.
fn assert_counts(graph: &Graph, stored: &Stored) {
    let totals = graph.totals();
    for figure in &FIGURES {
        assert_eq!(stored.lines(figure.sql), [figure.of(&totals).to_string()], "{}", figure.name);
    }
    let told = "SELECT organization_count, expected_account_count, in_scope_account_count, complete_account_count,
        user_count, person_count, membership_count, grant_count, effective_access_count, org_admin_count, problem_count,
        snapshot_status, source_hosts, unread_account_count, excluded_account_count, unlisted_account_count, error_count,
        captured_date, dormant_after_days FROM snapshot";
    let counted = "SELECT (SELECT count(*) FROM organizations),
        (SELECT count(*) FROM accounts WHERE fetch_status <> 'unlisted'),
        (SELECT count(*) FROM accounts WHERE fetch_status NOT IN ('unlisted', 'excluded')),
        (SELECT count(*) FROM accounts WHERE fetch_status = 'complete'),
        (SELECT count(*) FROM users),
        (SELECT count(*) FROM users WHERE user_type = 'person'),
        (SELECT count(*) FROM memberships),
        (SELECT count(*) FROM access_grants),
        (SELECT count(*) FROM v_effective_access),
        (SELECT count(DISTINCT user_key) FROM organization_grants WHERE org_role = 'ORG_ADMIN' AND is_enabled),
        (SELECT count(*) FROM problems),
        (SELECT iif(count(*) > 0, 'partial', 'complete') FROM problems WHERE severity = 'error'),
        (SELECT group_concat(api_host, ', ') FROM (SELECT DISTINCT api_host FROM organizations ORDER BY api_host)),
        (SELECT count(*) FROM accounts WHERE fetch_status IN ('incomplete', 'failed', 'not_attempted')),
        (SELECT count(*) FROM accounts WHERE fetch_status = 'excluded'),
        (SELECT count(*) FROM accounts WHERE fetch_status = 'unlisted'),
        (SELECT count(*) FROM problems WHERE severity = 'error'),
        (SELECT date(captured_at_utc) FROM snapshot),
        (SELECT setting_value FROM settings WHERE setting_name = 'dormant_after_days')";
    assert_eq!(stored.lines(told), stored.lines(counted));
    assert_accounts(stored);
}

/// Every derived column of `accounts`, from the other tables, and that the records of each account add up.
fn assert_accounts(stored: &Stored) {
    let told = "SELECT account_id, membership_count, conflict_count, left_out_count, user_count, admin_count,
        statements_received FROM accounts ORDER BY account_id";
    let counted = "SELECT a.account_id,
        (SELECT count(*) FROM memberships m WHERE m.account_key = a.account_key),
        (SELECT count(*) FROM membership_conflicts c WHERE c.account_key = a.account_key),
        iif(a.fetch_status = 'excluded', a.statements_received, 0),
        (SELECT count(*) FROM v_effective_access v WHERE v.account_id = a.account_id),
        (SELECT count(*) FROM v_effective_access v WHERE v.account_id = a.account_id AND v.access_level = 'admin'),
        a.membership_count + a.conflict_count + a.left_out_count + a.duplicates_merged
        FROM accounts a ORDER BY a.account_id";
    assert_eq!(stored.lines(told), stored.lines(counted));
}

/// Every derived column of `users`, from the other tables.
fn assert_users(stored: &Stored) {
    let told = "SELECT identity, is_enabled, is_org_admin, is_org_user, highest_privilege, account_count,
        admin_account_count, membership_count, last_login_anywhere_utc, is_dormant, last_login_anywhere_date,
        has_unknown_power FROM users ORDER BY identity";
    let counted = "SELECT u.identity,
        EXISTS (SELECT 1 FROM access_grants g WHERE g.user_key = u.user_key AND g.is_enabled)
            OR EXISTS (SELECT 1 FROM organization_grants o WHERE o.user_key = u.user_key AND o.is_enabled),
        EXISTS (SELECT 1 FROM organization_grants o WHERE o.user_key = u.user_key AND o.org_role = 'ORG_ADMIN'),
        EXISTS (SELECT 1 FROM organization_grants o WHERE o.user_key = u.user_key AND o.org_role = 'ORG_USER'),
        coalesce((SELECT access_level FROM (
            SELECT r.access_level, r.privilege_rank FROM access_grants g JOIN roles r ON r.role_key = g.role_key
            WHERE g.user_key = u.user_key AND g.is_enabled
            UNION ALL
            SELECT r.access_level, r.privilege_rank FROM organization_grants o
            JOIN roles r ON r.role_name = o.org_role AND r.role_scope = 'organization'
            WHERE o.user_key = u.user_key AND o.is_enabled
        ) ORDER BY privilege_rank DESC LIMIT 1), 'none'),
        (SELECT count(*) FROM v_effective_access v WHERE v.identity = u.identity),
        (SELECT count(*) FROM v_effective_access v WHERE v.identity = u.identity AND v.access_level = 'admin'),
        (SELECT count(*) FROM memberships m WHERE m.user_key = u.user_key),
        (SELECT max(last_login_here_utc) FROM memberships m WHERE m.user_key = u.user_key),
        u.login_state = 'dormant', date(u.last_login_anywhere_utc),
        EXISTS (SELECT 1 FROM access_grants g JOIN roles r ON r.role_key = g.role_key
            WHERE g.user_key = u.user_key AND g.is_enabled AND r.access_level = 'unknown')
            OR EXISTS (SELECT 1 FROM organization_grants o
            JOIN roles r ON r.role_name = o.org_role AND r.role_scope = 'organization'
            WHERE o.user_key = u.user_key AND o.is_enabled AND r.access_level = 'unknown')
        FROM users u ORDER BY u.identity";
    assert_eq!(stored.lines(told), stored.lines(counted));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_snapshot_reads_back_equal(world in world()) {
        let graph = Graph::new(world.snapshot(), Settings::default());
        let stored = Stored::of(&graph);
        assert_reads_back(&graph, &stored);
        assert_sound(&stored);
    }

    #[test]
    fn figures_of_any_snapshot_can_be_counted_again(world in world()) {
        let graph = Graph::new(world.snapshot(), Settings::default());
        let stored = Stored::of(&graph);
        assert_counts(&graph, &stored);
        assert_users(&stored);
    }
}

#[test]
fn the_fixed_snapshot_reads_back_equal() {
    let graph = fixed::graph();
    let stored = Stored::of(&graph);
    assert_reads_back(&graph, &stored);
    assert_sound(&stored);
    assert_counts(&graph, &stored);
    assert_users(&stored);
}

#[test]
fn the_fixed_snapshot_has_a_row_in_every_table_and_view() {
    let stored = Stored::of(&fixed::graph());
    for table in tables_and_views(stored.connect()) {
        assert!(!stored.rows(&format!("SELECT 1 FROM {table}")).is_empty(), "{table}");
    }
}

#[test]
fn what_is_read_back_gives_the_same_derived_tables() {
    let stored = Stored::of(&fixed::graph());
    let run = read(&stored.path()).unwrap();
    let again = Stored::of(&Graph::new(run.snapshot, run.settings));
    assert!(std::fs::read(stored.path()).unwrap() == std::fs::read(again.path()).unwrap());
}

#[test]
fn the_same_graph_gives_the_same_bytes() {
    let bytes = |stored: &Stored| std::fs::read(stored.path()).unwrap();
    assert!(bytes(&Stored::of(&fixed::graph())) == bytes(&Stored::of(&fixed::graph())));
}

#[test]
fn the_settings_are_kept_whatever_they_say() {
    let internal_domains = vec!["exämple.de".to_owned(), "quote\"d".to_owned(), String::new()];
    let settings = Settings { dormant_after_days: -1, internal_domains };
    let graph = Graph::new(fixed::graph().snapshot().clone(), settings);
    assert_reads_back(&graph, &Stored::of(&graph));
}

#[test]
fn the_file_says_whose_it_is_and_stands_alone() {
    let stored = Stored::of(&fixed::graph());
    assert_eq!(stored.lines("PRAGMA application_id"), [APPLICATION_ID.to_string()]);
    assert_eq!(stored.lines("PRAGMA user_version"), [SCHEMA_VERSION.to_string()]);
    assert_eq!(stored.lines("PRAGMA journal_mode"), ["delete"]);
    assert_eq!(stored.lines("PRAGMA encoding"), ["UTF-8"]);
    assert_eq!(std::fs::read_dir(stored.directory.path()).unwrap().count(), 1);
    // The planner's figures are there for both indices.
    let analyzed = stored.lines("SELECT DISTINCT idx FROM sqlite_stat1 WHERE idx LIKE '%_by_account' ORDER BY idx");
    assert_eq!(analyzed, ["access_grants_by_account"]);
}

#[test]
fn the_dictionary_and_the_schema_name_the_same_tables_columns_and_types() {
    let stored = Stored::of(&fixed::graph());
    let connection = stored.connect();
    let mut expected = BTreeSet::new();
    for table in tables_and_views(connection) {
        expected.insert((table.clone(), String::new(), String::new()));
        for (column, declared) in columns(connection, &table) {
            expected.insert((table.clone(), column, declared));
        }
    }
    let rows = stored.rows("SELECT table_name, column_name, declared_type FROM data_dictionary");
    let found: BTreeSet<_> = rows.iter().map(|row| (shown(&row[0]), shown(&row[1]), shown(&row[2]))).collect();
    assert_eq!(found.len(), rows.len());
    assert_eq!(found.difference(&expected).collect::<Vec<_>>(), Vec::<&(String, String, String)>::new());
    assert_eq!(expected.difference(&found).collect::<Vec<_>>(), Vec::<&(String, String, String)>::new());
}

#[test]
fn columns_have_a_type_that_drivers_know_and_a_name_that_needs_no_quotes() {
    let stored = Stored::of(&fixed::graph());
    let connection = stored.connect();
    let reserved =
        ["user", "group", "at", "order", "end", "grant", "role", "index", "table", "values", "key", "to", "from"];
    for table in tables_and_views(connection) {
        for (column, declared) in columns(connection, &table) {
            assert!(
                ["TEXT", "INTEGER", "BOOLEAN", "DATETIME", "DATE"].contains(&&*declared),
                "{table}.{column}: {declared:?}"
            );
            assert!(!reserved.contains(&&*column), "{table}.{column}");
            assert!(column.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()));
            assert_eq!(declared == "DATETIME", column.ends_with("_utc"), "{table}.{column}: {declared}");
            assert_eq!(declared == "DATE", column.ends_with("_date"), "{table}.{column}: {declared}");
            let is_question = ["is_", "has_"].iter().any(|start| column.starts_with(start));
            assert!(!is_question || declared == "BOOLEAN", "{table}.{column}: {declared}");
        }
    }
}

#[test]
fn what_people_filter_by_is_never_null() {
    let stored = Stored::of(&fixed::graph());
    let columns = "organization_name account_id account_name identity user_type role_name access_level grant_origin \
        is_enabled is_strongest is_effective has_unresolved_group login_state is_dormant fetch_status domain_class \
        privilege_rank highest_privilege";
    for column in columns.split_whitespace() {
        assert_eq!(stored.lines(&format!("SELECT count(*) FROM v_access WHERE {column} IS NULL")), ["0"], "{column}");
    }
}

#[test]
fn the_schema_refuses_what_cannot_be() {
    let stored = Stored::of(&fixed::graph());
    let connection = stored.connect();
    connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    for sql in [
        "UPDATE users SET is_enabled = 2",
        "UPDATE users SET last_login_anywhere_utc = '2026-09-01'",
        "UPDATE accounts SET fetch_status = 'fine'",
        "UPDATE access_grants SET user_key = 999",
        "INSERT INTO users SELECT user_key + 100, upper(identity), user_type, full_name, email_domain, domain_class, 3,
            0, 0, 0, 'none', 0, 0, 0, 'never', 0, NULL, NULL, NULL FROM users",
        "UPDATE users SET identity = 'ann@example.com'",
        "UPDATE access_grants SET role_key = 1, source_key = 1, account_key = 1",
    ] {
        let error = connection.execute(sql, []).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::ConstraintViolation), "{sql}: {error}");
    }
}

#[test]
fn a_database_that_is_there_is_not_overwritten() {
    let stored = Stored::of(&fixed::graph());
    let before = std::fs::read(stored.path()).unwrap();
    let error = write(&fixed::graph(), &stored.path()).unwrap_err();
    assert!(matches!(error, ExportError::Io { action: "create", .. }), "{error:?}");
    assert!(std::fs::read(stored.path()).unwrap() == before);
}

#[test]
fn the_schema_is_made_of_comments_and_statements_that_sqlite_takes_whole() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let stored = Stored::of(&fixed::graph());
    assert_eq!(tables_and_views(&connection), tables_and_views(stored.connect()));
    let indices = "SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    assert_eq!(fixed::rows(&connection, indices), stored.rows(indices));
}

/// The CHECKs are off while the file is written, so that `integrity_check` alone guards them: it must.
#[test]
fn a_value_that_a_check_forbids_is_found_by_integrity_check() {
    let stored = Stored::of(&fixed::graph());
    assert_sound(&stored);
    let writer = rusqlite::Connection::open(stored.path()).unwrap();
    writer.execute_batch("PRAGMA ignore_check_constraints = ON; UPDATE memberships SET enabled_seen = 2;").unwrap();
    assert!(stored.lines("PRAGMA integrity_check")[0].contains("CHECK constraint failed in memberships"));
}
