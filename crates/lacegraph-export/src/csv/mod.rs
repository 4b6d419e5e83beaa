//! CSV: one file a table, and the two wide listings. RFC 4180, UTF-8 without a mark, times as RFC 3339, `true`/`false`.

mod rows;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use lacegraph_model::Graph;

use crate::error::ExportError;
use crate::tables::{ACCESS_COLUMNS, TABLES, Table, access};
pub use rows::{CellText, NeutralisedCell, NeutralisedCells};
pub(crate) use rows::{Found, Rows};

/// The files of the two wide listings. Whoever is in the second has the very same row in the first.
const EFFECTIVE_ACCESS: &str = "effective_access";
const ACCESS: &str = "access";

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvFiles {
    /// The files in the order written.
    pub files: Vec<CsvFile>,
    /// Cells that got a leading apostrophe; their files by name alone.
    pub neutralised: NeutralisedCells,
}

/// A file, and how many rows it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvFile {
    /// Its name, with the ending.
    pub name: String,
    /// Its rows; the line with the names of the columns does not count.
    pub rows: u64,
}

impl CsvFile {
    /// The table or view whose rows the file `name` has.
    pub(crate) fn source(name: &str) -> Option<String> {
        let table = name.strip_suffix(".csv")?;
        Some(if [ACCESS, EFFECTIVE_ACCESS].contains(&table) { format!("v_{table}") } else { table.to_owned() })
    }
}

/// Writes the files into the directory `directory`, which must exist.
///
/// A cell that a spreadsheet would take for a formula gets a leading apostrophe, unless `text` is [`CellText::Raw`].
///
/// # Errors
///
/// [`ExportError::Io`] with the file that could not be written.
pub fn write(graph: &Graph, directory: &Path, text: CellText) -> Result<CsvFiles, ExportError> {
    let _stage = tracing::info_span!(target: lacegraph_model::STAGE, "csv").entered();
    let mut found = Found::default();
    let mut files = write_listings(graph, directory, text, &mut found)?;
    for table in &TABLES {
        files.push(write_table(table, graph, directory, text, &mut found)?);
    }
    Ok(CsvFiles { files, neutralised: found.finish() })
}

fn create(path: &Path) -> Result<BufWriter<File>, ExportError> {
    let file = File::options().write(true).create_new(true).open(path).map_err(ExportError::io("create", path))?;
    Ok(BufWriter::with_capacity(rows::BUFFER, file))
}

fn write_listings(
    graph: &Graph,
    directory: &Path,
    text: CellText,
    found: &mut Found,
) -> Result<Vec<CsvFile>, ExportError> {
    let names = [EFFECTIVE_ACCESS, ACCESS].map(|table| format!("{table}.csv"));
    let [effective, every] = names.each_ref().map(|name| directory.join(name));
    let mut out = [create(&effective)?, create(&every)?];
    let [to_effective, to_every] = &mut out;
    let rows = put_access(graph, to_every, to_effective, text, found, &every)?;
    for (out, path) in out.iter_mut().zip([&effective, &every]) {
        out.flush().map_err(ExportError::io("write", path))?;
    }
    Ok(names.into_iter().zip(rows).map(|(name, rows)| CsvFile { name, rows }).collect())
}

/// Writes the rows of `v_access` to `every`, and those of `v_effective_access`, which are some of them, to `effective`.
///
/// # Errors
///
/// [`ExportError::Io`] with `path`, which is only named.
pub fn write_access(
    graph: &Graph,
    every: impl Write,
    effective: impl Write,
    text: CellText,
    path: &Path,
) -> Result<(), ExportError> {
    put_access(graph, every, effective, text, &mut Found::default(), path).map(|_| ())
}

/// The same; tells how many rows that were, of the effective first.
fn put_access(
    graph: &Graph,
    every: impl Write,
    effective: impl Write,
    text: CellText,
    found: &mut Found,
    path: &Path,
) -> Result<[u64; 2], ExportError> {
    let is_effective = Cell::new(true);
    let failed = |error: csv::Error| ExportError::io("write", path)(error.into());
    let mut rows = Rows::new(Both { every, effective, is_effective: &is_effective }, text);
    rows.writer.write_record(ACCESS_COLUMNS).map_err(failed)?;
    rows.writer.flush().map_err(ExportError::io("write", path))?;
    let mut counts = [0, 0];
    let files = [EFFECTIVE_ACCESS, ACCESS].map(|table| format!("{table}.csv"));
    access(graph, &mut |grant, row| {
        is_effective.set(grant.is_effective);
        rows.put(row).map_err(failed)?;
        let [to_effective, to_every] = &mut counts;
        *to_effective += u64::from(grant.is_effective);
        *to_every += 1;
        for &column in &rows.neutralised {
            for (file, (&row, has_row)) in files.iter().zip(counts.iter().zip([grant.is_effective, true])) {
                if has_row {
                    found.note(file, row, ACCESS_COLUMNS[column]);
                }
            }
        }
        // Hands the row over, so that each write to `Both` is one row.
        rows.writer.flush().map_err(ExportError::io("write", path))
    })?;
    Ok(counts)
}

/// Two files, of which the second gets some of the rows of the first: they are put together once.
struct Both<'c, A, B> {
    every: A,
    effective: B,
    is_effective: &'c Cell<bool>,
}

impl<A: Write, B: Write> Write for Both<'_, A, B> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.every.write_all(bytes)?;
        if self.is_effective.get() {
            self.effective.write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    /// Asked for after each row; the files are flushed at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_table(
    table: &Table,
    graph: &Graph,
    directory: &Path,
    text: CellText,
    found: &mut Found,
) -> Result<CsvFile, ExportError> {
    let name = format!("{}.csv", table.name);
    let path = directory.join(&name);
    let failed = |error: csv::Error| ExportError::io("write", &path)(error.into());
    let mut rows = Rows::new(create(&path)?, text);
    rows.writer.write_record(table.columns).map_err(failed)?;
    let mut count = 0;
    (table.rows)(graph, &mut |row| {
        rows.put(row).map_err(failed)?;
        count += 1;
        for &column in &rows.neutralised {
            found.note(&name, count, table.columns[column]);
        }
        Ok(())
    })?;
    rows.writer.flush().map_err(ExportError::io("write", &path))?;
    Ok(CsvFile { name, rows: count })
}
