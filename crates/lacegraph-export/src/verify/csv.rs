//! The CSV files: written again from the rows of the database, and compared byte by byte.
//!
//! By the rows and declared types that are stored, not by the graph: this shares nothing with the program that wrote both but
//! the form of a cell.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::{Check, counted};
use crate::csv::{CsvFile, Found, Rows};
use crate::error::ExportError;
use crate::manifest::{MANIFEST_FILE, Manifest};
use crate::run::{DATABASE_FILE, WrittenFile};
use crate::sqlite;
use crate::tables::dictionary;

pub(super) fn check(directory: &Path, manifest: &Manifest) -> Check {
    let mut check = Check::new("csv");
    let files = manifest.files.iter().filter(|file| file.path.ends_with(".csv"));
    let files: Vec<_> = files.filter_map(|file| Some((file, source(file)?))).collect();
    if files.is_empty() {
        check.what = "there are none".to_owned();
        return check;
    }
    let path = directory.join(DATABASE_FILE);
    let Some(connection) = check.take(sqlite::open(&path)) else { return check };
    let mut comparison = Comparison { directory, manifest, connection, found: Found::default(), rows: 0 };
    for (file, source) in &files {
        let outcome = match &**source {
            // Its rows are some of those of the other, and are compared with them.
            "v_effective_access" => continue,
            "v_access" => {
                let effective = files.iter().find(|(_, source)| source == "v_effective_access");
                comparison.compare(file, source, effective.map(|(file, _)| *file))
            }
            _ => comparison.compare(file, source, None),
        };
        for finding in check.take(outcome).into_iter().flatten() {
            check.find(finding);
        }
    }
    let neutralised = comparison.found.finish();
    let told = &manifest.neutralised_cells;
    if check.findings.is_empty() && neutralised != *told {
        check.find(format!(
            "{MANIFEST_FILE}: lists {} neutralised, in CSV there are {}",
            counted(usize::try_from(told.count).unwrap_or(usize::MAX), "cell"),
            neutralised.count
        ));
    }
    check.what =
        format!("{} with {} rows, the same as in {DATABASE_FILE}", counted(files.len(), "file"), comparison.rows);
    check
}

fn source(file: &WrittenFile) -> Option<String> {
    CsvFile::source(file.path.strip_prefix("csv/")?)
}

struct Comparison<'a> {
    directory: &'a Path,
    manifest: &'a Manifest,
    connection: Connection,
    found: Found,
    rows: u64,
}

impl Comparison<'_> {
    /// Compares a file with a table or view, and `effective` with the effective rows of it; tells what is wrong.
    fn compare(
        &mut self,
        file: &WrittenFile,
        source: &str,
        effective: Option<&WrittenFile>,
    ) -> Result<Vec<String>, ExportError> {
        let path = self.directory.join(DATABASE_FILE);
        let failed = || ExportError::sqlite("read", &path);
        let columns: Vec<(String, String)> = dictionary()
            .into_iter()
            .filter(|row| row.table == source && !row.column.is_empty())
            .map(|row| (row.column, row.declared_type))
            .collect();
        let place = columns.iter().position(|(column, _)| column == "is_effective");
        let sql = select(&self.connection, source, &columns).map_err(failed())?;
        let mut statement = self.connection.prepare(&sql).map_err(failed())?;
        let mut stored = statement.query([]).map_err(failed())?;
        let is_effective = Cell::new(true);
        let mut sides = vec![Against::open(self.directory, file)?];
        if let Some(effective) = effective {
            sides.push(Against::open(self.directory, effective)?);
        }
        let names: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
        let mut rows = Rows::new(Sides { sides, is_effective: &is_effective }, self.manifest.cell_text());
        let broken = |error: csv::Error| ExportError::io("read", &self.directory.join(&file.path))(error.into());
        rows.writer.write_record(&names).map_err(broken)?;
        rows.writer.flush().map_err(ExportError::io("read", &path))?;
        let mut counts = [0_u64; 2];
        while let Some(row) = stored.next().map_err(failed())? {
            if let (Some(place), Some(_)) = (place, effective) {
                is_effective.set(row.get_ref(place).map_err(failed())? == ValueRef::Integer(1));
            }
            put(&mut rows, row, &columns).map_err(broken)?;
            rows.writer.flush().map_err(ExportError::io("read", &path))?;
            counts[0] += 1;
            counts[1] += u64::from(effective.is_some() && is_effective.get());
            for &column in &rows.neutralised {
                self.found.note(&file.path, counts[0], names[column]);
                if let Some(effective) = effective.filter(|_| is_effective.get()) {
                    self.found.note(&effective.path, counts[1], names[column]);
                }
            }
        }
        drop(stored);
        self.rows += counts[0] + counts[1];
        let mut findings = Vec::new();
        let sides = rows.writer.into_inner().map_err(|error| broken(error.into_error().into()))?.sides;
        for ((side, file), count) in sides.into_iter().zip(std::iter::once(file).chain(effective)).zip(counts) {
            if let Some(at) = side.difference()? {
                let row = row_at(&self.directory.join(&file.path), at);
                findings.push(format!("{}, {row}: is not what {DATABASE_FILE} has in {source}", file.path));
            }
            if file.rows != Some(count) {
                findings.push(format!(
                    "{MANIFEST_FILE}: does not say that {} has {}",
                    file.path,
                    counted(count as usize, "row")
                ));
            }
        }
        Ok(findings)
    }
}

