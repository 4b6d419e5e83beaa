//! CSV: the same rows as the tables and views, in the form that RFC 4180 and spreadsheets want.

use std::collections::BTreeMap;
use std::path::Path;

use insta::assert_snapshot;
use lacegraph_export::ExportError;
use lacegraph_export::csv::{CellText, CsvFiles, NeutralisedCells, write, write_access};
use lacegraph_model::{Graph, Settings};
use proptest::prelude::*;
use rusqlite::types::Value;

use crate::csv_reader::read;
use crate::fixed::{self, Stored, columns};
use crate::random::{config, world};

/// Every file by name.
fn files(graph: &Graph) -> BTreeMap<String, String> {
    written(graph, CellText::Neutralised).0
}

/// Every file by name, and which of their cells were neutralised.
fn written(graph: &Graph, text: CellText) -> (BTreeMap<String, String>, NeutralisedCells) {
    let directory = tempfile::tempdir().unwrap();
    let CsvFiles { files, neutralised } = write(graph, directory.path(), text).unwrap();
    let files: BTreeMap<_, _> = files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(directory.path().join(&file.name)).unwrap();
            assert_eq!(read(&text).unwrap().len() as u64, file.rows + 1, "{}", file.name);
            (file.name, text)
        })
        .collect();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), files.len());
    (files, neutralised)
}

/// The cell that a value of SQLite should be in CSV, told from the declared type of its column.
fn cell(value: &Value, declared_type: &str) -> String {
    match (value, declared_type) {
        (Value::Null, _) => String::new(),
        (Value::Integer(0), "BOOLEAN") => "false".to_owned(),
        (Value::Integer(1), "BOOLEAN") => "true".to_owned(),
        (Value::Integer(number), "INTEGER") => number.to_string(),
        (Value::Text(time), "DATETIME") => {
            let (date, time) = time.split_once(' ').unwrap();
            format!("{date}T{time}Z")
        }
        (Value::Text(date), "DATE") => date.clone(),
        (Value::Text(text), "TEXT") => {
            // Written anew from the rule: what a program may strip from the left does not hide the sign.
            let is_control = text.starts_with(['\t', '\r', '\n', '\0']);
            let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
            if is_control || is_formula { format!("'{text}") } else { text.clone() }
        }
        other => panic!("a value that its type does not allow: {other:?}"),
    }
}

/// Compares a file with a table or view of the database.
fn assert_same_rows(stored: &Stored, table: &str, text: &str) {
    let connection = stored.connect();
    let columns = columns(connection, table);
    let mut expected: Vec<Vec<String>> = stored
        .rows(&format!("SELECT * FROM {table}"))
        .iter()
        .map(|row| row.iter().zip(&columns).map(|(value, (_, declared))| cell(value, declared)).collect())
        .collect();
    let mut records = read(text).unwrap();
    let header = records.remove(0);
    assert_eq!(header, columns.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), "{table}");
    if table.starts_with("v_") {
        // A view has no order of its own.
        expected.sort();
        records.sort();
    }
    assert_eq!(records, expected, "{table}");
}

fn assert_same_everywhere(graph: &Graph) {
    let stored = Stored::of(graph);
    let files = files(graph);
    let tables = fixed::tables_and_views(stored.connect());
    let tables: Vec<_> = tables.iter().filter(|table| !table.starts_with("v_")).collect();
    assert_eq!(files.len(), tables.len() + 2);
    for table in tables {
        assert_same_rows(&stored, table, &files[&format!("{table}.csv")]);
    }
    assert_same_rows(&stored, "v_access", &files["access.csv"]);
    assert_same_rows(&stored, "v_effective_access", &files["effective_access.csv"]);
}

#[test]
fn every_file_has_the_rows_of_its_table_or_view() {
    assert_same_everywhere(&fixed::graph());
}

