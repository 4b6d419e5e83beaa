//! Ends that nobody planned: Ctrl-C at every stage, and a full disk. Nothing is left behind.
#![cfg(unix)]

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use lacegraph_mock::{Call, GeneratorOptions, World};
use serde_json::json;

use super::row::{Access, Row, fault, row};
use super::table::check;
use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::{Place, names};

const STOPPED: &str = "error: interrupted; nothing was left behind";

/// Waits until it is so, and presses Ctrl-C.
fn interrupt_when(child: &Child, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "the moment to interrupt never came");
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap().success());
}

fn when_called(mock: &Mock, child: &Child, is_it: impl Fn(&[Call]) -> bool) {
    interrupt_when(child, || is_it(&mock.calls()));
}

/// Once the database has begun to grow in the directory that is being prepared.
fn when_writing(place: &Place, child: &Child) {
    interrupt_when(child, || {
        let unfinished = names(&place.path("")).into_iter().find(|name| name.starts_with(".lacegraph-unfinished"));
        let database = unfinished.map(|name| place.path(&name).join("lacegraph.db"));
        database.and_then(|path| std::fs::metadata(path).ok()).is_some_and(|file| file.len() > 0)
    });
}

/// An organization whose export takes a while to write.
fn large() -> World {
    let options = GeneratorOptions { users: 20_000, accounts: 2, page_size: None, ..GeneratorOptions::default() };
    World::generated(&options)
}

fn stopped(row: Row) -> Row {
    row.ends(130, &[STOPPED])
}

/// The disk is full after so many blocks of 512 bytes.
fn full_disk(name: &'static str, shell: &'static str, format: &'static str) -> Row {
    row(name, Fixture::small())
        .in_shell(shell)
        .with(&["--format", format])
        .ends(1, &["error: failed to write", "hint: free space on that disk, or choose another place with --out"])
        .calls("token 1, profile 1, org 1, one 1, two 1")
}

#[test]
fn stopping() {
    let long = 60_000;
    check(
        10,
        vec![
            stopped(fault("Ctrl-C before the first answer", json!({"endpoint": "access/tokens", "delay_ms": long})))
                .meanwhile(|mock, _, child| when_called(mock, child, |calls| !calls.is_empty()))
                .calls("token 1"),
            stopped(fault("Ctrl-C in the middle of a list", json!({"org": true, "page": 2, "delay_ms": long})))
                .with_pages(2)
                .meanwhile(|mock, _, child| when_called(mock, child, |calls| calls.len() == 4))
                .calls("token 1, profile 1, org 2"),
            stopped(fault("Ctrl-C in the middle of a body", json!({"org": true, "trickle_ms": long})))
                .meanwhile(|mock, _, child| when_called(mock, child, |calls| calls.len() == 3))
                .calls("token 1, profile 1, org 1"),
            stopped(fault(
                "Ctrl-C while waiting to ask again",
                json!({"org": true, "status": 503, "retry_after": "100"}),
            ))
            .meanwhile(|mock, _, child| when_called(mock, child, |calls| calls.len() == 3))
            .calls("token 1, profile 1, org 1"),
            Row { world: large(), ..stopped(row("Ctrl-C while writing", Fixture::small())) }
                .meanwhile(|_, place, child| when_writing(place, child))
                .calls("token 1, profile 1, org 1, corp-dev-002 1, corp-prod-001 1"),
            full_disk("the disk is full while the database is written", "ulimit -f 100; exec COMMAND", "sqlite"),
            full_disk("the disk is full while the tables are written", "ulimit -f 2; exec COMMAND", "csv"),
            full_disk("the disk is full while the pictures are written", "ulimit -f 2; exec COMMAND", "dot"),
            full_disk("the disk is full while the workbook is written", "ulimit -f 8; exec COMMAND", "xlsx"),
            // The export itself is whole and in its place.
            row("stdout is on a full disk", Fixture::small())
                .in_shell("exec COMMAND > /dev/full")
                .ends(0, &["error:", "No space left on device", "hint:"])
                .access(Access::All)
                .calls("token 1, profile 1, org 1, one 1, two 1"),
        ],
    );
}
