//! `--with`: what accounts are asked for beside their members.

use insta::assert_snapshot;
use rusqlite::Connection;

use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::{Place, Run};

/// The small world, whose first account has an audit log and keys; the second has neither.
fn world() -> Mock {
    let hour = |hours: i64| {
        let time = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        (time.as_millisecond(), time.to_string())
    };
    let ((recent, _), (_, iso), (old, _)) = (hour(2), hour(48), hour(24 * 60));
    let log = format!(
        r#"{{"data": [
            {{"createdTime": {recent}, "accountName": "TINY-ONE", "userName": "Ann@tiny.example", "eventName": "ApiKeyCreated",
              "userAction": "create", "eventDescription": "=a key"}},
            {{"createdTime": "{iso}", "accountName": "TINY-ONE", "userName": "nobody@tiny.example", "eventName": "Login"}},
            {{"createdTime": {old}, "userName": "cleo@tiny.example", "eventName": "TooLongAgo"}}]}}"#
    );
    let keys = r#"{"data": [
        {"keyId": "TINYONE_SMALL0AUDIT0KEY0000000000000001", "enabled": 1, "props": {"description": "audit"}},
        {"keyId": "TINYONE_SMALL0OLD000KEY0000000000000002", "enabled": 0}]}"#;
    let fixture = Fixture::small()
        .write("tiny/accounts/TINY-ONE/AuditLogs.json", &log)
        .write("tiny/accounts/TINY-ONE/ApiKeys.json", keys);
    Mock::serve(fixture.world())
}

fn export(mock: &Mock, place: &Place, with: &[&str]) -> Run {
    place.run_with(&mock.variables("tiny"), &[&["export", "--env", "--out", "out"], with].concat())
}

/// The rows of a query on the export, each as one line.
fn lines(place: &Place, sql: &str) -> String {
    let database = Connection::open(place.path("out/lacegraph.db")).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let columns = statement.column_count();
    let cell = |value: rusqlite::types::Value| match value {
        rusqlite::types::Value::Null => "-".to_owned(),
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => panic!("{other:?}"),
    };
    let rows = statement.query_map([], |row| {
        let cells: rusqlite::Result<Vec<_>> = (0..columns).map(|column| row.get(column).map(cell)).collect();
        Ok(cells?.join(" | "))
    });
    rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap().join("\n")
}

#[test]
fn the_audit_log_and_the_keys_of_each_account_are_exported() {
    let (mock, place) = (world(), Place::new());
    let run = export(&mock, &place, &["--with", "audit-log=30,api-keys"]);
    // That one account has neither makes the result no less complete.
    assert_eq!(run.code, 0, "{}", run.text());
    assert_snapshot!(lines(&place, "SELECT account_name, source_name, read_status, rows_returned,
        julianday(window_end_utc) - julianday(window_start_utc) = 30 FROM v_optional_sources"), @"
    TINY-ONE | api_keys | complete | 2 | -
    TINY-ONE | audit_log | complete | 2 | 1
    TINY-TWO | api_keys | not_offered | 0 | -
    TINY-TWO | audit_log | not_offered | 0 | 1
    ");
    assert_snapshot!(lines(&place, "SELECT account_name, actor_name, identity, full_name, event_name, user_action,
        event_description, stated_account_name FROM v_audit_events ORDER BY happened_at_utc"), @"
    TINY-ONE | nobody@tiny.example | - | - | Login | - | - | -
    TINY-ONE | Ann@tiny.example | ann@tiny.example | - | ApiKeyCreated | create | =a key | -
    ");
    assert_snapshot!(lines(&place, "SELECT account_name, masked_key_id, key_fingerprint, is_enabled, key_description
        FROM v_api_keys"), @"
    TINY-ONE | TINYON…0001 | 46ac2b894bcd97f7 | 1 | audit
    TINY-ONE | TINYON…0002 | 2c5f761cc108f76f | 0 | -
    ");
    assert_snapshot!(lines(&place, "SELECT severity, problem_code, message FROM v_problems"), @"
    info | source_not_offered | ApiKeys gave nothing for 1 of 2 accounts: status 404 from TINY-TWO; it is not offered there, not to this key, or there is nothing in it
    info | source_not_offered | AuditLogs gave nothing for 1 of 2 accounts: status 404 from TINY-TWO; it is not offered there, not to this key, or there is nothing in it
    ");
    // Neither the id of a key nor an event outside of the window is in any file: `ended` looks for the secrets alone.
    for file in crate::place::files(&place.path("out")) {
        let bytes = fs_err::read(&file).unwrap();
        for hidden in ["SMALL0OLD000KEY", "TooLongAgo"] {
            let is_there = bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes());
            assert!(!is_there, "{hidden} is in {}", file.display());
        }
    }
    let events = fs_err::read_to_string(place.path("out/csv/audit_events.csv")).unwrap();
    assert!(events.contains(",'=a key,"), "{events}");
    let verified = place.run(&["verify", "out"]);
    assert_eq!(verified.code, 0, "{}", verified.text());
    let calls =
        mock.calls().into_iter().filter(|call| call.path.contains("AuditLogs") || call.path.contains("ApiKeys"));
    assert_eq!(calls.filter(|call| call.account_name.is_none()).count(), 0);
}

#[test]
fn nothing_of_it_is_asked_unless_it_is_said() {
    let (mock, place) = (world(), Place::new());
    assert_eq!(export(&mock, &place, &[]).code, 0);
    assert!(mock.calls().iter().all(|call| !call.path.contains("AuditLogs") && !call.path.contains("ApiKeys")));
    let sql = "SELECT (SELECT count(*) FROM optional_sources), (SELECT count(*) FROM audit_events),
        (SELECT count(*) FROM api_keys)";
    assert_eq!(lines(&place, sql), "0 | 0 | 0");
    // The files are there all the same, with the names of their columns.
    let keys = fs_err::read_to_string(place.path("out/csv/api_keys.csv")).unwrap();
    assert_eq!(keys.lines().count(), 1);
}

#[test]
fn the_flag_is_given_once_or_several_times() {
    let (mock, place) = (world(), Place::new());
    let run = export(&mock, &place, &["--with", "api-keys", "--with", "audit-log"]);
    assert_eq!(run.code, 0, "{}", run.text());
    let sql = "SELECT source_name, julianday(window_end_utc) - julianday(window_start_utc) = 90 FROM v_optional_sources
        WHERE account_name = 'TINY-ONE'";
    assert_eq!(lines(&place, sql), "api_keys | -\naudit_log | 1");
}

#[test]
fn what_is_no_list_is_refused() {
    let place = Place::new();
    for (with, reason) in [
        ("audit-log=0", "the days of audit-log are a number from 1 to 3650"),
        ("audit-log=many", "the days of audit-log are a number from 1 to 3650"),
        ("api-keys=3", "api-keys takes no value"),
        ("auditlog", "known are audit-log, audit-log=DAYS and api-keys"),
    ] {
        let run = place.run(&["export", "--with", with]);
        assert_eq!(run.code, 2, "{with}");
        assert!(run.err.contains(reason), "{with}: {}", run.err);
    }
}

#[test]
fn the_demo_takes_the_flag_too() {
    let place = Place::new();
    let run = place.run(&["demo", "--out", "out", "--with", "audit-log,api-keys"]);
    assert_eq!(run.code, 3, "{}", run.text());
    // Failed and excluded accounts are not asked.
    let sql =
        "SELECT DISTINCT fetch_status FROM accounts WHERE account_key IN (SELECT account_key FROM optional_sources)
        ORDER BY 1";
    assert_eq!(lines(&place, sql), "complete\nincomplete");
}
