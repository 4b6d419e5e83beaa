//! Ends that nobody planned: a full disk, Ctrl-C, a reader that went away. Nothing half-written stays.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use lacegraph_mock::ServerOptions;

use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::Place;

/// The demo under a shell's limit for the size of files, in blocks of 512 bytes.
fn limited(place: &Place, blocks: u32, arguments: &str) -> crate::place::Run {
    let script = format!("ulimit -f {blocks}; exec \"$0\" demo --out out {arguments}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_lacegraph")]);
    place.scrub(&mut shell);
    place.ended(&shell.output().unwrap())
}

#[test]
fn a_full_disk_while_the_database_is_written() {
    let place = Place::new();
    assert_snapshot!(limited(&place, 100, "").refusal(1), @r"
    reading invented organizations from a mock on this machine
    error: failed to write the database [WORK]/[UNFINISHED]/lacegraph.db: disk I/O error: Error code 778: disk I/O error
    hint: free space on that disk, or choose another place with --out
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_full_disk_while_the_tables_are_written() {
    let place = Place::new();
    assert_snapshot!(limited(&place, 8, "--format csv").refusal(1), @"
    reading invented organizations from a mock on this machine
    error: failed to write [WORK]/[UNFINISHED]/csv/effective_access.csv: File too large (os error N)
    hint: free space on that disk, or choose another place with --out
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_full_disk_while_the_pictures_are_written() {
    let place = Place::new();
    assert_snapshot!(limited(&place, 8, "--format dot").refusal(1), @"
    reading invented organizations from a mock on this machine
    error: failed to write [WORK]/[UNFINISHED]/dot/accounts.dot: File too large (os error N)
    hint: free space on that disk, or choose another place with --out
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_pipe_that_stays_silent_can_be_left() {
    let place = Place::new();
    let pipe = place.path("pipe.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = place.command(&["export", "--config", "pipe.toml", "--out", "out", "--capture"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    // Long enough for it to be listening to signals, on a busy machine too: before, a signal ends it anyway.
    std::thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    assert!(Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(place.names(), ["pipe.toml"]);
}

/// A mock that holds back every answer long enough to be interrupted in between.
fn slow() -> Mock {
    let options = ServerOptions { latency: Duration::from_millis(300), ..ServerOptions::default() };
    Mock::serve_with(Fixture::small().world().with_page_size(Some(1)), options)
}

/// Sends a signal by the shell's own `kill`, which is there where no program of that name is.
fn send(signal: &str, child: &Child) {
    let script = ["-c", "kill \"$0\" \"$1\"", signal, &child.id().to_string()];
    assert!(Command::new("sh").args(script).status().unwrap().success());
}

/// Starts an export, waits for its first answered call, and sends it that signal.
fn signalled(mock: &Mock, place: &Place, signal: &str) -> crate::place::Run {
    let mut command = place.command(&["export", "--env", "--out", "out"]);
    command.envs(mock.variables("tiny")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child: Child = command.spawn().unwrap();
    while mock.calls().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    send(signal, &child);
    place.ended(&child.wait_with_output().unwrap())
}

#[test]
fn an_interruption_leaves_nothing() {
    for signal in ["-INT", "-TERM"] {
        let (mock, place) = (slow(), Place::new());
        let run = signalled(&mock, &place, signal);
        insta::allow_duplicates! {
            assert_snapshot!(run.text(), @r"
            exit 130
            --- stdout
            --- stderr
            reading tiny ([MOCK]) as configured in the LW_* variables
            error: interrupted; nothing was left behind
            ");
        }
        assert_eq!(place.names(), [""; 0]);
    }
}

#[test]
fn a_command_that_gives_a_secret_is_stopped_with_the_whole() {
    let place = Place::new();
    let command = r#"["sh", "-c", "touch started; exec sleep 25"]"#;
    let organization = "[[organization]]\nname = \"acme\"\naccount = \"acme\"\nkey_id = \"ACMEPROD_1\"\n";
    place.give("lacegraph.toml", format!("{organization}secret_command = {command}\n"));
    let child = place.command(&["export"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !place.path("started").exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "the command did not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    send("-TERM", &child);
    let run = place.ended(&child.wait_with_output().unwrap());
    assert_eq!(run.refusal(130), "error: interrupted; nothing was left behind\n");
}

/// A child whose stdout nobody reads: the reading end is closed before it starts.
fn unread(place: &Place, arguments: &[&str]) -> crate::place::Run {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = place.command(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    place.ended(&child.wait_with_output().unwrap())
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let place = Place::new();
    let run = unread(&place, &["demo", "--out", "out"]);
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(!run.err.contains("error"), "{}", run.err);
    assert_eq!(place.names(), ["out"]);
    for arguments in [
        &["show", "ingrid.halvorsen@acme.example", "--db", "out"][..],
        &["who", "acme-prod", "--db", "out", "--json"],
        &["--help"],
        &["demo", "--out", "again", "--json"],
    ] {
        let run = unread(&place, arguments);
        assert_eq!(run.code, if arguments[0] == "demo" { 3 } else { 0 }, "{arguments:?}: {}", run.err);
        assert!(!run.err.contains("panicked") && !run.err.contains("error"), "{}", run.err);
    }
}

#[test]
fn a_mock_serves_until_it_is_stopped() {
    let place = Place::new();
    let mut command = place.command(&["mock", "--users", "20", "--accounts", "2"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let mut variables = Vec::new();
    for line in lines.by_ref() {
        let line = line.unwrap();
        if let Some((name, value)) = line.strip_prefix("export LW_").and_then(|line| line.split_once('=')) {
            variables.push((format!("LW_{name}"), value.trim_matches('\'').to_owned()));
        }
        if line.contains("until Ctrl-C") {
            break;
        }
    }
    // Its output is not searched for secrets: they are what it is for.
    assert!(variables.iter().any(|(name, _)| name == "LW_API_SECRET"));
    let run = place.run_with(&variables, &["export", "--env", "--out", "out", "--json"]);
    assert_eq!((run.code, run.json()["people"].as_u64()), (0, Some(20)), "{}", run.text());
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
