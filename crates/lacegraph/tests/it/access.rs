//! The rows of `v_access`, expected and exported, and how they differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use rusqlite::Connection;

use crate::fixture;

/// The columns that are compared, as `expected_access.csv` has them after `trap`.
const COLUMNS: [&str; 8] =
    ["identity", "account_id", "role_name", "grant_origin", "group_name", "is_enabled", "is_strongest", "is_effective"];

/// A row, in the order of [`COLUMNS`].
pub(crate) type Row = [String; 8];

/// The expected rows of a fixture, each with its trap.
pub(crate) fn expected(fixture: &str) -> Vec<(String, Row)> {
    let mut reader = csv::Reader::from_path(fixture::directory(fixture).join("expected_access.csv")).unwrap();
    assert_eq!(reader.headers().unwrap().iter().skip(1).collect::<Vec<_>>(), COLUMNS);
    let rows: Vec<(String, Row)> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            (record[0].to_owned(), std::array::from_fn(|column| record[column + 1].to_owned()))
        })
        .collect();
    assert!(!rows.is_empty());
    rows
}

/// The rows of `v_access` of an export.
pub(crate) fn in_database(run: &Path) -> Vec<Row> {
    let database = Connection::open(run.join("lacegraph.db")).unwrap();
    let sql = format!("SELECT {} FROM v_access", COLUMNS.join(", "));
    let mut statement = database.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| {
        let mut cells = Row::default();
        for (column, cell) in cells.iter_mut().enumerate() {
            *cell = match column {
                0..=4 => row.get::<_, Option<String>>(column)?.unwrap_or_default(),
                _ => row.get::<_, bool>(column)?.to_string(),
            };
        }
        Ok(cells)
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The rows of `csv/access.csv` of an export, without the apostrophes that keep a spreadsheet from running a cell.
pub(crate) fn in_csv(run: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(run.join("csv/access.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let places = COLUMNS.map(|column| headers.iter().position(|header| header == column).unwrap());
    let cell = |text: &str| match text.strip_prefix('\'') {
        Some(formula) if formula.starts_with(['=', '+', '-', '@', '\t', '\r']) => formula.to_owned(),
        _ => text.to_owned(),
    };
    reader.records().map(|record| record.unwrap()).map(|record| places.map(|place| cell(&record[place]))).collect()
}

/// Fails where the rows are not those of the fixture, each as often as there, and names the traps.
pub(crate) fn assert_as_expected(fixture: &str, found: &[Row]) {
    let expected = expected(fixture);
    let mut counts: BTreeMap<&Row, i32> = BTreeMap::new();
    for row in found {
        *counts.entry(row).or_default() += 1;
    }
    for (_, row) in &expected {
        *counts.entry(row).or_default() -= 1;
    }
    let mut report = String::new();
    for (row, count) in counts.into_iter().filter(|(_, count)| *count != 0) {
        let of_row = expected.iter().find(|(_, other)| other == row);
        let of_identity = || expected.iter().find(|(_, other)| other[0] == row[0]);
        let trap = of_row.or_else(of_identity).map_or("nobody who should be here", |(trap, _)| trap);
        let what = if count < 0 { "missing" } else { "too many" };
        writeln!(report, "{trap}: {} {what}: {}", count.abs(), row.join(", ")).unwrap();
    }
    assert!(report.is_empty(), "v_access is not as fixtures/{fixture}/expected_access.csv says\n{report}");
}
