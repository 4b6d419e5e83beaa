//! A whole run: every file of the chosen formats, and what each weighs.

use std::path::{Path, PathBuf};

use lacegraph_model::Graph;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::csv::{CellText, CsvFile, CsvFiles, NeutralisedCells};
use crate::dot::Drawn;
use crate::error::ExportError;
use crate::manifest::{Content, Manifest, Provenance, create};
use crate::{csv, dot, evidence, package, sqlite, xlsx};

/// The name of the database in a run.
pub const DATABASE_FILE: &str = "lacegraph.db";
/// The name of the workbook in a run.
pub(crate) const WORKBOOK_FILE: &str = "access.xlsx";

/// A format that a run can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `lacegraph.db`.
    Sqlite,
    /// `csv/*.csv` and `csv/datapackage.json`.
    Csv,
    /// `dot/*.dot`.
    Dot,
    /// `access.xlsx`.
    Xlsx,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Csv, Self::Dot, Self::Xlsx];

    /// How the command line spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Csv => "csv",
            Self::Dot => "dot",
            Self::Xlsx => "xlsx",
        }
    }
}

/// What is wanted of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// The formats.
    pub formats: Vec<Format>,
    /// Whether `dot/full.dot` is drawn whatever the number of people; a small graph has it anyway.
    pub full_picture: bool,
    /// What becomes of texts in CSV that a spreadsheet would run.
    pub cells: CellText,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { formats: Format::ALL.to_vec(), full_picture: false, cells: CellText::default() }
    }
}

/// What was written of the formats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The files by path.
    pub files: Vec<WrittenFile>,
    /// How texts in CSV were written.
    pub cells: CellText,
    /// Texts in CSV that got a leading apostrophe.
    pub neutralised: NeutralisedCells,
    /// Formats that were wanted and not written, with the reason.
    pub left_out: Vec<String>,
}

/// A run that was written whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRun {
    /// The files of the formats and the evidence, by path.
    pub files: Vec<WrittenFile>,
    /// Formats that were wanted and not written, with the reason.
    pub left_out: Vec<String>,
    /// Texts in CSV that got a leading apostrophe.
    pub neutralised: u64,
    /// The SHA-256 of the manifest, in hexadecimal.
    pub manifest_sha256: String,
}

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// Its path inside the run, with `/` on every system.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Its rows, where it is a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Its nodes, where it is a picture; those of the legend do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
    /// Its lines, where it is a picture; those of the legend do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edges: Option<u64>,
}

/// Writes a whole run into `directory`, which must exist and be empty: the formats, `EVIDENCE.md`, and last `manifest.json` and
/// `SHA256SUMS`.
///
/// # Errors
///
/// The first file that could not be written; what was written until then stays, and is of no use.
pub fn write_run(
    graph: &Graph,
    directory: &Path,
    options: &RunOptions,
    provenance: Provenance,
) -> Result<WrittenRun, ExportError> {
    let mut written = write_formats(graph, directory, options)?;
    let has_database = options.formats.contains(&Format::Sqlite);
    let evidence = evidence::text(graph, &Content::of(graph), &provenance.keys, has_database);
    create(&directory.join(evidence::FILE), evidence.as_bytes())?;
    written.files.push(weigh(directory, evidence::FILE)?);
    written.files.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = Manifest::new(graph, &written, provenance);
    let manifest_sha256 = manifest.write(directory)?;
    let Written { files, neutralised, left_out, .. } = written;
    Ok(WrittenRun { files, left_out, neutralised: neutralised.count, manifest_sha256 })
}

