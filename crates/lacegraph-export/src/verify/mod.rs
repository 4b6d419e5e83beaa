//! Whether a run fits together: files against the manifest, the manifest and everything derived against what was observed.
//!
//! Works offline and on the files alone. What it shows is consistency; that a run is authentic, only a hash or a signature from
//! outside can show.

mod csv;
mod database;
mod files;
mod pictures;

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use crate::csv::CellText;
use crate::error::ExportError;
use crate::manifest::{MANIFEST_FILE, MANIFEST_VERSION, Manifest, is_ours, sha256};
use crate::run::DATABASE_FILE;

/// Findings of one check that are told; more of the same kind help nobody.
const MOST_TOLD: usize = 50;

/// What became of a verification.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The SHA-256 of the manifest.
    pub manifest_sha256: String,
    /// The snapshot that the manifest names.
    pub snapshot_id: String,
    /// What the manifest says of the run, in words.
    pub status_line: String,
    /// Where the manifest says that the data come from.
    pub source_hosts: Vec<String>,
    /// What was looked at, in order.
    pub checks: Vec<Check>,
    /// The figures of the manifest, and what the tables give.
    pub figures: Vec<FigureCheck>,
    /// Directories in the run that hold what was made of it later; they are not part of the export.
    pub later: Vec<String>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What was looked at, in words.
    pub what: String,
    /// What is wrong, each with the file it concerns.
    pub findings: Vec<String>,
}

impl Check {
    fn new(name: &'static str) -> Self {
        Self { name, what: String::new(), findings: Vec::new() }
    }

    fn find(&mut self, what: impl Into<String>) {
        match self.findings.len() {
            MOST_TOLD => self.findings.push("and more of the same".to_owned()),
            fewer if fewer < MOST_TOLD => self.findings.push(what.into()),
            _ => {}
        }
    }

    /// Takes a failure of the check itself as a finding: what cannot be read is not as it was written.
    fn take<T>(&mut self, outcome: Result<T, ExportError>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                self.find(told(&error));
                None
            }
        }
    }
}

/// A figure, told and derived.
#[derive(Clone, Debug, Serialize)]
pub struct FigureCheck {
    /// Its name.
    pub name: String,
    /// What the manifest says; nothing where it does not tell this one.
    pub told: Option<u64>,
    /// What the tables give.
    pub derived: u64,
    /// The SQL that gives it.
    pub sql: String,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_consistent(&self) -> bool {
        self.checks.iter().all(|check| check.findings.is_empty())
    }
}

