//! The search for secrets and tokens in everything that a run printed and wrote.

use std::io::{Cursor, Read as _};

use crate::mock::Mock;
use crate::place::{Place, Run, files};

/// Where a secret of the mock's keys, or a token that it handed out, shows.
pub(crate) fn leaks(mock: &Mock, place: &Place, run: &Run) -> Vec<String> {
    let tokens = mock.tokens();
    let secrets: Vec<&str> =
        mock.keys().iter().map(|key| key.secret.as_str()).chain(tokens.iter().map(String::as_str)).collect();
    let mut texts =
        vec![("stdout".to_owned(), run.out.clone().into_bytes()), ("stderr".to_owned(), run.err.clone().into_bytes())];
    for path in files(&place.path("")) {
        let (name, bytes) = (path.display().to_string(), fs_err::read(&path).unwrap());
        if name.ends_with(".xlsx") {
            texts.extend(parts(&name, &bytes));
        }
        if name.ends_with(".capture") {
            texts.push((format!("{name}, unpacked"), unpacked(&bytes)));
        }
        texts.push((name, bytes));
    }
    let mut leaks = Vec::new();
    for (what, bytes) in &texts {
        // Secrets are ASCII: what is no text beside them does not matter.
        let text = String::from_utf8_lossy(bytes);
        let found = secrets.iter().filter(|secret| text.contains(**secret));
        leaks.extend(found.map(|secret| format!("{what} shows {secret}")));
    }
    leaks
}

/// The files inside a workbook, which are compressed.
fn parts(name: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.push((format!("{name}: {}", part.name().unwrap()), bytes));
    }
    parts
}

/// A capture as text, as far as it goes.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // One that was interrupted ends in the middle.
    let _ = zstd::Decoder::new(bytes).and_then(|mut decoder| decoder.read_to_end(&mut text));
    text
}

#[test]
fn the_search_finds_what_is_there() {
    let (mock, place) = (Mock::small(), Place::new());
    let mut variables = mock.variables("tiny").to_vec();
    variables.push(("RUST_LOG".to_owned(), "trace".to_owned()));
    let run = place.run_with(&variables, &["export", "--env", "--out", "out", "--capture"]);
    // There is more to search than what is said to everybody.
    assert!(run.err.contains(" DEBUG "), "{}", run.err);
    assert_eq!(leaks(&mock, &place, &run), [""; 0]);
    assert_eq!(mock.tokens().len(), 1);
    let shown = |what: &str| Run { code: 0, out: format!("{what} and more"), err: String::new() };
    assert_eq!(leaks(&mock, &place, &shown(&mock.tokens()[0])).len(), 1);
    assert_eq!(leaks(&mock, &place, &shown(&mock.key("tiny").secret)).len(), 1);
    fs_err::write(place.path("out/more"), mock.tokens()[0].as_bytes()).unwrap();
    assert_eq!(leaks(&mock, &place, &run).len(), 1);
    let capture = fs_err::read(place.path("out.capture")).unwrap();
    assert!(unpacked(&capture).windows(16).any(|window| window == b"ann@tiny.example"));
    // A workbook is looked into: its parts are readable, and more than its bytes.
    let workbook = fs_err::read(place.path("out/access.xlsx")).unwrap();
    let parts = parts("access.xlsx", &workbook);
    assert!(parts.iter().any(|(_, bytes)| bytes.windows(16).any(|window| window == b"ann@tiny.example")));
}
