//! The floor of the SQLite stage: the rows of a finished run, inserted anew by a bare loop of prepared statements.
//!
//! ```text
//! cargo run --release --example bare_loop -- RUN/lacegraph.db NEW.db
//! ```
//!
//! Same SQLite, same schema, same order of rows and indices, ANALYZE included; one row a statement, one transaction, no
//! journal. Reading the rows is not timed, nor is what the export does to come by them. Prints one line of JSON: the
//! seconds, the rows, and of the finished run the grants and the bytes of their table with its index.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

/// Rows held at a time, so that a large run needs no large memory.
const CHUNK: usize = 50_000;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("two databases are needed: the one of a run, and a new one".into());
    };
    let run = Connection::open_with_flags(&from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if Path::new(&to).exists() {
        std::fs::remove_file(&to)?;
    }
    let mut new = Connection::open(&to)?;
    let (time, rows) = copy(&run, &mut new)?;
    new.close().map_err(|(_, error)| error)?;
    let grants: u64 = run.query_row("SELECT count(*) FROM access_grants", [], |row| row.get(0))?;
    let sql = "SELECT sum(pgsize) FROM dbstat WHERE name IN ('access_grants', 'access_grants_by_account')";
    let fact_bytes: u64 = run.query_row(sql, [], |row| row.get(0))?;
    let seconds = time.as_secs_f64();
    let line =
        format!(r#"{{"seconds": {seconds:.4}, "rows": {rows}, "grants": {grants}, "fact_bytes": {fact_bytes}}}"#);
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

fn copy(run: &Connection, new: &mut Connection) -> Result<(Duration, u64)> {
    let (tables, indices_and_views) =
        lacegraph_export::SCHEMA.split_once("CREATE INDEX").ok_or("the schema has no index")?;
    let mut time = Duration::ZERO;
    let mut timed = Instant::now();
    new.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")?;
    new.execute_batch(tables)?;
    time += timed.elapsed();
    let transaction = new.transaction()?;
    let mut count = 0;
    for (name, key) in key_columns(run)? {
        let mut read = run.prepare(&format!("SELECT * FROM {name} ORDER BY {key}"))?;
        let columns = read.column_count();
        let places = vec!["?"; columns].join(", ");
        let mut insert = transaction.prepare(&format!("INSERT INTO {name} VALUES ({places})"))?;
        let mut rows = read.query([])?;
        loop {
            let mut chunk: Vec<Vec<Value>> = Vec::new();
            while let Some(row) = rows.next()? {
                chunk.push((0..columns).map(|column| row.get(column)).collect::<rusqlite::Result<_>>()?);
                if chunk.len() == CHUNK {
                    break;
                }
            }
            timed = Instant::now();
            for row in &chunk {
                insert.execute(rusqlite::params_from_iter(row))?;
            }
            time += timed.elapsed();
            count += chunk.len() as u64;
            if chunk.len() < CHUNK {
                break;
            }
        }
    }
    timed = Instant::now();
    transaction.execute_batch(&format!("CREATE INDEX{indices_and_views}"))?;
    transaction.commit()?;
    new.execute_batch("ANALYZE; PRAGMA journal_mode = DELETE;")?;
    Ok((time + timed.elapsed(), count))
}

/// The tables in the order in which they were created, each with the columns of its key.
fn key_columns(run: &Connection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let mut tables = Vec::new();
    for name in run.prepare(sql)?.query_map([], |row| row.get::<_, String>(0))? {
        let name = name?;
        let sql =
            "SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk)";
        let key = run.query_row(sql, [&name], |row| row.get(0))?;
        tables.push((name, key));
    }
    Ok(tables)
}
