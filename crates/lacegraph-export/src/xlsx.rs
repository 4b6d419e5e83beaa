//! `access.xlsx`: for people who double-click. Typed cells, filters, a head that stays in sight.
//!
//! Texts are cells of text, so nothing in them is run; times are dates of the spreadsheet, in UTC.

use std::path::Path;

use lacegraph_model::{Graph, UtcTime};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::error::ExportError;
use crate::figures::FIGURES;
use crate::tables::listings::{ACCOUNTS, PROBLEMS};
use crate::tables::{ACCESS_COLUMNS, Value, access};

/// Rows of a sheet up to which the workbook is written. A spreadsheet can hold more; but each takes 8 KB of memory here, where
/// nothing else takes more than 300 bytes, and nobody reads that many.
pub const MOST_ROWS: usize = 20_000;

/// Characters that a cell may have (Microsoft, "Excel specifications and limits").
const LONGEST_CELL: usize = 32_767;

const EFFECTIVE_ACCESS: &str = "Effective access";
const EVERY_GRANT: &str = "Every grant";

/// Why there is no workbook of this graph, where one of its sheets would be too long.
pub fn too_many_rows(graph: &Graph) -> Option<String> {
    let totals = graph.totals();
    let sheets =
        [(totals.grants, "grants"), (totals.problems(), "problems"), (graph.snapshot().accounts().len(), "accounts")];
    let (count, what) = sheets.into_iter().find(|&(count, _)| count > MOST_ROWS)?;
    Some(format!("{count} {what} are too many for a spreadsheet, which would be no help with more than {MOST_ROWS}"))
}

/// Writes the workbook into a new file at `path`. The same graph gives the same bytes.
///
/// A text that is longer than a cell may be is cut, and says so at its end.
///
/// # Errors
///
/// [`ExportError::Io`] with the file, [`ExportError::Workbook`] where the format does not take what is to be written.
pub fn write(graph: &Graph, path: &Path) -> Result<(), ExportError> {
    let _stage = tracing::info_span!(target: lacegraph_model::STAGE, "xlsx").entered();
    // Before the work: a file that is there is not overwritten.
    let file = std::fs::File::options().write(true).create_new(true).open(path);
    let mut file = file.map_err(ExportError::io("create", path))?;
    let bytes = to_bytes(graph).map_err(Fault::into_export)?;
    std::io::Write::write_all(&mut file, &bytes).map_err(ExportError::io("write", path))
}

/// The workbook as bytes.
pub(crate) fn to_bytes(graph: &Graph) -> Result<Vec<u8>, Fault> {
    let mut workbook = Workbook::new();
    // Rows repeat so much that the quickest level makes files little larger than the best.
    workbook.set_zip_compression_level(1);
    let captured = ExcelDateTime::from_timestamp(graph.snapshot().header().captured_at.as_seconds())?;
    workbook.set_properties(&DocProperties::new().set_author("lacegraph").set_creation_datetime(&captured));
    write_about(graph, workbook.add_worksheet())?;
    let mut sheets = [EFFECTIVE_ACCESS, EVERY_GRANT].map(|name| Sheet::new(name, &ACCESS_COLUMNS));
    let [effective, every] = &mut sheets;
    access(graph, &mut |grant, row| {
        let put = |sheet: &mut Sheet| sheet.put(row).map_err(Fault::into_export);
        put(every)?;
        if grant.is_effective { put(effective) } else { Ok(()) }
    })?;
    for sheet in sheets {
        workbook.push_worksheet(sheet.finish()?);
    }
    for (name, table) in [("Accounts", ACCOUNTS), ("Problems", PROBLEMS)] {
        let mut sheet = Sheet::new(name, table.columns);
        (table.rows)(graph, &mut |row| sheet.put(row).map_err(Fault::into_export))?;
        workbook.push_worksheet(sheet.finish()?);
    }
    Ok(workbook.save_to_buffer()?)
}

/// What can go wrong before anything is written.
#[derive(Debug)]
pub(crate) enum Fault {
    Export(ExportError),
    Workbook(XlsxError),
}

impl Fault {
    pub(crate) fn into_export(self) -> ExportError {
        match self {
            Self::Export(error) => error,
            Self::Workbook(error) => ExportError::Workbook(error.to_string()),
        }
    }
}

impl From<XlsxError> for Fault {
    fn from(error: XlsxError) -> Self {
        Self::Workbook(error)
    }
}

impl From<ExportError> for Fault {
    fn from(error: ExportError) -> Self {
        Self::Export(error)
    }
}

