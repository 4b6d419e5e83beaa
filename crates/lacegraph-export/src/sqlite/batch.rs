//! Rows on their way into a table: several a statement.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

use crate::tables::{Table, Value};

/// Rows a statement. One at a time, starting and ending the statement is half of what a short row costs; beyond this
/// many nothing more is gained.
const ROWS: usize = 16;

/// Collects rows of one table and inserts them when there are enough.
pub(super) struct Batch<'c> {
    connection: &'c Connection,
    table: &'static str,
    columns: &'static [&'static str],
    /// Inserts as many rows as a batch holds.
    full: Statement<'c>,
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

impl<'c> Batch<'c> {
    pub(super) fn new(connection: &'c Connection, table: &Table) -> rusqlite::Result<Self> {
        let Table { name, columns, .. } = *table;
        let full = connection.prepare(&insertion(name, columns, ROWS))?;
        let cells = Vec::with_capacity(columns.len() * ROWS);
        Ok(Self { connection, table: name, columns, full, cells, texts: String::new() })
    }

    /// Takes in a row, and inserts all that wait if that fills the batch.
    pub(super) fn push(&mut self, row: &[Value<'_>]) -> rusqlite::Result<()> {
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
            };
            self.cells.push(cell);
        }
        if self.cells.len() < self.columns.len() * ROWS {
            return Ok(());
        }
        execute(&mut self.full, &self.cells, &self.texts)?;
        self.clear();
        Ok(())
    }

    /// Inserts what still waits.
    pub(super) fn finish(mut self) -> rusqlite::Result<()> {
        let rows = self.cells.len() / self.columns.len();
        if rows > 0 {
            let mut rest = self.connection.prepare(&insertion(self.table, self.columns, rows))?;
            execute(&mut rest, &self.cells, &self.texts)?;
        }
        self.clear();
        Ok(())
    }

    fn clear(&mut self) {
        self.cells.clear();
        self.texts.clear();
    }
}

fn insertion(table: &str, columns: &[&str], rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), vec![row; rows].join(", "))
}

fn execute(statement: &mut Statement<'_>, cells: &[Cell], texts: &str) -> rusqlite::Result<()> {
    let mut begin = 0;
    for (index, cell) in cells.iter().enumerate() {
        let value = match *cell {
            Cell::Null => ValueRef::Null,
            Cell::Integer(number) => ValueRef::Integer(number),
            Cell::Text { end } => {
                let text = &texts.as_bytes()[begin..end];
                begin = end;
                ValueRef::Text(text)
            }
        };
        statement.raw_bind_parameter(index + 1, ToSqlOutput::Borrowed(value))?;
    }
    statement.raw_execute().map(|_| ())
}
