//! `verify`: whether a run is consistent with its manifest, and authentic by a hash or a signature from outside.

use std::fmt::Write as _;
use std::path::Path;

use lacegraph_export::manifest::{self, SIGNATURE_FILE};
use lacegraph_export::verify::{Check, FigureCheck, Report, verify};
use lacegraph_export::{DATABASE_FILE, sqlite};
use lacegraph_fetch::{Capture, refetch};
use serde::Serialize;
use ssh_key::PublicKey;

use super::questions::visible;
use super::{in_runtime, print, print_json};
use crate::capture_file;
use crate::cli::VerifyArguments;
use crate::outcome::{Code, Failure, chain};
use crate::signature;
use crate::summary::counted;

/// Verifies a run, and says what it found.
pub(super) fn run(arguments: &VerifyArguments) -> Result<Code, Failure> {
    let directory = &arguments.run;
    if !directory.is_dir() {
        let why = if directory.exists() { "is a file" } else { "does not exist" };
        let message = format!("{} {why}", directory.display());
        return Err(Failure::usage(message, "name the directory of an export, as a whole"));
    }
    let expected = arguments.manifest_sha256.as_deref().map(hash).transpose()?;
    let key = arguments.signed_by.as_deref().map(signature::read_public).transpose()?;
    let report = verify(directory, env!("LACEGRAPH_COMMIT"))?;
    let mut outside =
        outside(directory, &report, expected.as_deref(), key.as_ref().zip(arguments.signed_by.as_deref()))?;
    if let Some(path) = &arguments.capture {
        outside.push(made_again(directory, &report, path)?);
    }
    let verdict = Verdict::of(&report, &outside);
    let answer = Answer { verdict, report: &report, outside: &outside };
    if arguments.json {
        print_json(&answer)?;
    } else {
        print(&answer.to_text(arguments.explain, directory))?;
    }
    Ok(if verdict == Verdict::NotConsistent { Code::Failed } else { Code::Complete })
}

/// A SHA-256 as it was typed, in lower case.
fn hash(text: &str) -> Result<String, Failure> {
    let hash = text.trim().to_ascii_lowercase();
    if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(hash);
    }
    let hint = "it has 64 hexadecimal digits; the summary of the export ends with it";
    Err(Failure::usage(format!("`{text}` is not a SHA-256"), hint))
}

/// Something from outside of the run that it was held against.
#[derive(Debug, Serialize)]
struct Outside {
    /// What, in words.
    what: String,
    /// Why it does not fit, where it does not.
    finding: Option<String>,
    /// Whether it shows that this is the export that was made then: nobody who changes a run can change it too.
    is_proof: bool,
}

fn outside(
    directory: &Path,
    report: &Report,
    expected: Option<&str>,
    key: Option<(&PublicKey, &Path)>,
) -> Result<Vec<Outside>, Failure> {
    let mut outside = Vec::new();
    if let Some(expected) = expected {
        let finding = (expected != report.manifest_sha256)
            .then(|| format!("manifest.json has the SHA-256 {}, expected was {expected}", report.manifest_sha256));
        let what = "the SHA-256 of manifest.json that was given".to_owned();
        outside.push(Outside { what, finding, is_proof: true });
    }
    if let Some((key, path)) = key {
        let (what, finding) = match signature::check(directory, key)? {
            Ok(fingerprint) => (format!("the signature by {fingerprint}"), None),
            Err(why) => (format!("a signature by {}", path.display()), Some(why)),
        };
        outside.push(Outside { what, finding, is_proof: true });
    }
    Ok(outside)
}

/// Whether the answers of a capture give the snapshot of the run, and it is the capture that the manifest names.
fn made_again(directory: &Path, report: &Report, path: &Path) -> Result<Outside, Failure> {
    let what = format!("the answers in the capture {}", path.display());
    // A capture lies beside its run: who makes up the one can make up the other.
    let is_proof = false;
    let found = |finding: Option<String>| Ok(Outside { what: what.clone(), finding, is_proof });
    let capture = match Capture::read(capture_file::bytes(path)?) {
        Ok(capture) => capture,
        Err(error) => return found(Some(chain(&error))),
    };
    let sha256 = capture.sha256();
    if let Some(named) = manifest::capture_sha256(directory).filter(|named| *named != sha256) {
        return found(Some(format!("manifest.json names a capture with the SHA-256 {named}, this one has {sha256}")));
    }
    let database = directory.join(DATABASE_FILE);
    let stored = match database.is_file().then(|| sqlite::read(&database)) {
        Some(Ok(stored)) => Some(stored.snapshot),
        Some(Err(error)) => return found(Some(chain(&error))),
        None => None,
    };
    let tool_version = stored.as_ref().map_or(env!("CARGO_PKG_VERSION"), |stored| &stored.header().tool_version);
    let made = in_runtime(async { Ok(refetch(&capture, tool_version, &()).await) })?;
    let made = match made {
        Ok((_, snapshot)) => snapshot,
        Err(error) => return found(Some(chain(&error))),
    };
    // Without a database there is the id, which is a hash over all that was observed.
    let is_same = made.id() == report.snapshot_id && stored.is_none_or(|stored| stored == made);
    found((!is_same).then(|| {
        let (made, told) = (made.id(), &report.snapshot_id);
        format!(
            "they make snapshot {made}, and the run is {told}: it is the capture of another run, or of another version"
        )
    }))
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// Something does not fit.
    NotConsistent,
    /// Everything fits together.
    Consistent,
    /// Everything fits together, and what was given from outside fits too.
    Authentic,
}

