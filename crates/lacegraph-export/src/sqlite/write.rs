//! Writes the database.

use std::path::Path;

use lacegraph_model::Graph;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement, ToSql};

use super::{APPLICATION_ID, SCHEMA_VERSION};
use crate::error::ExportError;
use crate::tables::{SCHEMA, TABLES, Table, Value};

/// Writes `graph` into a new database at `path`.
///
/// The same graph gives the same bytes. The file is complete when the function returns; after an error, or when the
/// process dies, what is left is of no use: write to a place that nobody reads yet, and rename it.
///
/// # Errors
///
/// [`ExportError::Sqlite`] with what SQLite says: disk full, no permission, or a file that is there already.
pub fn write(graph: &Graph, path: &Path) -> Result<(), ExportError> {
    let failed = ExportError::sqlite;
    std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(ExportError::io("create", path))?;
    // One thread has the connection: SQLite's own locks would only cost time.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut database = Connection::open_with_flags(path, flags).map_err(failed("write", path))?;
    // Nothing to roll back to and nobody to wait for: a file that is not finished is thrown away.
    let settings = format!(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -8192;
         PRAGMA foreign_keys = OFF; PRAGMA encoding = 'UTF-8';
         PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
    );
    database.execute_batch(&settings).map_err(failed("write", path))?;
    let (tables, indices_and_views) = SCHEMA.split_once("CREATE INDEX").unwrap_or((SCHEMA, ""));
    let transaction = database.transaction().map_err(failed("write", path))?;
    transaction.execute_batch(tables).map_err(failed("write", path))?;
    for table in &TABLES {
        insert(&transaction, table, graph, path)?;
    }
    // After the rows: one sort an index instead of one search a row.
    transaction.execute_batch(&format!("CREATE INDEX{indices_and_views}")).map_err(failed("write", path))?;
    transaction.commit().map_err(failed("write", path))?;
    database.execute_batch("ANALYZE; PRAGMA journal_mode = DELETE;").map_err(failed("write", path))?;
    database.close().map_err(|(_, error)| failed("write", path)(error))
}

fn insert(database: &Connection, table: &Table, graph: &Graph, path: &Path) -> Result<(), ExportError> {
    let places = vec!["?"; table.columns.len()].join(", ");
    let sql = format!("INSERT INTO {} ({}) VALUES ({places})", table.name, table.columns.join(", "));
    let mut statement = database.prepare(&sql).map_err(ExportError::sqlite("write", path))?;
    (table.rows)(graph, &mut |row| execute(&mut statement, row).map_err(ExportError::sqlite("write", path)))
}

fn execute(statement: &mut Statement<'_>, row: &[Value<'_>]) -> rusqlite::Result<()> {
    for (index, value) in row.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    statement.raw_execute().map(|_| ())
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match *self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Integer(number) => ToSqlOutput::Borrowed(ValueRef::Integer(number)),
            Self::Boolean(value) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(value))),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Time(time) => ToSqlOutput::from(time.to_sql()),
        })
    }
}
