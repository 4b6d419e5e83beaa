//! The CSV files: what should stand in them is written again, and compared byte by byte.
//!
//! The wide listings from the rows that the view `v_access` of the database gives: that shares nothing with the program that wrote
//! both but the form of a cell. Files of tables from rows that were found the same in the database.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::{Check, counted, files};
use crate::csv::{CsvFile, Found, NeutralisedCells, Rows};
use crate::error::ExportError;
use crate::manifest::{MANIFEST_FILE, Manifest};
use crate::run::{DATABASE_FILE, WrittenFile};
use crate::sqlite;
use crate::tables::{SCHEMA, Value, dictionary};

const EVERY_GRANT: &str = "v_access";

/// What came of files that were compared.
#[derive(Default)]
pub(super) struct Outcome {
    files: usize,
    rows: u64,
    findings: Vec<String>,
    neutralised: NeutralisedCells,
}

impl Outcome {
    pub(super) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.rows += other.rows;
        self.findings.extend(other.findings);
        self.neutralised.add(other.neutralised);
    }

    /// What is to be said of all files.
    pub(super) fn check(self, manifest: &Manifest) -> Check {
        let mut check = Check::new("csv");
        let Self { files, rows, findings, neutralised } = self;
        let all = manifest.files.iter().filter(|file| source(file).is_some()).count();
        if findings.is_empty() && files < all {
            let missed = counted(all - files, "file");
            check.find(format!("{missed} could not be compared with {DATABASE_FILE}"));
        }
        let is_listed = neutralised == manifest.neutralised_cells;
        if findings.is_empty() && files == all && !is_listed {
            let told = counted(usize::try_from(manifest.neutralised_cells.count).unwrap_or(usize::MAX), "cell");
            check.find(format!("{MANIFEST_FILE}: lists {told} neutralised, in CSV there are {}", neutralised.count));
        }
        for finding in findings {
            check.find(finding);
        }
        check.what = match all {
            0 => "there are none".to_owned(),
            _ => format!("{} with {rows} rows, against {DATABASE_FILE}", counted(files, "file")),
        };
        check
    }

    fn failed(error: &ExportError) -> Self {
        Self { files: 1, findings: vec![super::told(error)], ..Self::default() }
    }
}

/// The table or view whose rows a file has, where it is CSV.
fn source(file: &WrittenFile) -> Option<String> {
    CsvFile::source(file.path.strip_prefix("csv/")?)
}

/// The file with the rows of a table or view.
fn file_of<'a>(manifest: &'a Manifest, wanted: &str) -> Option<&'a WrittenFile> {
    manifest.files.iter().find(|file| source(file).as_deref() == Some(wanted))
}

/// Compares the two wide listings with what the view of the database gives.
pub(super) fn compare_listings(directory: &Path, manifest: &Manifest) -> Outcome {
    let Some(file) = file_of(manifest, EVERY_GRANT) else { return Outcome::default() };
    let files = [Some(file), file_of(manifest, "v_effective_access")];
    let path = directory.join(DATABASE_FILE);
    let compared = sqlite::open(&path).and_then(|connection| {
        // The view as the schema defines it, which was found to be how the file defines it: no statement of the file is run. But
        // grants first, in the order of their key, then what is looked up for each: SQLite would choose another order, and sort.
        let body = SCHEMA.split_once("CREATE VIEW v_access AS").map_or("", |(_, body)| body);
        let body = body.split(';').next().unwrap_or_default().replace("\nJOIN ", "\nCROSS JOIN ");
        let sql = format!("{body} ORDER BY g.user_key, g.account_key, g.role_key, g.source_key");
        compare_stored(directory, manifest, &connection, EVERY_GRANT, &sql, files)
    });
    compared.unwrap_or_else(|error| Outcome::failed(&error))
}

/// Compares the file of a table with what the database has in it, whatever that is.
pub(super) fn compare_table(
    directory: &Path,
    manifest: &Manifest,
    connection: &Connection,
    table: &str,
) -> Result<Outcome, ExportError> {
    let Some(file) = file_of(manifest, table) else { return Ok(Outcome::default()) };
    compare_stored(directory, manifest, connection, table, &format!("SELECT * FROM {table}"), [Some(file), None])
}

