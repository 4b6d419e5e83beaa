//! Runs that are taken down: what an interruption leaves is good for going on, and holds no secret.
#![cfg(unix)]

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::json;

use super::row::{COVERED, fault, row};
use super::run::counted;
use super::table::check;
use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::Place;

const CAPTURE: &[&str] = &["out.capture"];

fn interrupt_at_the_second_page(mock: &Mock, _: &Place, child: &Child) {
    let began = Instant::now();
    while !mock.calls().iter().any(|call| call.page == Some(2)) {
        assert!(began.elapsed() < Duration::from_secs(60), "the second page was never asked for");
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap().success());
}

/// Goes on from what the interrupted run left; the directory of accounts is not asked again.
fn can_go_on(mock: &Mock, place: &Place) -> Option<String> {
    let before = mock.calls().len();
    let run =
        place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "again", "--resume", "out.capture"]);
    let calls = counted(&mock.calls()[before..]);
    let is_whole = run.code == 0 && calls == "token 1, org 3, one 2, two 2";
    if place.path("again").exists() {
        fs_err::remove_dir_all(place.path("again")).unwrap();
    }
    (!is_whole).then(|| format!("going on: the calls are `{calls}`\n{}", run.text()))
}

#[test]
fn captures() {
    let late = json!({"org": true, "page": 2, "delay_ms": 60_000, "times": 1});
    check(
        13,
        vec![
            row("nothing, taken down", Fixture::small())
                .with_pages(2)
                .with(&["--capture"])
                .keeps(CAPTURE)
                .ends(0, &["COMPLETE"])
                .calls("token 1, profile 1, org 3, one 2, two 2"),
            fault(
                "the list of an account fails, which the organization's covers; taken down",
                json!({"account": "TINY-TWO", "status": 500, "message": "out of order"}),
            )
            .with(&["--capture"])
            .keeps(CAPTURE)
            .ends(0, &["COMPLETE", COVERED, "TeamMembers page 1: status 500: out of order (4 tries)"])
            .calls("token 1, profile 1, org 1, one 1, two 4"),
            fault("Ctrl-C in the middle of a list, taken down", late)
                .with_pages(2)
                .with(&["--capture"])
                .keeps(CAPTURE)
                .meanwhile(interrupt_at_the_second_page)
                .also(can_go_on)
                .ends(130, &["error: interrupted", "out.capture"])
                .calls("token 1, profile 1, org 2"),
            row("the disk is full while the run is taken down", Fixture::small())
                .with_pages(2)
                .in_shell("ulimit -f 1; exec COMMAND")
                .with(&["--capture"])
                .keeps(CAPTURE)
                .ends(
                    1,
                    &[
                        "error: out.capture: write the capture: File too large",
                        "hint: check that there is room on the disk",
                    ],
                )
                // Nobody waits for the end of a run whose capture is lost: how far it gets is a matter of moments.
                .calls("token 1, profile 0-1, org 0-3, one 0-2, two 0-2"),
        ],
    );
}