/// The rows of a table in the order of its key, or those of a wide view in the order of the grants.
///
/// The view is taken as the file itself defines it, since that is what its readers see; but grants first, in the order of their
/// key, then what is looked up for each: SQLite would choose another order, and sort.
fn select(connection: &Connection, source: &str, columns: &[(String, String)]) -> rusqlite::Result<String> {
    if source != "v_access" {
        let names: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
        return Ok(format!("SELECT {} FROM {source}", names.join(", ")));
    }
    let sql = "SELECT sql FROM sqlite_schema WHERE name = ?";
    let view: String = connection.query_row(sql, [source], |row| row.get(0))?;
    let body = view.split_once(" AS").map_or("", |(_, body)| body).replace("\nJOIN ", "\nCROSS JOIN ");
    Ok(format!("{body} ORDER BY g.user_key, g.account_key, g.role_key, g.source_key"))
}

/// Writes a stored row as CSV has it, by the declared types.
fn put<W: Write>(rows: &mut Rows<W>, row: &Row<'_>, columns: &[(String, String)]) -> csv::Result<()> {
    rows.begin();
    for (index, (_, declared_type)) in columns.iter().enumerate() {
        let value = row.get_ref(index).map_err(|error| io::Error::other(error.to_string()))?;
        match (value, &**declared_type) {
            (ValueRef::Null, _) => rows.put_plain("")?,
            (ValueRef::Integer(0), "BOOLEAN") => rows.put_plain("false")?,
            (ValueRef::Integer(_), "BOOLEAN") => rows.put_plain("true")?,
            (ValueRef::Integer(number), _) => rows.put_number(number)?,
            (ValueRef::Text(text), "DATETIME") => {
                let mut time = [b'Z'; 20];
                let place = time.iter_mut().zip(text).take(19);
                place.for_each(|(place, &byte)| *place = if byte == b' ' { b'T' } else { byte });
                rows.put_plain(std::str::from_utf8(&time).unwrap_or_default())?;
            }
            (ValueRef::Text(text), "DATE") => rows.put_plain(std::str::from_utf8(text).unwrap_or_default())?,
            (ValueRef::Text(text), _) => rows.put_text(index, std::str::from_utf8(text).unwrap_or_default())?,
            // What no column has: it differs from whatever the file says.
            (ValueRef::Real(_) | ValueRef::Blob(_), _) => rows.put_plain("\u{fffd}")?,
        }
    }
    rows.end()
}

/// A file that is compared with what is written.
struct Against {
    path: std::path::PathBuf,
    file: BufReader<File>,
    /// Bytes that were the same.
    same: u64,
    is_different: bool,
}

impl Against {
    fn open(directory: &Path, file: &WrittenFile) -> Result<Self, ExportError> {
        let path = directory.join(&file.path);
        let file = File::open(&path).map_err(ExportError::io("read", &path))?;
        Ok(Self { path, file: BufReader::with_capacity(1 << 16, file), same: 0, is_different: false })
    }

    fn compare(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() && !self.is_different {
            let found = self.file.fill_buf()?;
            let length = found.len().min(bytes.len());
            if length == 0 || found[..length] != bytes[..length] {
                let same = found.iter().zip(bytes).take_while(|(a, b)| a == b).count();
                self.same += same as u64;
                self.is_different = true;
                return Ok(());
            }
            self.same += length as u64;
            self.file.consume(length);
            bytes = &bytes[length..];
        }
        Ok(())
    }

    /// Where the file differs from what was written: also where it goes on.
    fn difference(mut self) -> Result<Option<u64>, ExportError> {
        let has_more = !self.file.fill_buf().map_err(ExportError::io("read", &self.path))?.is_empty();
        Ok((self.is_different || has_more).then_some(self.same))
    }
}

/// Two files, of which the second has some of the rows of the first.
struct Sides<'c> {
    sides: Vec<Against>,
    is_effective: &'c Cell<bool>,
}

impl Write for Sides<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = if self.is_effective.get() { self.sides.len() } else { 1 };
        self.sides.iter_mut().take(count).try_for_each(|side| side.compare(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// In which row of a file a byte is, in words.
fn row_at(path: &Path, at: u64) -> String {
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path);
    let mut row = 0;
    // A file that ends too early lacks the row after its last.
    row += u64::from(std::fs::metadata(path).is_ok_and(|metadata| metadata.len() <= at));
    for record in reader.into_iter().flat_map(csv::Reader::into_byte_records).map_while(Result::ok) {
        let begin = record.position().map_or(0, csv::Position::byte);
        if begin > at {
            break;
        }
        row += 1;
    }
    match row {
        0 | 1 => "line with the names of the columns".to_owned(),
        row => format!("row {}", row - 1),
    }
}
