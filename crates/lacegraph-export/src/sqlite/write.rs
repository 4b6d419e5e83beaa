//! Writes the database.

use std::path::Path;

use lacegraph_model::Graph;
use rusqlite::{Connection, OpenFlags};

use super::{APPLICATION_ID, SCHEMA_VERSION, block};
use crate::error::ExportError;
use crate::tables::SCHEMA;

/// Writes `graph` into a new database at `path`.
///
/// The same graph gives the same bytes. The file is complete when the function returns; after an error, or when the
/// process dies, what is left is of no use: write to a place that nobody reads yet, and rename it.
///
/// # Errors
///
/// [`ExportError::Sqlite`] with what SQLite says: disk full, no permission, or a file that is there already.
pub fn write(graph: &Graph, path: &Path) -> Result<(), ExportError> {
    let _stage = tracing::info_span!(target: lacegraph_model::STAGE, "sqlite").entered();
    let failed = ExportError::sqlite;
    std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(ExportError::io("create", path))?;
    // One thread has the connection: SQLite's own locks would only cost time.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut database = Connection::open_with_flags(path, flags).map_err(failed("write", path))?;
    // Nothing to roll back to and nobody to wait for: a file that is not finished is thrown away. The CHECKs are for those who
    // write into the file later: what is written here comes out of typed records, and tests have SQLite check it.
    let settings = format!(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -8192;
         PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA encoding = 'UTF-8';
         PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
    );
    database.execute_batch(&settings).map_err(failed("write", path))?;
    let (tables, indices_and_views) = SCHEMA.split_once("CREATE INDEX").unwrap_or((SCHEMA, ""));
    let transaction = database.transaction().map_err(failed("write", path))?;
    transaction.execute_batch(tables).map_err(failed("write", path))?;
    insert_all(&transaction, graph, path)?;
    // After the rows: one sort an index instead of one search a row. SQLite sorts as many rows at a time as its cache is
    // large: runs that stay in the processor's own cache, merged, are quicker than one large sort.
    transaction.execute_batch("PRAGMA cache_size = -1024").map_err(failed("write", path))?;
    transaction.execute_batch(&format!("CREATE INDEX{indices_and_views}")).map_err(failed("write", path))?;
    transaction.commit().map_err(failed("write", path))?;
    // A sample is enough for a planner to choose the index; counting everything took a tenth of the stage.
    database
        .execute_batch("PRAGMA analysis_limit = 1000; ANALYZE; PRAGMA journal_mode = DELETE;")
        .map_err(failed("write", path))?;
    database.close().map_err(|(_, error)| failed("write", path)(error))
}

/// Inserts the rows of all tables, which another thread puts together meanwhile.
fn insert_all(database: &Connection, graph: &Graph, path: &Path) -> Result<(), ExportError> {
    std::thread::scope(|scope| {
        let (blocks, taken) = block::channel();
        let producer = scope.spawn(move || block::produce(graph, &blocks));
        while let Ok(first) = taken.recv() {
            let name = first.table.name;
            let inserted = if name == PACKED {
                packed(database, || block::insert(database, first, &taken))
            } else {
                block::insert(database, first, &taken)
            };
            inserted.map_err(ExportError::sqlite("write", path))?;
        }
        // A thread that panicked panics here: there is nothing to be told that the panic did not tell.
        producer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The table with the most rows and the shortest ones.
const PACKED: &str = "access_grants";

/// Fills [`PACKED`] by way of a temporary table of the same name and form, which `insert` fills.
///
/// Where rows without rowids arrive in order, SQLite leaves an eighth of each page free; where it copies a table of the
/// same form, none. Source: its `balance_nonroot`, and `xferOptimization` in the comments of `insert.c`.
fn packed(database: &Connection, insert: impl FnOnce() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let sql = "SELECT sql FROM main.sqlite_schema WHERE name = ?";
    let form: String = database.query_row(sql, [PACKED], |row| row.get(0))?;
    database.execute_batch(&form.replacen("CREATE TABLE", "CREATE TEMP TABLE", 1))?;
    // A name without a schema is that of the temporary table.
    insert()?;
    database.execute_batch(&format!("INSERT INTO main.{PACKED} SELECT * FROM temp.{PACKED}; DROP TABLE temp.{PACKED};"))
}
