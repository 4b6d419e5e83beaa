//! Exports that are taken down and made again.

use std::path::Path;

use lacegraph_mock::World;

use crate::mock::Mock;
use crate::place::{Place, files, names};

/// The files of two runs that differ, by name.
fn differing(a: &Path, b: &Path) -> Vec<String> {
    let names = files(a).iter().map(|path| path.strip_prefix(a).unwrap().display().to_string()).collect::<Vec<_>>();
    assert_eq!(
        names,
        files(b).iter().map(|path| path.strip_prefix(b).unwrap().display().to_string()).collect::<Vec<_>>()
    );
    let differs = |name: &String| fs_err::read(a.join(name)).unwrap() != fs_err::read(b.join(name)).unwrap();
    names.into_iter().filter(differs).collect()
}

/// What tells who wrote a run, where and when.
const ITS_OWN: [&str; 2] = ["SHA256SUMS", "manifest.json"];

#[test]
fn an_export_is_made_again_from_its_capture() {
    let (mock, place) = (Mock::serve(World::embedded_demo().unwrap().with_page_size(Some(7))), Place::new());
    place.give(
        "lacegraph.toml",
        format!("dormant_after_days = 30\n{}", mock.configuration("exclude = [\"*-SANDBOX\"]")),
    );
    let run = place.run_with(&mock.secrets(), &["export", "--out", "out", "--capture"]);
    assert_eq!(run.code, 3, "{}", run.err);
    let asked = mock.calls().len();
    // Neither the configuration nor a key is needed.
    fs_err::remove_file(place.path("lacegraph.toml")).unwrap();
    let again = place.run(&["export", "--from", "out.capture", "--out", "again"]);
    assert_eq!((again.code, mock.calls().len()), (3, asked), "{}", again.err);
    assert_eq!(differing(&place.path("out"), &place.path("again")), ITS_OWN);
    let manifest = |run: &str| -> serde_json::Value {
        serde_json::from_slice(&fs_err::read(place.path(run).join("manifest.json")).unwrap()).unwrap()
    };
    let capture = |run: &str| manifest(run)["run"]["capture"].clone();
    assert_eq!(
        (capture("out")["file"].as_str(), capture("again")["file"].as_str()),
        (Some("out.capture"), Some("out.capture"))
    );
    assert_eq!(capture("out")["sha256"], capture("again")["sha256"]);
    assert_eq!(
        (capture("out")["is_source"].as_bool(), capture("again")["is_source"].as_bool()),
        (Some(false), Some(true))
    );
    assert_eq!(manifest("out")["run"]["keys"], manifest("again")["run"]["keys"]);
    assert_eq!(place.names(), ["again", "out", "out.capture"]);
}

#[test]
fn a_run_is_held_against_its_capture() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "--out", "out", "--capture"]).code, 3);
    let run = place.run(&["verify", "out", "--capture", "out.capture"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("ok    outside      the answers in the capture out.capture"), "{}", run.out);
    // It lies beside the run: no proof of who made both.
    assert!(
        run.out.contains("consistent with this manifest, and with the capture") && !run.out.contains("authentic by")
    );
    let mock = Mock::small();
    assert_eq!(place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "tiny", "--capture"]).code, 0);
    let other = place.run(&["verify", "out", "--capture", "tiny.capture"]);
    assert_eq!(other.code, 1);
    assert!(other.out.contains("manifest.json names a capture with the SHA-256 "), "{}", other.out);
    // Of a run that names none, the answers tell.
    let variables = mock.variables("tiny");
    for (out, format) in [("plain", "sqlite"), ("listed", "csv")] {
        assert_eq!(place.run_with(&variables, &["export", "--env", "--out", out, "--format", format]).code, 0);
        let other = place.run(&["verify", out, "--capture", "out.capture"]);
        assert_eq!(other.code, 1);
        assert!(other.out.contains("it is the capture of another run, or of another version"), "{}", other.out);
    }
    // A damaged one is a finding, beside those about the run itself.
    let mut damaged = fs_err::read(place.path("out.capture")).unwrap();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    place.give("damaged.capture", damaged);
    let run = place.run(&["verify", "out", "--capture", "damaged.capture"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("ok    database") && run.out.contains("is damaged"), "{}", run.out);
}

