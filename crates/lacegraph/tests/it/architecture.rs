//! The absences that ARCHITECTURE.md tells of, as far as manifests and sources show them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What the crate needs to be built, tests left out.
fn dependencies(name: &str) -> BTreeSet<String> {
    let manifest = fs_err::read_to_string(crates().join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

/// The text of every source file of the crate, tests left out, with its path.
fn sources(directory: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else {
            let text = fs_err::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
    files
}

#[test]
fn crates_know_each_other_as_they_should() {
    let ours = |name: &str| -> Vec<String> {
        dependencies(name).into_iter().filter(|dependency| dependency.starts_with("lacegraph")).collect()
    };
    assert_eq!(ours("lacegraph-model"), [""; 0]);
    assert_eq!(ours("lacegraph-mock"), [""; 0]);
    assert_eq!(ours("lacegraph-fetch"), ["lacegraph-model"]);
    assert_eq!(ours("lacegraph-export"), ["lacegraph-model"]);
}

#[test]
fn only_some_crates_may_use_the_network_the_graph_library_and_secrets() {
    let users = |dependency: &str| -> Vec<&str> {
        let all = ["lacegraph", "lacegraph-export", "lacegraph-fetch", "lacegraph-mock", "lacegraph-model"];
        all.into_iter().filter(|name| dependencies(name).contains(dependency)).collect()
    };
    assert_eq!(users("reqwest"), ["lacegraph-fetch"]);
    assert_eq!(users("axum"), ["lacegraph-mock"]);
    assert_eq!(users("petgraph"), ["lacegraph-model"]);
    assert_eq!(users("rusqlite"), ["lacegraph-export"]);
    assert_eq!(users("secrecy"), ["lacegraph", "lacegraph-fetch"]);
    assert_eq!(users("ssh-key"), ["lacegraph"]);
    assert_eq!(users("whoami"), ["lacegraph"]);
}

#[test]
fn libraries_do_not_ask_the_machine() {
    let asks =
        ["env::var", "env::home_dir", "env::args", "SystemTime::now", "Timestamp::now", "Zoned::now", "is_terminal"];
    let mut found = Vec::new();
    for name in ["lacegraph-export", "lacegraph-fetch", "lacegraph-mock", "lacegraph-model"] {
        for (path, text) in sources(&crates().join(name).join("src")) {
            let shown = path.strip_prefix(crates()).unwrap().display().to_string().replace('\\', "/");
            found.extend(asks.iter().filter(|ask| text.contains(**ask)).map(|ask| format!("{shown}: {ask}")));
        }
    }
    assert_eq!(found, EXCEPTIONS, "a library asked the machine");
}

/// The mock announces when its tokens expire.
const EXCEPTIONS: [&str; 1] = ["lacegraph-mock/src/tokens.rs: Timestamp::now"];
