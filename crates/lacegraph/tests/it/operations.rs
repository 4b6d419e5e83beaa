//! `docs/operations.md` tells what each message means: of every one that there is, and of no other.

use std::collections::BTreeSet;
use std::path::Path;

fn top() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The codes at the start of a row, with a severity behind.
fn documented() -> BTreeSet<String> {
    let text = fs_err::read_to_string(top().join("docs/operations.md")).unwrap();
    let of_row = |line: &str| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let code = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        let severity = cells.next()?;
        let is_severity = ["error", "warning", "info"].iter().any(|known| severity.starts_with(known));
        (is_severity && is_code(code)).then(|| code.to_owned())
    };
    text.lines().filter_map(of_row).collect()
}

fn is_code(text: &str) -> bool {
    text.contains('_') || text.len() > 5 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The source of both crates that write problems, without tests.
fn source() -> String {
    let mut text = String::new();
    for directory in ["crates/lacegraph-fetch/src", "crates/lacegraph-model/src/builder"] {
        collect(&top().join(directory), &mut text);
    }
    text
}

fn collect(directory: &Path, text: &mut String) {
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, text);
        } else {
            let file = fs_err::read_to_string(&path).unwrap();
            text.push_str(file.split("#[cfg(test)]").next().unwrap());
        }
    }
}

/// The codes that problems are written with, as far as they stand beside the word that makes one a problem.
fn written() -> BTreeSet<String> {
    let source = source();
    let mut codes = BTreeSet::new();
    for beginning in ["Trouble::new(", "code: ", "self.problem("] {
        for (at, _) in source.match_indices(beginning) {
            let rest: String = source[at + beginning.len()..].chars().take(120).collect();
            let rest = rest.trim_start_matches("interner.intern(").trim_start();
            let rest = match rest.strip_prefix("Severity::") {
                Some(rest) => rest.split_once(',').map(|(_, rest)| rest.trim_start()).unwrap_or_default(),
                None => rest,
            };
            let code = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
            codes.extend(code.filter(|code| is_code(code)).map(str::to_owned));
        }
    }
    codes
}

#[test]
fn every_problem_is_explained() {
    let (documented, written) = (documented(), written());
    assert!(written.len() > 20, "{written:?}");
    let missing: Vec<_> = written.difference(&documented).collect();
    assert!(missing.is_empty(), "docs/operations.md does not explain {missing:?}");
    let source = source();
    let unknown: Vec<_> = documented.iter().filter(|code| !source.contains(&format!("\"{code}\""))).collect();
    assert!(unknown.is_empty(), "docs/operations.md explains {unknown:?}, which no code writes");
}

/// lacegraph only ever reads: there is one place that sends, with two methods.
#[test]
fn nothing_is_sent_but_gets_and_the_exchange_of_tokens() {
    let source = source();
    assert_eq!(source.matches("client.post(").count(), 1);
    assert_eq!(source.matches("client.get(").count(), 1);
    for other in [".put(", ".patch(", ".delete(", ".request(", "Method::", ".head("] {
        assert!(!source.contains(other), "{other}");
    }
}