proptest! {
    // Each case writes and compares two dozen files.
    #![proptest_config(ProptestConfig { cases: config().cases / 4, ..config() })]

    #[test]
    fn every_file_has_the_rows_of_its_table_or_view_whatever_the_data(world in world()) {
        assert_same_everywhere(&Graph::new(world.snapshot(), Settings::default()));
    }
}

#[test]
fn wide_listings_are_sorted_by_identity_and_account() {
    let files = files(&fixed::graph());
    for (name, strictly) in [("effective_access.csv", true), ("access.csv", false)] {
        let records = read(&files[name]).unwrap();
        let place = |wanted: &str| records[0].iter().position(|column| column == wanted).unwrap();
        let (identity, account) = (place("identity"), place("account_id"));
        // The apostrophe is not part of the identity.
        let keys = records[1..].iter().map(|row| (row[identity].trim_start_matches('\'').to_owned(), &row[account]));
        assert!(keys.is_sorted_by(|a, b| if strictly { a < b } else { a <= b }), "{name}");
    }
}

#[test]
fn every_file_is_rfc_4180_in_utf_8_without_a_mark() {
    for (name, text) in files(&fixed::graph()) {
        assert!(!text.starts_with('\u{feff}'), "{name}");
        assert!(text.ends_with("\r\n"), "{name}");
        let records = read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(records.iter().all(|record| record.len() == records[0].len()), "{name}");
    }
}

#[test]
fn no_cell_of_text_begins_like_a_formula() {
    let files = files(&fixed::graph());
    let stored = Stored::of(&fixed::graph());
    let mut neutralised = 0;
    for (name, text) in &files {
        let table = name.strip_suffix(".csv").unwrap();
        let table = if table.ends_with("access") { format!("v_{table}") } else { table.to_owned() };
        let columns = columns(stored.connect(), &table);
        for record in &read(text).unwrap()[1..] {
            for (cell, (_, declared)) in record.iter().zip(&columns) {
                let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@']);
                assert!(!is_formula || declared == "INTEGER", "{name}: {cell:?}");
                neutralised += usize::from(cell.starts_with('\''));
            }
        }
    }
    assert!(neutralised >= 6, "the fixture has formulas in owner, full name and group");
}

/// The list is what somebody needs who joins CSV to the database by a key that a tenant wrote.
#[test]
fn every_neutralised_cell_is_listed_and_raw_files_have_none() {
    let graph = fixed::graph();
    let (neutralised, listed) = written(&graph, CellText::Neutralised);
    let (raw, none) = written(&graph, CellText::Raw);
    assert_eq!(none, NeutralisedCells::default());
    let mut found = Vec::new();
    for (name, text) in &neutralised {
        let (records, raw) = (read(text).unwrap(), read(&raw[name]).unwrap());
        assert_eq!(records.len(), raw.len());
        for (row, (cells, raw)) in records.iter().zip(&raw).enumerate() {
            for (column, (cell, raw)) in cells.iter().zip(raw).enumerate().filter(|(_, (cell, raw))| cell != raw) {
                assert_eq!(cell.strip_prefix('\''), Some(raw.as_str()));
                found.push((name.clone(), row as u64, records[0][column].clone()));
            }
        }
    }
    let listed: Vec<_> = listed.cells.into_iter().map(|cell| (cell.file, cell.row, cell.column)).collect();
    assert!(listed.len() > 6, "{listed:?}");
    assert_eq!(listed, found);
}

#[test]
fn quotes_commas_and_line_ends_survive() {
    let files = files(&fixed::graph());
    let users = &files["users.csv"];
    assert!(users.contains(",\"Ann \"\"the boss\"\" Lee,\r\nMBA\","), "{users}");
    assert!(files["accounts.csv"].contains(",\"'=platform, \"\"core\"\"\",production,\"pci, sox\"\r\n"));
}

