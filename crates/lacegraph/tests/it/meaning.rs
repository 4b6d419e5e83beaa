//! What the exported rows mean: they are compared with those that were worked out by hand.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::access;
use crate::fixture;
use crate::mock::Mock;
use crate::place::{Place, files};

#[test]
fn the_demo_says_what_was_worked_out_by_hand() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "--out", "out"]).code, 3);
    access::assert_as_expected("demo", &access::in_database(&place.path("out")));
    access::assert_as_expected("demo", &access::in_csv(&place.path("out")));
}

#[test]
fn the_small_fixture_says_what_was_worked_out_by_hand() {
    let (mock, place) = (Mock::small(), Place::new());
    let run = place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out", "--json"]);
    assert_eq!((run.code, run.json()["status"].as_str()), (0, Some("complete")), "{}", run.text());
    access::assert_as_expected("small", &access::in_database(&place.path("out")));
    access::assert_as_expected("small", &access::in_csv(&place.path("out")));
}

#[test]
fn the_demo_names_nobody_who_must_be_absent() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "--out", "out"]).code, 3);
    let out = place.path("out");
    let cells = cells(&out.join("lacegraph.db"));
    let mut reader = csv::Reader::from_path(fixture::directory("demo").join("expected_absent.csv")).unwrap();
    let mut absent = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let (trap, identity) = (&record[0], &record[1]);
        // That the key's owner is nowhere is itself a problem, which names them; and the evidence tells whose keys asked.
        let telling = ["problems", "v_problems", "EVIDENCE", "manifest"];
        let is_told = |place: &str| trap == "key_owner_in_no_list" && telling.contains(&place);
        for (table, _) in cells.iter().filter(|(_, text)| text.contains(identity)) {
            assert!(is_told(table), "{trap}: {identity} is in the table {table}");
        }
        // The workbook is compressed; `make compat` compares each of its cells with the database.
        let is_text = |file: &PathBuf| file.extension().is_some_and(|kind| kind != "db" && kind != "xlsx");
        for file in files(&out).into_iter().filter(is_text) {
            let text = fs_err::read_to_string(&file).unwrap().to_lowercase();
            let is_told = is_told(file.file_stem().unwrap().to_str().unwrap());
            assert!(is_told || !text.contains(identity), "{trap}: {identity} is in {}", file.display());
        }
        absent += 1;
    }
    assert_eq!(absent, 4);
    // The search itself: somebody who must be there is found.
    assert!(cells.iter().any(|(table, text)| table == "users" && text == "marcus.oyelaran@acme.example"));
}

/// Every text of every table and view, in lower case, with the table's name.
fn cells(path: &Path) -> Vec<(String, String)> {
    let database = Connection::open(path).unwrap();
    let mut tables = database.prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut cells = Vec::new();
    for table in tables {
        let mut statement = database.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                if let ValueRef::Text(text) = row.get_ref(column).unwrap() {
                    cells.push((table.clone(), String::from_utf8_lossy(text).to_lowercase()));
                }
            }
        }
    }
    cells
}