/// Verifies the run in `directory`. `commit` is that of this program: what the very same program wrote is written again and
/// compared byte by byte.
///
/// # Errors
///
/// Where there is nothing to compare with: [`ExportError::NoRun`] without a manifest; [`ExportError::Manifest`] where that cannot be
/// understood, names files elsewhere, or the tables have another version than this program's. Whatever else is wrong is a finding.
pub fn verify(directory: &Path, commit: &str) -> Result<Report, ExportError> {
    let (manifest, manifest_sha256) = read_manifest(directory)?;
    let is_listed = manifest.files.iter().any(|file| file.path == DATABASE_FILE);
    // Where it is listed and no file, the check of the files says so.
    let has_database = is_listed && files::open(&directory.join(DATABASE_FILE)).is_ok();
    if !has_database {
        let (files, later) = files::check(directory, &manifest, &manifest_sha256);
        let mut check = Check::new("database");
        check.what = match is_listed {
            true => format!("{DATABASE_FILE} cannot be read: nothing was derived again"),
            false => format!("no {DATABASE_FILE} in this run: nothing can be derived again, only hashes were compared"),
        };
        return Ok(report(&manifest, manifest_sha256, vec![files, check], Vec::new(), later));
    }
    let is_same_build = is_same_build(&manifest, commit);
    if let Some(found) = other_tables(directory, &manifest) {
        let what = format!(
            "its tables have version {found}, this lacegraph verifies version {}",
            crate::sqlite::SCHEMA_VERSION
        );
        return Err(ExportError::Manifest { path: directory.join(DATABASE_FILE), what });
    }
    if let Some(check) = database::refuse(directory) {
        let (files, later) = files::check(directory, &manifest, &manifest_sha256);
        return Ok(report(&manifest, manifest_sha256, vec![files, check], Vec::new(), later));
    }
    let (files, integrity, figures) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
    // What is short and needs nothing of the rest; whichever thread is done with its own work takes the next.
    let jobs: [&(dyn Fn() + Sync); 3] = [
        &|| drop(files.set(files::check(directory, &manifest, &manifest_sha256))),
        &|| drop(integrity.set(database::check_integrity(directory))),
        &|| drop(figures.set(database::check_figures(directory, &manifest, is_same_build))),
    ];
    let next = AtomicUsize::new(0);
    let help = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            job();
        }
    };
    let (derived, listings) = std::thread::scope(|scope| {
        // The view takes about as long as reading the database and deriving everything again.
        let listings = scope.spawn(|| {
            let outcome = csv::compare_listings(directory, &manifest);
            help();
            outcome
        });
        let derived = database::check(directory, &manifest, is_same_build);
        help();
        // A thread that panicked panics here: there is nothing to be told that the panic did not tell.
        (derived, listings.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let database::Derived { checks: derived, mut tables, status_line } = derived;
    tables.add(listings);
    // All jobs were done: a thread ends when none is left.
    let (files, later) = files.into_inner().expect("the files were checked");
    let (figures, told) = figures.into_inner().expect("the figures were checked");
    let integrity = integrity.into_inner().expect("the integrity was checked");
    let mut checks = vec![files];
    checks.extend(derived);
    if let Some(database) = checks.get_mut(1) {
        integrity.into_iter().for_each(|finding| database.find(finding));
    }
    checks.push(figures);
    checks.push(tables.check(&manifest));
    let mut report = report(&manifest, manifest_sha256, checks, told, later);
    // What the manifest says of itself is its own word.
    report.status_line = status_line.unwrap_or(report.status_line);
    Ok(report)
}

fn report(
    manifest: &Manifest,
    manifest_sha256: String,
    checks: Vec<Check>,
    figures: Vec<FigureCheck>,
    later: Vec<String>,
) -> Report {
    Report {
        manifest_sha256,
        snapshot_id: manifest.content.snapshot_id.clone(),
        status_line: manifest.content.status_line.clone(),
        source_hosts: manifest.content.source_hosts.clone(),
        checks,
        figures,
        later,
    }
}

fn read_manifest(directory: &Path) -> Result<(Manifest, String), ExportError> {
    let path = directory.join(MANIFEST_FILE);
    if !path.exists() {
        return Err(ExportError::NoRun(directory.to_owned()));
    }
    let bytes = files::read(&path)?;
    let damaged = |what: String| ExportError::Manifest { path: path.clone(), what };
    if !is_ours(&bytes) {
        return Err(damaged("it is not a manifest of lacegraph, or it was changed".to_owned()));
    }
    #[derive(serde::Deserialize)]
    struct Versioned {
        manifest_version: u32,
    }
    match serde_json::from_slice::<Versioned>(&bytes) {
        Ok(versioned) if versioned.manifest_version != MANIFEST_VERSION => {
            let found = versioned.manifest_version;
            return Err(damaged(format!("it has form {found}, this lacegraph verifies form {MANIFEST_VERSION}")));
        }
        _ => {}
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    // Whoever wrote it: no path of it leads anywhere else.
    if let Some(file) = manifest.files.iter().find(|file| !files::is_inside(&file.path)) {
        return Err(damaged(format!("it names a file outside of the run: {}", file.path)));
    }
    Ok((manifest, sha256(&bytes)))
}

/// Whether this program is known to be the one that wrote the run: by its version and a commit that nothing was changed in.
fn is_same_build(manifest: &Manifest, commit: &str) -> bool {
    let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let by = &manifest.run;
    is_commit && by.tool_commit == commit && by.tool_version == env!("CARGO_PKG_VERSION")
}

/// The version of the tables of a database that is as the manifest says, where this program has others.
fn other_tables(directory: &Path, manifest: &Manifest) -> Option<i32> {
    let found = crate::sqlite::open(&directory.join(DATABASE_FILE)).and_then(|connection| {
        let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
        version.map_err(ExportError::sqlite("read", directory))
    });
    let found = match found {
        Ok(found) => found,
        Err(ExportError::Version { found, .. }) => found,
        Err(_) => return None,
    };
    if found == crate::sqlite::SCHEMA_VERSION {
        return None;
    }
    // A changed byte is no other version.
    let is_as_written = |file: &crate::WrittenFile| {
        file.path == DATABASE_FILE
            && crate::run::weigh(directory, DATABASE_FILE).is_ok_and(|now| now.sha256 == file.sha256)
    };
    manifest.files.iter().any(is_as_written).then_some(found)
}

impl Manifest {
    /// How texts in CSV files were written.
    fn cell_text(&self) -> CellText {
        if self.csv_cells == CellText::Raw.as_str() { CellText::Raw } else { CellText::Neutralised }
    }
}

/// An error with its cause.
fn told(error: &ExportError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

/// `1 file`, `2 files`.
fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