fn compare_stored(
    directory: &Path,
    manifest: &Manifest,
    connection: &Connection,
    source: &str,
    sql: &str,
    files: [Option<&WrittenFile>; 2],
) -> Result<Outcome, ExportError> {
    let path = directory.join(DATABASE_FILE);
    let failed = || ExportError::sqlite("read", &path);
    let columns: Vec<_> =
        dictionary().into_iter().filter(|row| row.table == source && !row.column.is_empty()).collect();
    let place = columns.iter().position(|row| row.column == "is_effective");
    let types: Vec<&str> = columns.iter().map(|row| row.declared_type.as_str()).collect();
    let names: Vec<&str> = columns.iter().map(|row| row.column.as_str()).collect();
    let mut statement = connection.prepare(sql).map_err(failed())?;
    let mut stored = statement.query([]).map_err(failed())?;
    let mut comparison = Comparison::new(directory, manifest, files, &names)?;
    while let Some(row) = stored.next().map_err(failed())? {
        let is_effective = match place {
            Some(place) => row.get_ref(place).map_err(failed())? == ValueRef::Integer(1),
            None => false,
        };
        comparison.put(is_effective, |rows| put_stored(rows, row, &types))?;
    }
    comparison.finish()
}

/// Compares the file of a table, row by row.
pub(super) struct TableFile<'a>(Option<Comparison<'a>>);