/// The first sheet: what this is, whether anything is missing, and the figures.
fn write_about(graph: &Graph, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let snapshot = graph.snapshot();
    let totals = graph.totals();
    let bold = Format::new().set_bold();
    sheet.set_name("About")?.set_column_width(0, 24)?.set_column_width(1, 12)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    let organizations: Vec<&str> =
        snapshot.organizations().iter().map(|organization| snapshot.text(organization.name)).collect();
    let facts = [
        ("Status", crate::evidence::status_line(graph)),
        ("Source", snapshot.source_line()),
        ("Organizations", organizations.join(", ")),
        ("Accounts", totals.accounts.scope_line()),
        ("Captured", format!("{} UTC", snapshot.header().captured_at.to_sql())),
        ("Snapshot", snapshot.id().to_owned()),
        (EFFECTIVE_ACCESS, "one row for each user and account that the user can reach now: count from here".to_owned()),
        (EVERY_GRANT, "every way in which a user comes by access, in force or not: the reason".to_owned()),
    ];
    let mut row = 0;
    for (name, fact) in &facts {
        sheet.write_string_with_format(row, 0, *name, &bold)?.write_string(row, 1, &*cut(fact))?;
        row += 1;
    }
    row += 1;
    for figure in &FIGURES {
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers, and counts are far below")]
        let value = (figure.value)(&totals) as f64;
        let left = Format::new().set_align(FormatAlign::Left);
        sheet.write_string(row, 0, figure.name)?.write_number_with_format(row, 1, value, &left)?;
        sheet.write_string(row, 2, figure.meaning)?;
        row += 1;
    }
    Ok(())
}

/// A sheet with the rows of a table.
struct Sheet {
    sheet: Worksheet,
    name: &'static str,
    columns: &'static [&'static str],
    rows: u32,
    time: Format,
    date: Format,
}

impl Sheet {
    fn new(name: &'static str, columns: &'static [&'static str]) -> Self {
        let format = |text: &str| Format::new().set_num_format(text);
        let (time, date) = (format("yyyy-mm-dd hh:mm:ss"), format("yyyy-mm-dd"));
        Self { sheet: Worksheet::new(), name, columns, rows: 0, time, date }
    }

    fn put(&mut self, row: &[Value<'_>]) -> Result<(), Fault> {
        self.rows += 1;
        let number = self.rows;
        let sheet = &mut self.sheet;
        for (column, value) in (0_u16..).zip(row) {
            match *value {
                Value::Null | Value::Text("") => {}
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a spreadsheet has no other numbers, and counts are far below"
                )]
                Value::Integer(value) => {
                    sheet.write_number(number, column, value as f64)?;
                }
                Value::Boolean(value) => {
                    sheet.write_boolean(number, column, value)?;
                }
                Value::Text(text) => {
                    sheet.write_string(number, column, &*cut(text))?;
                }
                Value::Time(time) => {
                    sheet.write_datetime_with_format(number, column, &moment(time)?, &self.time)?;
                }
                Value::Date(time) => {
                    let day = time.as_seconds().div_euclid(86_400) * 86_400;
                    let day = ExcelDateTime::from_timestamp(day)?;
                    sheet.write_datetime_with_format(number, column, &day, &self.date)?;
                }
            }
        }
        Ok(())
    }

    /// The sheet with its head.
    fn finish(mut self) -> Result<Worksheet, XlsxError> {
        let bold = Format::new().set_bold();
        let sheet = &mut self.sheet;
        sheet.set_name(self.name)?.set_freeze_panes(1, 0)?.set_landscape().set_repeat_rows(0, 0)?;
        let mut last = 0;
        for (column, name) in (0_u16..).zip(self.columns) {
            sheet.write_string_with_format(0, column, *name, &bold)?.set_column_width(column, width(name))?;
            last = column;
        }
        sheet.autofilter(0, 0, self.rows, last)?;
        Ok(self.sheet)
    }
}

fn moment(time: UtcTime) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_timestamp(time.as_seconds())
}

/// How wide a column is, in characters: by what is usual in it. Measuring every cell would take as long as writing it.
fn width(column: &str) -> f64 {
    let usual: f64 = match column {
        "identity" | "full_name" | "account_id" | "message" | "hint" | "fetch_detail" => 32.0,
        _ if column.ends_with("_utc") => 20.0,
        _ => 16.0,
    };
    // The name of the column, and the button of its filter.
    let head = u32::try_from(column.len() + 4).map_or(usual, f64::from);
    usual.max(head)
}

/// A text as a cell may hold it.
fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    // The limit is on units of UTF-16, of which a byte of UTF-8 is never more than one.
    if text.len() <= LONGEST_CELL || text.encode_utf16().count() <= LONGEST_CELL {
        return text.into();
    }
    let note = "… (cut: the whole text is in lacegraph.db)";
    let mut left = LONGEST_CELL - note.encode_utf16().count();
    let kept: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    (kept + note).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_and_says_so() {
        assert_eq!(cut("as it is"), "as it is");
        let fits = "ä".repeat(LONGEST_CELL);
        assert_eq!(cut(&fits), fits);
        for one in ["x", "ä", "😀"] {
            let long = cut(&one.repeat(40_000)).into_owned();
            let length = long.encode_utf16().count();
            assert!(length <= LONGEST_CELL && length > LONGEST_CELL - 2, "{length}");
            assert!(long.ends_with("is in lacegraph.db)"));
        }
    }
}
