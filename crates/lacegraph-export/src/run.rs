//! A whole run: every file of the chosen formats, and what each weighs.

use std::path::{Path, PathBuf};

use lacegraph_model::Graph;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::ExportError;
use crate::{csv, dot, sqlite};

/// The name of the database in a run.
pub const DATABASE_FILE: &str = "lacegraph.db";

/// A format that a run can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `lacegraph.db`.
    Sqlite,
    /// `csv/*.csv`.
    Csv,
    /// `dot/*.dot`.
    Dot,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Csv, Self::Dot];

    /// How the command line spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Csv => "csv",
            Self::Dot => "dot",
        }
    }
}

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenFile {
    /// Its path inside the run, with `/` on every system.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// Writes the files of `formats` into `directory`, which must exist and be empty, and tells what each weighs.
///
/// `full_picture` asks for `dot/full.dot` whatever the number of people; a small graph has it anyway.
///
/// # Errors
///
/// The first file that could not be written; what was written until then stays, and is of no use.
pub fn write_run(
    graph: &Graph,
    directory: &Path,
    formats: &[Format],
    full_picture: bool,
) -> Result<Vec<WrittenFile>, ExportError> {
    let has = |format| formats.contains(&format);
    // The database takes about as long as everything else, so it has a thread of its own.
    let (database, others) = std::thread::scope(|scope| {
        let database =
            scope.spawn(|| if has(Format::Sqlite) { write_database(graph, directory) } else { Ok(Vec::new()) });
        let csv = if has(Format::Csv) { write_csv(graph, directory) } else { Ok(Vec::new()) };
        let others = csv.and_then(|mut files| {
            if has(Format::Dot) {
                files.extend(write_pictures(graph, directory, full_picture)?);
            }
            Ok(files)
        });
        (database.join(), others)
    });
    // A thread that panicked panics here: there is nothing to be told that the panic did not tell.
    let mut files = database.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    files.extend(others?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn write_database(graph: &Graph, directory: &Path) -> Result<Vec<WrittenFile>, ExportError> {
    sqlite::write(graph, &directory.join(DATABASE_FILE))?;
    Ok(vec![weigh(directory, DATABASE_FILE.to_owned())?])
}

fn write_csv(graph: &Graph, directory: &Path) -> Result<Vec<WrittenFile>, ExportError> {
    let files = csv::write(graph, &subdirectory(directory, "csv")?)?;
    files.into_iter().map(|name| weigh(directory, format!("csv/{name}"))).collect()
}

fn write_pictures(graph: &Graph, directory: &Path, full_picture: bool) -> Result<Vec<WrittenFile>, ExportError> {
    let folder = subdirectory(directory, "dot")?;
    let stage = tracing::info_span!(target: lacegraph_model::STAGE, "dot").entered();
    write_picture(&folder.join("accounts.dot"), |out| dot::write_accounts(graph, out))?;
    let mut files = vec!["dot/accounts.dot"];
    if full_picture || graph.snapshot().users().len() <= dot::FULL_VIEW_LIMIT {
        write_picture(&folder.join("full.dot"), |out| dot::write_full(graph, out))?;
        files.push("dot/full.dot");
    }
    drop(stage);
    files.into_iter().map(|name| weigh(directory, name.to_owned())).collect()
}

fn subdirectory(directory: &Path, name: &str) -> Result<PathBuf, ExportError> {
    let path = directory.join(name);
    std::fs::create_dir(&path).map_err(ExportError::io("create", &path))?;
    Ok(path)
}

fn write_picture(
    path: &Path,
    write: impl FnOnce(&mut std::io::BufWriter<std::fs::File>) -> std::io::Result<()>,
) -> Result<(), ExportError> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let file = file.map_err(ExportError::io("create", path))?;
    let mut out = std::io::BufWriter::with_capacity(1 << 16, file);
    let written = write(&mut out).and_then(|()| std::io::Write::flush(&mut out));
    written.map_err(ExportError::io("write", path))
}

/// Reads a file back and hashes it: what is recorded is what is on the disk.
fn weigh(directory: &Path, name: String) -> Result<WrittenFile, ExportError> {
    let _stage = tracing::info_span!(target: lacegraph_model::STAGE, "hash").entered();
    let path = directory.join(&name);
    let failed = |error| ExportError::io("read", &path)(error);
    let mut file = std::fs::File::open(&path).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let count = std::io::Read::read(&mut file, &mut buffer).map_err(failed)?;
        if count == 0 {
            break;
        }
        bytes += count as u64;
        hasher.update(&buffer[..count]);
    }
    Ok(WrittenFile { path: name, bytes, sha256: crate::hex(&hasher.finalize()) })
}
