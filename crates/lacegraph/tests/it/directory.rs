//! `--out`: what may be there before, and what is left after.

use insta::assert_snapshot;

use crate::mock::Mock;
use crate::place::{Place, names};

#[test]
fn what_is_in_the_way_is_refused_before_anything_is_asked() {
    let (mock, place) = (Mock::small(), Place::new());
    let export = |arguments: &[&str]| {
        let arguments: Vec<_> = ["export", "--env", "--out"].iter().chain(arguments).copied().collect();
        let said = place.run_with(&mock.variables("tiny"), &arguments).refusal(2).to_owned();
        said.lines().skip(1).collect::<Vec<_>>().join("\n")
    };
    fs_err::create_dir(place.path("empty")).unwrap();
    fs_err::create_dir(place.path("full")).unwrap();
    fs_err::write(place.path("full/thesis.txt"), "the only copy").unwrap();
    fs_err::write(place.path("file"), "the only copy").unwrap();
    assert_snapshot!(export(&["empty"]), @r"
    error: empty exists already
    hint: choose another name with --out DIR, or add --replace to overwrite an earlier export
    ");
    assert_snapshot!(export(&["full"]), @r"
    error: full exists already
    hint: choose another name with --out DIR, or add --replace to overwrite an earlier export
    ");
    assert_snapshot!(export(&["full", "--replace"]), @r"
    error: full is not an export of lacegraph
    hint: --replace overwrites only an empty directory or an earlier export
    ");
    assert_snapshot!(export(&["file"]), @r"
    error: file exists and is not a directory
    hint: choose another name with --out DIR
    ");
    assert_snapshot!(export(&["file", "--replace"]), @r"
    error: file exists and is not a directory
    hint: choose another name with --out DIR
    ");
    assert_eq!(mock.calls(), []);
    assert_eq!(place.names(), ["empty", "file", "full"]);
    assert_eq!(fs_err::read_to_string(place.path("full/thesis.txt")).unwrap(), "the only copy");
}

#[test]
fn a_place_where_nothing_can_be_made_is_refused_before_anything_is_asked() {
    let (mock, place) = (Mock::small(), Place::new());
    fs_err::write(place.path("file"), "").unwrap();
    let export = |out: &str| place.run_with(&mock.variables("tiny"), &["export", "--out", out]).text();
    assert_snapshot!(export("nowhere/out"), @r"
    exit 2
    --- stdout
    --- stderr
    reading tiny ([MOCK]) as configured in the LW_* variables
    error: nowhere/out cannot be written: nowhere does not exist
    hint: make that directory, or choose another place with --out DIR
    ");
    assert_snapshot!(export("file/out"), @r"
    exit 2
    --- stdout
    --- stderr
    reading tiny ([MOCK]) as configured in the LW_* variables
    error: file/out cannot be written: file is not a directory
    hint: make that directory, or choose another place with --out DIR
    ");
    assert_snapshot!(export(""), @r"
    exit 2
    --- stdout
    --- stderr
    error: a value is required for '--out <DIR>' but none was supplied

    For more information, try '--help'.
    ");
    if cfg!(target_os = "linux") {
        // Not even root makes a directory there.
        assert_snapshot!(export("/proc/out"), @r"
        exit 1
        --- stdout
        --- stderr
        reading tiny ([MOCK]) as configured in the LW_* variables
        error: failed to create a directory in /proc: entity not found
        hint: check that you may write there
        ");
    }
    assert_eq!(mock.calls(), []);
    assert_eq!(place.names(), ["file"]);
}

#[test]
fn an_earlier_export_is_replaced_when_asked_and_leaves_nothing() {
    let (mock, place) = (Mock::small(), Place::new());
    let small = |arguments: &[&str]| {
        let arguments: Vec<_> = ["export", "--env", "--out", "out"].iter().chain(arguments).copied().collect();
        place.run_with(&mock.variables("tiny"), &arguments)
    };
    assert_eq!(small(&["--format", "dot"]).code, 0);
    assert_eq!(names(&place.path("out")), ["EVIDENCE.md", "SHA256SUMS", "dot", "manifest.json"]);
    assert_eq!(small(&[]).code, 2);
    assert_eq!(small(&["--replace", "--format", "csv"]).code, 0);
    assert_eq!(names(&place.path("out")), ["EVIDENCE.md", "SHA256SUMS", "csv", "manifest.json"]);
    assert_eq!(place.names(), ["out"]);
    // A review's decisions are not in the manifest, and exist nowhere else.
    fs_err::create_dir(place.path("out/review")).unwrap();
    let run = small(&["--replace"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("out holds a review"), "{}", run.err);
    assert_eq!(names(&place.path("out")), ["EVIDENCE.md", "SHA256SUMS", "csv", "manifest.json", "review"]);
}

#[test]
fn a_failed_export_leaves_the_earlier_one_as_it_was() {
    let (mock, place) = (Mock::small(), Place::new());
    assert_eq!(place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out"]).code, 0);
    let before = fs_err::read(place.path("out/manifest.json")).unwrap();
    let mut wrong = mock.variables("tiny");
    wrong[2].1 = "_secret-that-must-not-be-printed".to_owned();
    assert_eq!(place.run_with(&wrong, &["export", "--env", "--out", "out", "--replace"]).code, 5);
    assert_eq!(fs_err::read(place.path("out/manifest.json")).unwrap(), before);
    assert_eq!(place.names(), ["out"]);
}

#[test]
fn without_a_name_it_is_called_by_the_time() {
    let place = Place::new();
    let run = place.run(&["demo", "--json"]);
    let names = place.names();
    let [name] = &names[..] else { panic!("one directory, not {names:?}") };
    assert_eq!(run.json()["out"].as_str(), Some(name.as_str()));
    let shape: String = name.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "lacegraph-00000000T000000Z");
}