#[test]
fn a_capture_that_cannot_be_used_is_refused() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "--out", "out", "--capture"]).code, 3);
    let whole = fs_err::read(place.path("out.capture")).unwrap();
    let from = |content: &[u8]| {
        place.give("bad.capture", content);
        place.run(&["export", "--from", "bad.capture", "--out", "again"])
    };
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let refused = from(&changed);
    assert!(refused.refusal(2).contains("bad.capture: read the capture: entry "), "{}", refused.err);
    assert!(refused.err.contains("is damaged") && refused.err.contains("hint: it was changed after it was written"));
    assert!(from(b"{}").refusal(2).contains("it does not begin like one"));
    assert!(from(b"").refusal(2).contains("it is cut off within its first entry"));
    let cut_off = from(&whole[..whole.len() * 2 / 3]);
    assert_eq!(cut_off.code, 3, "{}", cut_off.err);
    assert!(cut_off.err.contains("note: bad.capture ends early, in the entry at byte "), "{}", cut_off.err);
    assert!(cut_off.out.contains("the capture does not have it"), "{}", cut_off.out);
    assert!(place.run(&["export", "--from", "out", "--out", "more"]).refusal(2).contains("is no file"));
    assert_eq!(place.names(), ["again", "bad.capture", "out", "out.capture"]);
}

#[test]
fn a_capture_is_not_overwritten_by_chance() {
    let place = Place::new();
    let demo = |arguments: &[&str]| place.run(&[&["demo", "--capture", "--out"], arguments].concat());
    assert_eq!(demo(&["out"]).code, 3);
    fs_err::rename(place.path("out"), place.path("kept")).unwrap();
    assert!(demo(&["out"]).refusal(2).contains("out.capture exists already"));
    assert_eq!(demo(&["out", "--replace"]).code, 3);
    place.give("other.capture", "mine");
    assert!(demo(&["other", "--replace"]).refusal(2).contains("other.capture exists already"));
    assert_eq!(fs_err::read(place.path("other.capture")).unwrap(), b"mine");
    // The slash that a shell completes leads to no hidden file inside.
    assert_eq!(demo(&["slash/"]).code, 3);
    assert_eq!(place.names(), ["kept", "other.capture", "out", "out.capture", "slash", "slash.capture"]);
    assert!(!names(&place.path("slash")).iter().any(|name| name.contains("capture")));
}

#[test]
fn a_run_that_comes_to_nothing_costs_no_earlier_one_its_capture() {
    let (mock, place) = (Mock::small(), Place::new());
    let export = |variables: &[(String, String)], more: &[&str]| {
        place.run_with(variables, &[&["export", "--env", "--out", "out", "--capture"], more].concat())
    };
    assert_eq!(export(&mock.variables("tiny"), &[]).code, 0);
    let kept = fs_err::read(place.path("out.capture")).unwrap();
    let mut wrong = mock.variables("tiny");
    wrong[2].1 = "_another-secret-that-does-not-fit".to_owned();
    assert_eq!(export(&wrong, &["--replace"]).code, 5);
    assert_eq!(place.names(), ["out", "out.capture"]);
    assert_eq!(fs_err::read(place.path("out.capture")).unwrap(), kept);
    assert_eq!(place.run(&["verify", "out", "--capture", "out.capture"]).code, 0);
    // One that comes to something takes its place; here with other answers, which come in two pages.
    let other = Mock::serve(crate::fixture::Fixture::small().world().with_page_size(Some(4)));
    assert_eq!(export(&other.variables("tiny"), &["--replace"]).code, 0);
    assert_eq!(place.names(), ["out", "out.capture"]);
    assert!(fs_err::read(place.path("out.capture")).unwrap() != kept);
    assert_eq!(place.run(&["verify", "out", "--capture", "out.capture"]).code, 0);
}

#[cfg(unix)]
#[test]
fn a_capture_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    assert_eq!(place.run(&["demo", "--out", "out", "--capture"]).code, 3);
    let mode = fs_err::metadata(place.path("out.capture")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
