//! The database: sound, what the manifest says, and everything derived in it as it follows from what was observed.

use std::path::Path;

use lacegraph_model::Graph;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value as Json;

use super::{Check, FigureCheck, counted, csv, files, pictures, told};
use crate::dot::Drawn;
use crate::error::ExportError;
use crate::figures::FIGURES;
use crate::manifest::{AccountEntry, Content, MANIFEST_FILE, Manifest};
use crate::run::{DATABASE_FILE, WORKBOOK_FILE};
use crate::tables::{SCHEMA, TABLES, Table, Value};
use crate::{dot, evidence, package, sqlite, xlsx};

/// The table that says what the others mean.
const DICTIONARY: &str = "data_dictionary";

/// What came of everything that needs the graph.
pub(super) struct Derived {
    /// The database first.
    pub(super) checks: Vec<Check>,
    pub(super) tables: csv::Outcome,
    /// How the run is, by the database.
    pub(super) status_line: Option<String>,
}

/// Reads what was observed, and derives everything else again: the tables of the database, those in CSV, the pictures, the
/// manifest.
pub(super) fn check(directory: &Path, manifest: &Manifest, is_same_build: bool) -> Derived {
    let path = directory.join(DATABASE_FILE);
    let mut database = Check::new("database");
    database.what = format!(
        "SQLite's own check, the schema, {}, each derived again from what was observed",
        counted(TABLES.len(), "table")
    );
    let mut tables = csv::Outcome::default();
    let graph = read(&path, &mut database);
    let Some((connection, graph)) = graph else { return Derived { checks: vec![database], tables, status_line: None } };
    for table in &TABLES {
        // What the tables mean is worded by each build.
        if !is_same_build && table.name == DICTIONARY {
            let compared = csv::compare_table(directory, manifest, &connection, table.name);
            database.take(compared).into_iter().for_each(|outcome| tables.add(outcome));
            continue;
        }
        let stored = Stored { connection: &connection, path: &path, directory, manifest };
        if let Some((found, outcome)) = database.take(stored.compare(table, &graph)) {
            found.into_iter().for_each(|what| database.find(format!("{DATABASE_FILE}: {what}")));
            tables.add(outcome);
        }
    }
    let checks = vec![
        database,
        check_content(&graph, manifest, is_same_build),
        pictures::check(directory, &graph, manifest),
        check_rest(directory, &graph, manifest, is_same_build),
    ];
    Derived { checks, tables, status_line: Some(evidence::status_line(&graph)) }
}

/// Reads the graph of what was observed.
///
/// SQLite does not look at CHECKs where a file is opened for reading only, and its check of foreign keys is left out: a value
/// that they forbid cannot be read as observed, nor follow from what was.
fn read(path: &Path, check: &mut Check) -> Option<(Connection, Graph)> {
    let connection = check.take(sqlite::open(path))?;
    let run = check.take(sqlite::read(path))?;
    let graph = Graph::new(run.snapshot, run.settings);
    if let Err(error) = graph.verify() {
        check.find(format!("{DATABASE_FILE}: {error}"));
    }
    Some((connection, graph))
}

/// What SQLite itself finds wrong with the file: pages, indices, order.
pub(super) fn check_integrity(directory: &Path) -> Vec<String> {
    let path = directory.join(DATABASE_FILE);
    let rows = sqlite::open(&path).and_then(|connection| {
        texts(&connection, "PRAGMA integrity_check").map_err(ExportError::sqlite("read", &path))
    });
    match rows {
        Ok(rows) => rows
            .into_iter()
            .filter(|row| row != "ok")
            .map(|row| format!("{DATABASE_FILE}: integrity_check: {row}"))
            .collect(),
        Err(error) => vec![told(&error)],
    }
}

fn texts(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    statement.query_map([], |row| row.get::<_, String>(0))?.collect()
}

/// The first table, view or index that is not as `schema.sql` has it, comments apart.
fn other_schema(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let ours = Connection::open_in_memory()?;
    ours.execute_batch(SCHEMA)?;
    let (expected, found) = (definitions(&ours)?, definitions(connection)?);
    let other = expected.iter().find(|object| !found.contains(object));
    let other = other.or_else(|| found.iter().find(|object| !expected.contains(object)));
    Ok(other.map(|(name, _)| format!("{name} is not defined as lacegraph defines it")))
}

