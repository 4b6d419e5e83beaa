//! CSV: one file a table, and the two wide listings. RFC 4180, UTF-8 without a mark, times as RFC 3339, `true`/`false`.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use lacegraph_model::Graph;

use crate::error::ExportError;
use crate::tables::{ACCESS_COLUMNS, TABLES, Table, Value, access};

/// The files of the two wide listings. Whoever is in the second has the very same row in the first.
const EFFECTIVE_ACCESS: &str = "effective_access.csv";
const ACCESS: &str = "access.csv";

/// Bytes that are collected before they are written to a file.
const BUFFER: usize = 1 << 16;

/// Writes the files into the directory `directory`, which must exist; returns their names in the order written.
///
/// A cell that a spreadsheet would take for a formula gets a leading apostrophe.
///
/// # Errors
///
/// [`ExportError::Io`] with the file that could not be written.
pub fn write(graph: &Graph, directory: &Path) -> Result<Vec<String>, ExportError> {
    let _stage = tracing::info_span!(target: lacegraph_model::STAGE, "csv").entered();
    let (effective, every) = (directory.join(EFFECTIVE_ACCESS), directory.join(ACCESS));
    let mut out = (buffered(create(&effective)?), buffered(create(&every)?));
    write_access(graph, &mut out.1, &mut out.0, &every)?;
    out.0.flush().map_err(ExportError::io("write", &effective))?;
    out.1.flush().map_err(ExportError::io("write", &every))?;
    let mut names = vec![EFFECTIVE_ACCESS.to_owned(), ACCESS.to_owned()];
    for table in &TABLES {
        let name = format!("{}.csv", table.name);
        let path = directory.join(&name);
        write_table(table, graph, create(&path)?, &path)?;
        names.push(name);
    }
    Ok(names)
}

fn create(path: &Path) -> Result<File, ExportError> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    file.map_err(ExportError::io("create", path))
}

fn buffered(file: File) -> BufWriter<File> {
    BufWriter::with_capacity(BUFFER, file)
}

/// Writes the rows of `v_access` to `every`, and those of `v_effective_access`, which are some of them, to `effective`.
///
/// # Errors
///
/// [`ExportError::Io`] with `path`, which is only named.
pub fn write_access(graph: &Graph, every: impl Write, effective: impl Write, path: &Path) -> Result<(), ExportError> {
    let is_effective = Cell::new(true);
    let failed = |error: csv::Error| ExportError::io("write", path)(error.into());
    let mut rows = Rows::new(Both { every, effective, is_effective: &is_effective });
    rows.writer.write_record(ACCESS_COLUMNS).map_err(failed)?;
    rows.writer.flush().map_err(ExportError::io("write", path))?;
    access(graph, &mut |grant, row| {
        is_effective.set(grant.is_effective);
        rows.put(row).map_err(failed)?;
        // Hands the row over, so that each write to `Both` is one row.
        rows.writer.flush().map_err(ExportError::io("write", path))
    })
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

fn write_table(table: &Table, graph: &Graph, out: impl Write, path: &Path) -> Result<(), ExportError> {
    let failed = |error: csv::Error| ExportError::io("write", path)(error.into());
    let mut rows = Rows::new(out);
    rows.writer.write_record(table.columns).map_err(failed)?;
    (table.rows)(graph, &mut |row| rows.put(row).map_err(failed))?;
    rows.writer.flush().map_err(ExportError::io("write", path))
}

/// Rows of values on their way into a file.
struct Rows<W: Write> {
    writer: csv::Writer<W>,
    /// A cell that is put together.
    cell: String,
}

impl<W: Write> Rows<W> {
    fn new(out: W) -> Self {
        let mut builder = csv::WriterBuilder::new();
        let writer = builder.terminator(csv::Terminator::CRLF).buffer_capacity(BUFFER).from_writer(out);
        Self { writer, cell: String::new() }
    }

    fn put(&mut self, row: &[Value<'_>]) -> csv::Result<()> {
        for value in row {
            self.writer.write_field(cell(*value, &mut self.cell))?;
        }
        self.writer.write_record(None::<&[u8]>)
    }
}

/// What stands in a cell; put together in `text` where it is not there already.
fn cell<'v>(value: Value<'v>, text: &'v mut String) -> &'v str {
    use std::fmt::Write as _;
    text.clear();
    match value {
        Value::Null => {}
        Value::Boolean(true) => return "true",
        Value::Boolean(false) => return "false",
        Value::Text(plain) if !is_formula(plain) => return plain,
        Value::Text(formula) => {
            text.push('\'');
            text.push_str(formula);
        }
        Value::Integer(number) => {
            // A String takes whatever is written to it.
            let _ = write!(text, "{number}");
        }
        Value::Time(time) => time.push_rfc3339(text),
    }
    text
}

/// Whether a spreadsheet would run the text as a formula, or split it into cells that it runs.
///
/// Source: OWASP, "CSV Injection". White space before the sign does not help: some programs strip it.
fn is_formula(text: &str) -> bool {
    if text.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric) {
        // As nearly all are.
        return false;
    }
    let first = text.chars().next();
    matches!(first, Some('\t' | '\r' | '\n' | '\0'))
        || matches!(text.trim_start().chars().next(), Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_neutralised_and_nothing_else_is() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "\0=1", " =1", "＝1"] {
            assert!(is_formula(text), "{text:?}");
        }
        for text in ["", "a=1", "ann@example.com", "x-y", "'quoted", "[\"-\"]"] {
            assert!(!is_formula(text), "{text:?}");
        }
    }

    #[test]
    fn numbers_below_zero_stay_numbers() {
        let mut text = String::new();
        assert_eq!(cell(Value::Integer(-3), &mut text), "-3");
        assert_eq!(cell(Value::Text("-3"), &mut text), "'-3");
    }
}
