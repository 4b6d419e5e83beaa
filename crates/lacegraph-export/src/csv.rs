//! CSV: one file a table, and the two wide listings. RFC 4180, UTF-8 without a mark, times as RFC 3339, `true`/`false`.

use std::io::Write;
use std::path::Path;

use lacegraph_model::Graph;

use crate::error::ExportError;
use crate::tables::{ACCESS_COLUMNS, Sink, TABLES, Table, Value, access, effective_access};

const ACCESS: Table = Table { name: "access", columns: &ACCESS_COLUMNS, rows: access };
const EFFECTIVE_ACCESS: Table = Table { name: "effective_access", columns: &ACCESS_COLUMNS, rows: effective_access };

/// Writes the files into the directory `directory`, which must exist; returns their names in the order written.
///
/// A cell that a spreadsheet would take for a formula gets a leading apostrophe.
///
/// # Errors
///
/// [`ExportError::Io`] with the file that could not be written.
pub fn write(graph: &Graph, directory: &Path) -> Result<Vec<String>, ExportError> {
    let mut names = Vec::new();
    for table in [EFFECTIVE_ACCESS, ACCESS].iter().chain(&TABLES) {
        let name = format!("{}.csv", table.name);
        let path = directory.join(&name);
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
        let file = file.map_err(ExportError::io("create", &path))?;
        write_table(table, graph, std::io::BufWriter::with_capacity(1 << 16, file), &path)?;
        names.push(name);
    }
    Ok(names)
}

/// Writes the rows of `v_effective_access` or, with `every_grant`, of `v_access`.
///
/// # Errors
///
/// [`ExportError::Io`] with `path`, which is only named.
pub fn write_access(graph: &Graph, every_grant: bool, out: impl Write, path: &Path) -> Result<(), ExportError> {
    write_table(if every_grant { &ACCESS } else { &EFFECTIVE_ACCESS }, graph, out, path)
}

fn write_table(table: &Table, graph: &Graph, out: impl Write, path: &Path) -> Result<(), ExportError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let failed = |error: csv::Error| ExportError::io("write", path)(error.into());
    writer.write_record(table.columns).map_err(failed)?;
    let mut cell = String::new();
    let sink: &mut Sink<'_> = &mut |row| {
        for value in row {
            put(*value, &mut cell);
            writer.write_field(&cell).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)
    };
    (table.rows)(graph, sink)?;
    writer.flush().map_err(ExportError::io("write", path))
}

fn put(value: Value<'_>, cell: &mut String) {
    use std::fmt::Write as _;
    cell.clear();
    let written = match value {
        Value::Null => Ok(()),
        Value::Integer(number) => write!(cell, "{number}"),
        Value::Boolean(value) => write!(cell, "{value}"),
        Value::Time(time) => write!(cell, "{time}"),
        Value::Text(text) => {
            if is_formula(text) {
                cell.push('\'');
            }
            cell.push_str(text);
            Ok(())
        }
    };
    // A String takes whatever is written to it.
    debug_assert!(written.is_ok());
}

/// Whether a spreadsheet would run the text as a formula, or split it into cells that it runs.
///
/// Source: OWASP, "CSV Injection". White space before the sign does not help: some programs strip it.
fn is_formula(text: &str) -> bool {
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
        let mut cell = String::new();
        put(Value::Integer(-3), &mut cell);
        assert_eq!(cell, "-3");
        put(Value::Text("-3"), &mut cell);
        assert_eq!(cell, "'-3");
    }
}