/// Why nothing of a database is to be asked: it cannot be opened, or defines other things than lacegraph does, which would then be
/// run in its stead.
pub(super) fn refuse(directory: &Path) -> Option<Check> {
    let path = directory.join(DATABASE_FILE);
    let mut check = Check::new("database");
    check.what = "the schema; nothing else was looked at".to_owned();
    let connection = check.take(sqlite::open(&path));
    let other = connection.and_then(|connection| {
        check.take(other_schema(&connection).map_err(ExportError::sqlite("read", &path))).flatten()
    });
    if let Some(what) = other {
        check.find(format!("{DATABASE_FILE}: {what}"));
    }
    if check.findings.is_empty() { None } else { Some(check) }
}

/// Everything that is defined in a database but what SQLite itself puts there, by name, without comments.
fn definitions(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let bare = |sql: String| -> String {
        let lines = sql.lines().map(|line| line.split_once("--").map_or(line, |(before, _)| before).trim());
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    rows.map(|row| row.map(|(name, sql)| (name, bare(sql)))).collect()
}

/// The tables as they are stored, in the database and in CSV.
struct Stored<'a> {
    connection: &'a Connection,
    path: &'a Path,
    directory: &'a Path,
    manifest: &'a Manifest,
}

impl Stored<'_> {
    /// Compares a table with what follows from what was observed: the first difference in the database, and what came of the CSV.
    fn compare(&self, table: &Table, graph: &Graph) -> Result<(Option<String>, csv::Outcome), ExportError> {
        let failed = || ExportError::sqlite("read", self.path);
        let sql = format!("SELECT {} FROM {}", table.columns.join(", "), table.name);
        let mut statement = self.connection.prepare(&sql).map_err(failed())?;
        let mut stored = statement.query([]).map_err(failed())?;
        let mut file = csv::TableFile::open(self.directory, self.manifest, table.name, table.columns)?;
        let (mut number, mut text) = (0_u64, String::new());
        let mut found = None;
        (table.rows)(graph, &mut |row| {
            number += 1;
            file.put(row)?;
            if found.is_some() {
                return Ok(());
            }
            let Some(stored) = stored.next().map_err(failed())? else {
                found = Some(format!("{}, row {number}: is missing", table.name));
                return Ok(());
            };
            for (index, value) in row.iter().enumerate() {
                let stored = stored.get_ref(index).map_err(failed())?;
                if !is_same(value, stored, &mut text) {
                    let (table, column) = (table.name, table.columns[index]);
                    found = Some(format!("{table}, row {number}: {column} is not what follows from what was observed"));
                }
            }
            Ok(())
        })?;
        if found.is_none() && stored.next().map_err(failed())?.is_some() {
            found = Some(format!("{}: has rows beyond the {number} that follow from what was observed", table.name));
        }
        Ok((found, file.finish()?))
    }
}

fn is_same(value: &Value<'_>, stored: ValueRef<'_>, buffer: &mut String) -> bool {
    let mut is_text = |push: &dyn Fn(&mut String)| {
        buffer.clear();
        push(buffer);
        stored == ValueRef::Text(buffer.as_bytes())
    };
    match *value {
        Value::Null => stored == ValueRef::Null,
        Value::Integer(number) => stored == ValueRef::Integer(number),
        Value::Boolean(value) => stored == ValueRef::Integer(i64::from(value)),
        Value::Text(text) => stored == ValueRef::Text(text.as_bytes()),
        Value::Time(time) => is_text(&|text| time.push_sql(text)),
        Value::Date(time) => is_text(&|text| time.push_date(text)),
    }
}

/// The part of the manifest that follows from the database. Figures are compared one by one elsewhere; how the status is
/// worded, and which figures there are, is the build's own.
fn check_content(graph: &Graph, manifest: &Manifest, is_same_build: bool) -> Check {
    let mut check = Check::new("manifest");
    let (expected, found) = (fields(&Content::of(graph)), fields(&manifest.content));
    let is_own = |name: &String| !is_same_build && ["figures", "status_line"].contains(&name.as_str());
    for (name, value) in expected.iter().filter(|(name, _)| !is_own(name)) {
        if found.get(name) != Some(value) {
            check.find(format!("{MANIFEST_FILE}: {name} is not what follows from {DATABASE_FILE}"));
        }
    }
    let parts = |account: &AccountEntry| {
        let parts = [account.memberships, account.duplicates_merged, account.contradicting, account.left_out];
        parts.into_iter().try_fold(0, u64::checked_add)
    };
    let accounts = manifest.content.accounts.iter();
    for account in accounts.filter(|account| parts(account) != Some(account.records_received)) {
        check.find(format!("{MANIFEST_FILE}: the records of {} do not add up", account.account_id));
    }
    check.what = format!(
        "what it says of the run follows from {DATABASE_FILE}, and the records of {} add up",
        counted(manifest.content.accounts.len(), "account")
    );
    check
}

