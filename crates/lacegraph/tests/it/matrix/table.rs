//! Runs rows several at a time, and prints what came of them as one table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::row::Row;
use super::run::{Seen, run};

/// Rows that run at a time: most of their time is waiting.
const AT_A_TIME: usize = 6;

/// How many groups of rows there are; the last one to end prints the table.
const GROUPS: usize = 13;

static TABLES: Mutex<BTreeMap<u8, String>> = Mutex::new(BTreeMap::new());

/// Runs the rows of a group, whose number is its place in the table, and fails where one of them is not as it says.
pub(crate) fn check(group: u8, rows: Vec<Row>) {
    let next = AtomicUsize::new(0);
    let all: Mutex<Vec<(usize, Seen)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(rows.len()) {
            scope.spawn(|| {
                while let Some((place, row)) = claim(&next, &rows) {
                    // A row that breaks its test does not keep the others from being seen.
                    let seen = catch_unwind(AssertUnwindSafe(|| run(row))).unwrap_or_else(|_| Seen::broken(row));
                    all.lock().unwrap_or_else(PoisonError::into_inner).push((place, seen));
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_by_key(|(place, _)| *place);
    let seen: Vec<Seen> = all.into_iter().map(|(_, seen)| seen).collect();
    print(group, &seen);
    let complaints: String = seen
        .iter()
        .filter(|seen| !seen.complaints.is_empty())
        .map(|seen| format!("## {}\n{}\n", seen.fault, seen.complaints.join("\n")))
        .collect();
    assert!(complaints.is_empty(), "{complaints}");
}

fn claim<'a>(next: &AtomicUsize, rows: &'a [Row]) -> Option<(usize, &'a Row)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    rows.get(place).map(|row| (place, row))
}

/// Adds a group to the table, and prints the table where it is the last one.
fn print(group: u8, seen: &[Seen]) {
    let mut lines = String::new();
    for Seen { fault, exit, read, calls, .. } in seen {
        writeln!(lines, "| {fault} | {exit} | {read} | {calls} |").unwrap();
    }
    let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    tables.insert(group, lines);
    if tables.len() == GROUPS {
        let lines: String = tables.values().map(String::as_str).collect();
        #[expect(clippy::print_stdout, reason = "the test runner shows it to those who ask")]
        {
            println!("| fault | exit | what the user reads | calls |\n|---|---|---|---|\n{lines}");
        }
    }
}
