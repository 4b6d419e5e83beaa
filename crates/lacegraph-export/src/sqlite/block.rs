//! Rows on their way into tables: put together on one thread, inserted on another, several a statement.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use lacegraph_model::Graph;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

use crate::error::ExportError;
use crate::tables::{TABLES, Table, Value};

/// Rows a statement. One at a time, starting and ending the statement is half of what a short row costs; beyond this
/// many nothing more is gained.
const ROWS_A_STATEMENT: usize = 16;
/// Rows that are handed over at a time: enough that the threads seldom wait for each other, few enough to stay in cache.
const ROWS_A_BLOCK: usize = 32 * ROWS_A_STATEMENT;
/// Blocks that may wait to be inserted.
const WAITING: usize = 4;

/// Rows of one table.
pub(super) struct Block {
    pub(super) table: Table,
    cells: Vec<Cell>,
    /// The texts of all cells, one after the other.
    texts: String,
}

/// A value that owns its text, by where it ends among the texts; it begins where the one before ends.
enum Cell {
    Null,
    Integer(i64),
    Text { end: usize },
}

impl Block {
    fn new(table: Table) -> Self {
        Self { table, cells: Vec::with_capacity(table.columns.len() * ROWS_A_BLOCK), texts: String::new() }
    }

    fn push(&mut self, row: &[Value<'_>]) {
        for value in row {
            let cell = match *value {
                Value::Null => Cell::Null,
                Value::Integer(number) => Cell::Integer(number),
                Value::Boolean(value) => Cell::Integer(i64::from(value)),
                Value::Text(text) => {
                    self.texts.push_str(text);
                    Cell::Text { end: self.texts.len() }
                }
                Value::Time(time) => {
                    time.push_sql(&mut self.texts);
                    Cell::Text { end: self.texts.len() }
                }
                Value::Date(time) => {
                    time.push_date(&mut self.texts);
                    Cell::Text { end: self.texts.len() }
                }
            };
            self.cells.push(cell);
        }
    }

    fn is_full(&self) -> bool {
        self.cells.len() >= self.table.columns.len() * ROWS_A_BLOCK
    }

    /// Whether another block may hold rows of the same table, after these.
    fn is_last(&self) -> bool {
        !self.is_full()
    }
}

/// The place where blocks come out, in the order of the tables.
pub(super) type Blocks = Receiver<Block>;

/// A way for blocks from one thread to another, on which [`WAITING`] may wait: then the first thread waits too.
pub(super) fn channel() -> (SyncSender<Block>, Blocks) {
    sync_channel(WAITING)
}

/// Puts the rows of all tables into blocks, the last of each table with fewer rows than others, or none.
///
/// Ends early where nobody takes them any more; whoever did knows why.
pub(super) fn produce(graph: &Graph, out: &SyncSender<Block>) -> Result<(), ExportError> {
    for table in TABLES {
        let mut block = Block::new(table);
        (table.rows)(graph, &mut |row| {
            block.push(row);
            if block.is_full() {
                hand_over(out, std::mem::replace(&mut block, Block::new(table)))?;
            }
            Ok(())
        })?;
        hand_over(out, block)?;
    }
    Ok(())
}

fn hand_over(out: &SyncSender<Block>, block: Block) -> Result<(), ExportError> {
    let closed = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    out.send(block).map_err(|_| ExportError::io("write", Path::new(crate::DATABASE_FILE))(closed()))
}

/// Inserts the rows of one table: takes blocks until the last of it.
pub(super) fn insert(database: &Connection, first: Block, more: &Blocks) -> rusqlite::Result<()> {
    let Table { name, columns, .. } = first.table;
    let mut full = database.prepare(&insertion(name, columns, ROWS_A_STATEMENT))?;
    let mut block = Some(first);
    while let Some(Block { cells, texts, .. }) = &block {
        let mut begin = 0;
        for rows in cells.chunks(columns.len() * ROWS_A_STATEMENT) {
            if rows.len() == columns.len() * ROWS_A_STATEMENT {
                execute(&mut full, rows, texts, &mut begin)?;
            } else {
                let mut rest = database.prepare(&insertion(name, columns, rows.len() / columns.len()))?;
                execute(&mut rest, rows, texts, &mut begin)?;
            }
        }
        block = if block.as_ref().is_some_and(Block::is_last) { None } else { more.recv().ok() };
    }
    Ok(())
}

fn insertion(table: &str, columns: &[&str], rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), vec![row; rows].join(", "))
}

/// Inserts rows whose texts begin at `begin`, which is moved behind them.
fn execute(statement: &mut Statement<'_>, rows: &[Cell], texts: &str, begin: &mut usize) -> rusqlite::Result<()> {
    for (index, cell) in rows.iter().enumerate() {
        let value = match *cell {
            Cell::Null => ValueRef::Null,
            Cell::Integer(number) => ValueRef::Integer(number),
            Cell::Text { end } => {
                let text = &texts.as_bytes()[*begin..end];
                *begin = end;
                ValueRef::Text(text)
            }
        };
        statement.raw_bind_parameter(index + 1, ToSqlOutput::Borrowed(value))?;
    }
    statement.raw_execute().map(|_| ())
}