/// Writes the files of the formats into `directory`, which must exist and be empty, and tells what each weighs.
///
/// # Errors
///
/// As [`write_run`].
pub fn write_formats(graph: &Graph, directory: &Path, options: &RunOptions) -> Result<Written, ExportError> {
    let has = |format| options.formats.contains(&format);
    let mut written = Written { cells: options.cells, ..Written::default() };
    // The database takes about as long as everything else, so it has a thread of its own.
    let (database, others) = std::thread::scope(|scope| {
        let database =
            scope.spawn(|| if has(Format::Sqlite) { write_database(graph, directory) } else { Ok(Vec::new()) });
        let others = write_others(graph, directory, options, &mut written);
        (database.join(), others)
    });
    // A thread that panicked panics here: there is nothing to be told that the panic did not tell.
    written.files.extend(database.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    others?;
    written.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(written)
}

fn write_others(
    graph: &Graph,
    directory: &Path,
    options: &RunOptions,
    written: &mut Written,
) -> Result<(), ExportError> {
    let has = |format| options.formats.contains(&format);
    if has(Format::Csv) {
        write_csv(graph, directory, written)?;
    }
    if has(Format::Dot) {
        written.files.extend(write_pictures(graph, directory, options.full_picture)?);
    }
    if has(Format::Xlsx) {
        match xlsx::too_many_rows(graph) {
            Some(why) => written.left_out.push(format!("{WORKBOOK_FILE}: {why}; the CSV files have them all")),
            None => {
                xlsx::write(graph, &directory.join(WORKBOOK_FILE))?;
                written.files.push(weigh(directory, WORKBOOK_FILE)?);
            }
        }
    }
    Ok(())
}

fn write_database(graph: &Graph, directory: &Path) -> Result<Vec<WrittenFile>, ExportError> {
    sqlite::write(graph, &directory.join(DATABASE_FILE))?;
    Ok(vec![weigh(directory, DATABASE_FILE)?])
}

fn write_csv(graph: &Graph, directory: &Path, written: &mut Written) -> Result<(), ExportError> {
    let folder = subdirectory(directory, "csv")?;
    let CsvFiles { files, neutralised } = csv::write(graph, &folder, written.cells)?;
    for CsvFile { name, rows } in files {
        let file = weigh(directory, &format!("csv/{name}"))?;
        written.files.push(WrittenFile { rows: Some(rows), ..file });
    }
    written.neutralised = neutralised;
    for cell in &mut written.neutralised.cells {
        cell.file.insert_str(0, "csv/");
    }
    written.files.sort_by(|a, b| a.path.cmp(&b.path));
    let package = package::text(graph, &written.files)?;
    create(&folder.join(package::FILE), package.as_bytes())?;
    written.files.push(weigh(directory, &format!("csv/{}", package::FILE))?);
    Ok(())
}

fn write_pictures(graph: &Graph, directory: &Path, full_picture: bool) -> Result<Vec<WrittenFile>, ExportError> {
    let folder = subdirectory(directory, "dot")?;
    let stage = tracing::info_span!(target: lacegraph_model::STAGE, "dot").entered();
    let mut pictures = vec![write_picture(&folder, "accounts.dot", |out| dot::write_accounts(graph, out))?];
    if full_picture || graph.snapshot().users().len() <= dot::FULL_VIEW_LIMIT {
        pictures.push(write_picture(&folder, "full.dot", |out| dot::write_full(graph, out))?);
    }
    drop(stage);
    let weighed = pictures.into_iter().map(|(name, Drawn { nodes, edges })| {
        let file = weigh(directory, &format!("dot/{name}"))?;
        Ok(WrittenFile { nodes: Some(nodes), edges: Some(edges), ..file })
    });
    weighed.collect()
}

fn subdirectory(directory: &Path, name: &str) -> Result<PathBuf, ExportError> {
    let path = directory.join(name);
    std::fs::create_dir(&path).map_err(ExportError::io("create", &path))?;
    Ok(path)
}

fn write_picture(
    folder: &Path,
    name: &'static str,
    write: impl FnOnce(&mut std::io::BufWriter<std::fs::File>) -> std::io::Result<Drawn>,
) -> Result<(&'static str, Drawn), ExportError> {
    let path = folder.join(name);
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
    let file = file.map_err(ExportError::io("create", &path))?;
    let mut out = std::io::BufWriter::with_capacity(1 << 16, file);
    let written = write(&mut out).and_then(|drawn| std::io::Write::flush(&mut out).map(|()| drawn));
    Ok((name, written.map_err(ExportError::io("write", &path))?))
}

/// Reads a file back and hashes it: what is recorded is what is on the disk.
pub(crate) fn weigh(directory: &Path, name: &str) -> Result<WrittenFile, ExportError> {
    let _stage = tracing::info_span!(target: lacegraph_model::STAGE, "hash").entered();
    let path = directory.join(name);
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
    let sha256 = crate::hex(&hasher.finalize());
    Ok(WrittenFile { path: name.to_owned(), bytes, sha256, rows: None, nodes: None, edges: None })
}