impl Verdict {
    fn of(report: &Report, outside: &[Outside]) -> Self {
        if !report.is_consistent() || outside.iter().any(|outside| outside.finding.is_some()) {
            Self::NotConsistent
        } else if !outside.iter().any(|outside| outside.is_proof) {
            Self::Consistent
        } else {
            Self::Authentic
        }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: Verdict,
    #[serde(flatten)]
    report: &'a Report,
    outside: &'a [Outside],
}

impl Answer<'_> {
    fn to_text(&self, explains: bool, directory: &Path) -> String {
        let mut text = String::new();
        // A String takes whatever is written to it.
        let _ = self.write(&mut text, explains, directory);
        text
    }

    fn write(&self, text: &mut String, explains: bool, directory: &Path) -> std::fmt::Result {
        let Report { snapshot_id, status_line, source_hosts, checks, figures, later, manifest_sha256 } = self.report;
        writeln!(text, "{}", visible(status_line))?;
        writeln!(text, "Snapshot    {}, from {}", visible(snapshot_id), visible(&source_hosts.join(", ")))?;
        writeln!(text, "Manifest    SHA-256 {manifest_sha256}\n")?;
        for Check { name, what, findings } in checks {
            write_check(text, name, what, findings)?;
        }
        for Outside { what, finding, .. } in self.outside {
            write_check(text, "outside", what, finding.as_slice())?;
        }
        for directory in later {
            writeln!(text, "      {directory}/ was made of the run later and is no part of the export: not looked at")?;
        }
        if explains {
            write_figures(text, figures)?;
        }
        let count: usize = checks.iter().map(|check| check.findings.len()).sum();
        let count = count + self.outside.iter().filter(|outside| outside.finding.is_some()).count();
        match self.verdict {
            Verdict::NotConsistent => writeln!(
                text,
                "\nNOT CONSISTENT: {}. Do not rely on {}; export again, or fetch the copy that was kept.",
                counted(count, "finding"),
                directory.display()
            ),
            Verdict::Consistent => writeln!(
                text,
                "\nconsistent with this manifest{}. Whether it is the export that was made then, only a hash or a signature from \
                 outside can show:\n--manifest-sha256 HEX (as recorded), or --signed-by KEY.pub{}.",
                if self.outside.is_empty() { "" } else { ", and with the capture" },
                if directory.join(SIGNATURE_FILE).exists() {
                    "; there is a signature that was not checked"
                } else {
                    ""
                }
            ),
            Verdict::Authentic => {
                let proofs = self.outside.iter().filter(|outside| outside.is_proof);
                let against: Vec<&str> = proofs.map(|outside| outside.what.as_str()).collect();
                writeln!(text, "\nconsistent with this manifest, and authentic by {}", against.join(" and "))
            }
        }
    }
}

fn write_check(text: &mut String, name: &str, what: &str, findings: &[String]) -> std::fmt::Result {
    let mark = if findings.is_empty() { "ok  " } else { "FAIL" };
    writeln!(text, "{mark}  {name:<12} {}", visible(what))?;
    findings.iter().try_for_each(|finding| writeln!(text, "      {}", visible(finding)))
}

fn write_figures(text: &mut String, figures: &[FigureCheck]) -> std::fmt::Result {
    writeln!(text, "\nEach figure of the manifest, what the tables give, and the statement that gives it:")?;
    for FigureCheck { name, told, derived, sql } in figures {
        let mark = if *told == Some(*derived) { "=" } else { "IS NOT" };
        let told = told.map_or("not told".to_owned(), |told| told.to_string());
        writeln!(text, "\n{name}: {told} {mark} {derived}\n  {sql};")?;
    }
    Ok(())
}