impl<'a> TableFile<'a> {
    /// Opens the file of a table, where the run has one.
    pub(super) fn open(
        directory: &'a Path,
        manifest: &'a Manifest,
        table: &str,
        columns: &[&'a str],
    ) -> Result<Self, ExportError> {
        let file = file_of(manifest, table);
        let comparison = file.map(|file| Comparison::new(directory, manifest, [Some(file), None], columns));
        comparison.transpose().map(Self)
    }

    pub(super) fn put(&mut self, row: &[Value<'_>]) -> Result<(), ExportError> {
        match &mut self.0 {
            Some(comparison) => comparison.put(false, |rows| rows.put(row)),
            None => Ok(()),
        }
    }

    pub(super) fn finish(self) -> Result<Outcome, ExportError> {
        self.0.map_or_else(|| Ok(Outcome::default()), Comparison::finish)
    }
}

/// A file that is compared, and perhaps a second that has some of the rows of the first.
struct Comparison<'a> {
    files: Vec<&'a WrittenFile>,
    directory: &'a Path,
    columns: Vec<String>,
    rows: Rows<Sides>,
    takes_second: Rc<Cell<bool>>,
    counts: [u64; 2],
    found: Found,
}

impl<'a> Comparison<'a> {
    fn new(
        directory: &'a Path,
        manifest: &Manifest,
        files: [Option<&'a WrittenFile>; 2],
        columns: &[&str],
    ) -> Result<Self, ExportError> {
        let files: Vec<_> = files.into_iter().flatten().collect();
        let sides = files.iter().map(|file| Against::open(directory, file)).collect::<Result<Vec<_>, _>>()?;
        let takes_second = Rc::new(Cell::new(true));
        let rows = Rows::new(Sides { sides, takes_second: Rc::clone(&takes_second) }, manifest.cell_text());
        let columns: Vec<_> = columns.iter().map(|&column| column.to_owned()).collect();
        let found = Found::default();
        let mut comparison = Self { files, directory, columns, rows, takes_second, counts: [0, 0], found };
        let head = comparison.rows.writer.write_record(&comparison.columns);
        head.map_err(|error| comparison.broken(error.into()))?;
        comparison.rows.writer.flush().map_err(|error| comparison.broken(error))?;
        Ok(comparison)
    }

    fn broken(&self, error: io::Error) -> ExportError {
        let path = self.files.first().map_or("csv", |file| &file.path);
        ExportError::io("read", &self.directory.join(path))(error)
    }

    /// Compares the next row; whether it is in the second file too is said before.
    fn put(
        &mut self,
        is_in_second: bool,
        put: impl FnOnce(&mut Rows<Sides>) -> csv::Result<()>,
    ) -> Result<(), ExportError> {
        let has_second = self.files.len() > 1;
        self.takes_second.set(is_in_second);
        put(&mut self.rows).map_err(|error| self.broken(error.into()))?;
        if has_second {
            // Hands the row over, so that each write to `Sides` is one row.
            self.rows.writer.flush().map_err(|error| self.broken(error))?;
        }
        self.counts[0] += 1;
        self.counts[1] += u64::from(has_second && is_in_second);
        for &column in &self.rows.neutralised {
            for (index, file) in self.files.iter().enumerate().filter(|&(index, _)| index == 0 || is_in_second) {
                self.found.note(&file.path, self.counts[index], &self.columns[column]);
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Outcome, ExportError> {
        self.rows.writer.flush().map_err(|error| self.broken(error))?;
        let Self { files, directory, rows, counts, found, .. } = self;
        let sides = rows.writer.into_inner().map_err(|error| {
            let path = files.first().map_or("csv", |file| &file.path);
            ExportError::io("read", &directory.join(path))(error.into_error())
        })?;
        let mut findings = Vec::new();
        for ((side, file), count) in sides.sides.into_iter().zip(&files).zip(counts) {
            if let Some(at) = side.difference()? {
                let row = row_at(&directory.join(&file.path), at);
                findings.push(format!("{}, {row}: is not what {DATABASE_FILE} has", file.path));
            }
            if file.rows != Some(count) {
                let rows = counted(usize::try_from(count).unwrap_or(usize::MAX), "row");
                findings.push(format!("{MANIFEST_FILE}: does not say that {} has {rows}", file.path));
            }
        }
        Ok(Outcome { files: files.len(), rows: counts.iter().sum(), findings, neutralised: found.finish() })
    }
}

/// Writes a stored row as CSV has it, by the declared types.
fn put_stored<W: Write>(rows: &mut Rows<W>, row: &Row<'_>, types: &[&str]) -> csv::Result<()> {
    rows.begin();
    for (index, declared_type) in types.iter().enumerate() {
        let value = row.get_ref(index).map_err(|error| io::Error::other(error.to_string()))?;
        match (value, *declared_type) {
            (ValueRef::Null, _) => rows.put_plain("")?,
            (ValueRef::Integer(0), "BOOLEAN") => rows.put_plain("false")?,
            (ValueRef::Integer(_), "BOOLEAN") => rows.put_plain("true")?,
            (ValueRef::Integer(number), _) => rows.put_number(number)?,
            (ValueRef::Text(text), "DATETIME") => {
                let mut time = [b'Z'; 20];
                let places = time.iter_mut().zip(text).take(19);
                places.for_each(|(place, &byte)| *place = if byte == b' ' { b'T' } else { byte });
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
    path: PathBuf,
    file: BufReader<File>,
    /// Bytes that were the same.
    same: u64,
    is_different: bool,
}

impl Against {
    fn open(directory: &Path, file: &WrittenFile) -> Result<Self, ExportError> {
        let path = directory.join(&file.path);
        let file = files::open(&path)?;
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

/// The files of a comparison.
struct Sides {
    sides: Vec<Against>,
    takes_second: Rc<Cell<bool>>,
}

impl Write for Sides {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = if self.takes_second.get() { self.sides.len() } else { 1 };
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
    // A file that ends too early lacks the row after its last.
    let mut row = u64::from(std::fs::metadata(path).is_ok_and(|metadata| metadata.len() <= at));
    for record in reader.into_iter().flat_map(csv::Reader::into_byte_records).map_while(Result::ok) {
        if record.position().map_or(0, csv::Position::byte) > at {
            break;
        }
        row += 1;
    }
    match row {
        0 | 1 => "line with the names of the columns".to_owned(),
        row => format!("row {}", row - 1),
    }
}