fn fields(content: &Content) -> serde_json::Map<String, Json> {
    match serde_json::to_value(content) {
        Ok(Json::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    }
}

/// Every figure again by SQL, instead of by the code that counted it first.
pub(super) fn check_figures(directory: &Path, manifest: &Manifest, is_same_build: bool) -> (Check, Vec<FigureCheck>) {
    let path = directory.join(DATABASE_FILE);
    let mut check = Check::new("figures");
    let mut figures = Vec::new();
    let Some(connection) = check.take(sqlite::open(&path)) else { return (check, figures) };
    for figure in &FIGURES {
        let derived = connection.query_row(figure.sql, [], |row| row.get::<_, u64>(0));
        let Some(derived) = check.take(derived.map_err(ExportError::sqlite("read", &path))) else { continue };
        let told = manifest.content.figure(figure.name);
        match told {
            Some(told) if told == derived => {}
            Some(told) => check.find(format!("{MANIFEST_FILE}: {} is {told}, the tables give {derived}", figure.name)),
            // Another build may count other things.
            None if !is_same_build => continue,
            None => check.find(format!("{MANIFEST_FILE}: does not tell {}", figure.name)),
        }
        let (name, sql) = (figure.name.to_owned(), figure.sql.to_owned());
        figures.push(FigureCheck { name, told, derived, sql });
    }
    check.what = format!("{}, each derived again by SQL", counted(figures.len(), "figure"));
    (check, figures)
}

/// Draws a picture.
type Draw = fn(&Graph, &mut Vec<u8>) -> std::io::Result<Drawn>;

/// Whether a file of that path is part of what this build writes.
fn is_known(path: &str) -> bool {
    let csv = path.strip_prefix("csv/").and_then(crate::csv::CsvFile::source);
    let is_table = |source: String| {
        ["v_access", "v_effective_access"].contains(&source.as_str()) || TABLES.iter().any(|table| table.name == source)
    };
    let others =
        [DATABASE_FILE, WORKBOOK_FILE, evidence::FILE, "csv/datapackage.json", "dot/accounts.dot", "dot/full.dot"];
    others.contains(&path) || csv.is_some_and(is_table)
}

/// Files that the same program writes the same: written again into memory, and compared.
fn check_rest(directory: &Path, graph: &Graph, manifest: &Manifest, is_same_build: bool) -> Check {
    let mut check = Check::new("other files");
    if !is_same_build {
        let (version, commit) = (&manifest.run.tool_version, &manifest.run.tool_commit);
        check.what = format!(
            "by their hashes alone: they were written by lacegraph {version} ({commit}), which is not known to be this build"
        );
        return check;
    }
    let mut compared = Vec::new();
    let mut compare = |check: &mut Check, name: String, expected: Result<Vec<u8>, ExportError>| {
        let path = directory.join(&name);
        let found = check.take(files::read(&path));
        let (Some(expected), Some(found)) = (check.take(expected), found) else { return };
        if expected != found {
            check.find(format!("{name}: is not what follows from {DATABASE_FILE} and {MANIFEST_FILE}"));
        }
        compared.push(name);
    };
    for file in manifest.files.iter().filter(|file| !is_known(&file.path)) {
        check.find(format!("{}: is no file that lacegraph writes", file.path));
    }
    let is_listed = |name: &str| manifest.files.iter().any(|file| file.path == name);
    let pictures: [(&str, Draw); 2] = [
        ("dot/accounts.dot", |graph, out| dot::write_accounts(graph, out)),
        ("dot/full.dot", |graph, out| dot::write_full(graph, out)),
    ];
    for (name, draw) in pictures.into_iter().filter(|(name, _)| is_listed(name)) {
        let mut drawn = Vec::new();
        let outcome = draw(graph, &mut drawn).map_err(ExportError::io("draw", Path::new(name)));
        compare(&mut check, name.to_owned(), outcome.map(|_| drawn));
    }
    if is_listed(evidence::FILE) {
        let text = evidence::text(graph, &Content::of(graph), &manifest.run.keys, is_listed(DATABASE_FILE));
        compare(&mut check, evidence::FILE.to_owned(), Ok(text.into_bytes()));
    }
    let package = format!("csv/{}", package::FILE);
    if is_listed(&package) {
        compare(&mut check, package, package::text(graph, &manifest.files).map(String::into_bytes));
    }
    if is_listed(WORKBOOK_FILE) {
        let bytes = xlsx::to_bytes(graph).map_err(xlsx::Fault::into_export);
        compare(&mut check, WORKBOOK_FILE.to_owned(), bytes);
    }
    check.what = if compared.is_empty() {
        "there are none".to_owned()
    } else {
        format!("{}, written again and compared", compared.join(", "))
    };
    check
}
