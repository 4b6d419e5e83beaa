//! Tells the program which commit it is built from, for the manifests of its runs.

use std::process::Command;

fn main() {
    // Whatever may change the answer: the commit that is checked out, and the sources.
    for path in [
        "../../.git/HEAD",
        "../../.git/refs",
        "../../.git/packed-refs",
        "../../crates",
        "../../schema.sql",
        "../../Cargo.toml",
        "../../Cargo.lock",
    ] {
        if std::path::Path::new(path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    println!("cargo::rerun-if-env-changed=LACEGRAPH_COMMIT");
    println!("cargo::rustc-env=LACEGRAPH_COMMIT={}", commit());
}

/// The commit, with a note where files differ from it; `unknown` outside a checkout, or without git.
fn commit() -> String {
    if let Ok(commit) = std::env::var("LACEGRAPH_COMMIT") {
        return commit;
    }
    let Some(commit) = git(&["rev-parse", "HEAD"]) else { return "unknown".to_owned() };
    match git(&["status", "--porcelain", "--untracked-files=no"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit}, changed"),
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