#[test]
fn times_are_rfc_3339_and_truth_is_spelled_out() {
    let files = files(&fixed::graph());
    let records = read(&files["effective_access.csv"]).unwrap();
    let of = |account: &str, identity: &str| {
        let record = records.iter().find(|record| record[1] == account && record[3] == identity).unwrap();
        record.join("|").replace("\r\n", "[line end]")
    };
    assert_snapshot!(of("acme/acme-down", "ann@example.com"), @r#"acme|acme/acme-down|ACME-Down|ann@example.com|Ann "the boss" Lee,[line end]MBA|example.com|internal|person|ADMIN|admin|80|true|org_admin|||true|true|true|false|org_admin|||2026-08-31T08:00:00Z|2026-08-31|1|active|false|failed|||"#);
    assert_snapshot!(of("beta/acme-prod", "ann@example.com"), @r#"Beta|beta/acme-prod|Acme-PROD|ann@example.com|Ann "the boss" Lee,[line end]MBA|example.com|internal|person|POWER_USER|write|60|true|direct|||true|true|true|false|org_admin|2026-08-31T08:00:00Z|2026-08-31|2026-08-31T08:00:00Z|2026-08-31|1|active|false|complete|||"#);
    assert_snapshot!(of("acme/acme-newer", "service:acme/acme-newer/ci#S-1"), @r#"acme|acme/acme-newer|ACME-Newer|service:acme/acme-newer/ci#S-1|||none|service|POWER_USER|write|60|true|group|Power|LACEWORK_USER_GROUP_POWER_USER|true|true|true|false|write||||||not_applicable|false|complete|||"#);
    assert_snapshot!(of("acme/acme-newer", "eve@gmail.com"), @r#"acme|acme/acme-newer|ACME-Newer|eve@gmail.com||gmail.com|freemail|person|'+Auditors|unknown|40||group|'+Auditors|C1|true|true|true|true|unknown||||||unknown|false|complete|||"#);
}

#[test]
fn the_header_lines_are_part_of_the_contract() {
    let files = files(&fixed::graph());
    let headers: Vec<_> =
        files.iter().map(|(name, text)| format!("{name}: {}", text.lines().next().unwrap())).collect();
    assert_snapshot!(headers.join("\n"), @r#"
    access.csv: organization_name,account_id,account_name,identity,full_name,email_domain,domain_class,user_type,role_name,access_level,privilege_rank,is_privileged,grant_origin,group_name,group_guid,is_enabled,is_strongest,is_effective,has_unresolved_group,highest_privilege,last_login_here_utc,last_login_here_date,last_login_anywhere_utc,last_login_anywhere_date,days_since_login,login_state,is_dormant,fetch_status,account_owner,environment,audit_scope
    access_grants.csv: user_key,account_key,role_key,source_key,is_enabled,is_strongest,is_effective,has_unresolved_group
    accounts.csv: account_key,organization_key,account_id,account_name,cust_guid,fetch_status,fetch_detail,api_model,rows_returned,statements_received,duplicates_merged,conflict_count,left_out_count,membership_count,user_count,admin_count,account_owner,environment,audit_scope
    api_keys.csv: api_key_key,account_key,masked_key_id,key_fingerprint,enabled_seen,is_enabled,key_description
    audit_events.csv: event_key,account_key,happened_at_utc,happened_date,actor_name,user_key,event_name,user_action,event_description,stated_account_name
    data_dictionary.csv: table_name,column_name,declared_type,description
    effective_access.csv: organization_name,account_id,account_name,identity,full_name,email_domain,domain_class,user_type,role_name,access_level,privilege_rank,is_privileged,grant_origin,group_name,group_guid,is_enabled,is_strongest,is_effective,has_unresolved_group,highest_privilege,last_login_here_utc,last_login_here_date,last_login_anywhere_utc,last_login_anywhere_date,days_since_login,login_state,is_dormant,fetch_status,account_owner,environment,audit_scope
    grant_sources.csv: source_key,grant_origin,organization_key,group_key,group_name,group_guid
    graph_kinds.csv: graph_kind,is_in_force
    group_roles.csv: group_key,role_node_key
    membership_conflicts.csv: conflict_key,user_key,account_key,record_source,enabled_seen,counts_as_enabled,jit_created,role_names,user_guid,full_name,company,created_at_utc,updated_at_utc,updated_by,last_login_seen,last_login_utc,last_session_seen,last_session_utc,last_login_here_utc,last_login_here_date,group_names
    memberships.csv: user_key,account_key,record_source,enabled_seen,counts_as_enabled,jit_created,role_names,user_guid,full_name,company,created_at_utc,updated_at_utc,updated_by,last_login_seen,last_login_utc,last_session_seen,last_session_utc,last_login_here_utc,last_login_here_date
    optional_sources.csv: account_key,source_name,read_status,read_detail,window_start_utc,window_end_utc,rows_returned
    organization_grants.csv: user_key,organization_key,org_role,is_enabled,record_source,stated_by_account_key
    organizations.csv: organization_key,organization_name,api_host,expected_from
    problems.csv: problem_key,severity,problem_code,organization_key,account_key,page,row_number,message,hint
    role_implications.csv: from_role_node_key,to_role_node_key
    role_nodes.csv: role_node_key,organization_key,account_key,role_key,role_name
    roles.csv: role_key,role_scope,role_name,privilege_rank,is_privileged,access_level
    settings.csv: setting_name,setting_value
    snapshot.csv: snapshot_id,captured_at_utc,captured_date,completed_at_utc,tool_version,snapshot_status,data_source,source_hosts,dormant_after_days,organization_count,expected_account_count,in_scope_account_count,complete_account_count,unread_account_count,excluded_account_count,unlisted_account_count,user_count,person_count,membership_count,grant_count,effective_access_count,org_admin_count,problem_count,error_count
    source_calls.csv: call_key,organization_key,account_key,endpoint,page,http_status,attempts,row_count,body_sha256
    user_group_members.csv: group_key,user_key
    user_groups.csv: group_key,account_key,group_guid,group_name,confers_role,confers_evidence
    user_identifiers.csv: identifier_key,user_key,identifier_kind,organization_key,account_key,identifier_value
    users.csv: user_key,identity,user_type,full_name,email_domain,domain_class,is_enabled,is_org_admin,is_org_user,has_unknown_power,highest_privilege,account_count,admin_account_count,membership_count,login_state,is_dormant,last_login_anywhere_utc,last_login_anywhere_date,days_since_login
    "#);
}

#[test]
fn the_listings_alone_are_the_files_of_those_names() {
    let graph = fixed::graph();
    let files = files(&graph);
    let (mut every, mut effective) = (Vec::new(), Vec::new());
    write_access(&graph, &mut every, &mut effective, CellText::Neutralised, Path::new("named-only")).unwrap();
    assert_eq!(String::from_utf8(every).unwrap(), files["access.csv"]);
    assert_eq!(String::from_utf8(effective).unwrap(), files["effective_access.csv"]);
}

#[test]
fn a_file_that_is_there_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path().join("effective_access.csv");
    std::fs::write(&there, "mine").unwrap();
    let error = write(&fixed::graph(), directory.path(), CellText::Raw).unwrap_err();
    assert!(matches!(&error, ExportError::Io { action: "create", path, .. } if *path == there), "{error:?}");
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "mine");
}

#[test]
fn a_disk_that_is_full_is_an_error_with_a_hint() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let graph = fixed::graph();
    let path = Path::new("csv/access.csv");
    let text = CellText::Raw;
    let errors =
        [write_access(&graph, Full, Vec::new(), text, path), write_access(&graph, Vec::new(), Full, text, path)];
    for error in errors.map(Result::unwrap_err) {
        assert_eq!(error.to_string(), "failed to write csv/access.csv");
        assert_eq!(error.hint(), "free space on that disk, or choose another place with --out");
    }
}

#[test]
fn the_same_graph_gives_the_same_files() {
    assert_eq!(files(&fixed::graph()), files(&fixed::graph()));
}
