//! Rows of values on their way into a CSV file, and the cells that a spreadsheet must not run.

use std::collections::BTreeMap;
use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::tables::Value;

/// Bytes that are collected before they are written to a file.
pub(super) const BUFFER: usize = 1 << 16;

/// What becomes of a text that a spreadsheet would take for a formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellText {
    /// It gets a leading apostrophe, and is listed.
    #[default]
    Neutralised,
    /// It stays as it is.
    Raw,
}

impl CellText {
    /// How the manifest spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Neutralised => "neutralised",
            Self::Raw => "raw",
        }
    }
}

/// Texts that got a leading apostrophe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeutralisedCells {
    /// How many there are.
    pub count: u64,
    /// The first of them, at most [`MOST_LISTED`](Self::MOST_LISTED) a file.
    pub cells: Vec<NeutralisedCell>,
}

impl NeutralisedCells {
    /// Cells listed for each file: more of them is no accident, and a list without end would help nobody.
    pub const MOST_LISTED: usize = 1000;

    /// Adds those of other files.
    pub(crate) fn add(&mut self, others: Self) {
        self.count += others.count;
        self.cells.extend(others.cells);
        self.cells.sort_by(|a, b| (&a.file, a.row).cmp(&(&b.file, b.row)));
    }
}

/// A text that got a leading apostrophe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeutralisedCell {
    /// The file, inside the run.
    pub file: String,
    /// The row, from 1; the line with the names of the columns does not count.
    pub row: u64,
    /// The column.
    pub column: String,
}

/// Neutralised cells while they are found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    cells: NeutralisedCells,
    /// How many are listed of each file.
    listed: BTreeMap<String, usize>,
}

impl Found {
    pub(crate) fn note(&mut self, file: &str, row: u64, column: &str) {
        self.cells.count += 1;
        let listed = self.listed.entry(file.to_owned()).or_default();
        if *listed < NeutralisedCells::MOST_LISTED {
            *listed += 1;
            self.cells.cells.push(NeutralisedCell { file: file.to_owned(), row, column: column.to_owned() });
        }
    }

    /// All of them, by file and row.
    pub(crate) fn finish(self) -> NeutralisedCells {
        let mut all = NeutralisedCells::default();
        all.add(self.cells);
        all
    }
}

/// Rows of values on their way into a file.
pub(crate) struct Rows<W: Write> {
    pub(crate) writer: csv::Writer<W>,
    text: CellText,
    /// A cell that is put together.
    cell: String,
    /// The columns of the last row whose cells were neutralised.
    pub(crate) neutralised: Vec<usize>,
}

impl<W: Write> Rows<W> {
    pub(crate) fn new(out: W, text: CellText) -> Self {
        let mut builder = csv::WriterBuilder::new();
        let writer = builder.terminator(csv::Terminator::CRLF).buffer_capacity(BUFFER).from_writer(out);
        Self { writer, text, cell: String::new(), neutralised: Vec::new() }
    }

    pub(crate) fn put(&mut self, row: &[Value<'_>]) -> csv::Result<()> {
        self.begin();
        for (column, value) in row.iter().enumerate() {
            match *value {
                Value::Null => self.put_plain("")?,
                Value::Boolean(value) => self.put_plain(if value { "true" } else { "false" })?,
                Value::Text(text) => self.put_text(column, text)?,
                Value::Integer(number) => self.put_number(number)?,
                Value::Time(time) => self.put_made(|text| time.push_rfc3339(text))?,
                Value::Date(time) => self.put_made(|text| time.push_date(text))?,
            }
        }
        self.end()
    }

    /// Begins a row, of which [`end`](Self::end) is the end.
    pub(crate) fn begin(&mut self) {
        self.neutralised.clear();
    }

    /// Writes a cell that no tenant wrote.
    pub(crate) fn put_plain(&mut self, text: &str) -> csv::Result<()> {
        self.writer.write_field(text)
    }

    pub(crate) fn put_number(&mut self, number: i64) -> csv::Result<()> {
        use std::fmt::Write as _;
        // A String takes whatever is written to it.
        self.put_made(|text| _ = write!(text, "{number}"))
    }

    /// Writes a cell with whatever text a tenant wrote.
    pub(crate) fn put_text(&mut self, column: usize, text: &str) -> csv::Result<()> {
        if self.text == CellText::Raw || !is_formula(text) {
            return self.put_plain(text);
        }
        self.neutralised.push(column);
        self.put_made(|cell| {
            cell.push('\'');
            cell.push_str(text);
        })
    }

    fn put_made(&mut self, make: impl FnOnce(&mut String)) -> csv::Result<()> {
        self.cell.clear();
        make(&mut self.cell);
        self.writer.write_field(&self.cell)
    }

    pub(crate) fn end(&mut self) -> csv::Result<()> {
        self.writer.write_record(None::<&[u8]>)
    }
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

    fn row(text: CellText, values: &[Value<'_>]) -> (String, Vec<usize>) {
        let mut rows = Rows::new(Vec::new(), text);
        rows.put(values).unwrap();
        let neutralised = rows.neutralised.clone();
        (String::from_utf8(rows.writer.into_inner().unwrap()).unwrap(), neutralised)
    }

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
        let values = [Value::Integer(-3), Value::Text("-3"), Value::Text("a")];
        assert_eq!(row(CellText::Neutralised, &values), ("-3,'-3,a\r\n".to_owned(), vec![1]));
        assert_eq!(row(CellText::Raw, &values), ("-3,-3,a\r\n".to_owned(), vec![]));
    }

    #[test]
    fn all_cells_are_counted_and_the_first_listed() {
        let mut found = Found::default();
        for row in 1..=1500 {
            found.note("a.csv", row, "x");
        }
        found.note("b.csv", 1, "y");
        let cells = found.finish();
        assert_eq!((cells.count, cells.cells.len()), (1501, 1001));
        assert_eq!(cells.cells[1000].file, "b.csv");
    }
}
