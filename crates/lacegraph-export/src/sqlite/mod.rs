//! The SQLite database: written by `schema.sql`, read back into the same snapshot, asked single questions.

mod query;
mod read;
mod write;

pub use query::{AccessRow, AccountRow, Database, OrganizationRoleRow, ProblemRow, RunInfo, UserRow};
pub use read::{StoredRun, read};
pub use write::write;

/// Tells lacegraph's databases from others (`PRAGMA application_id`): the letters "LcGr".
pub const APPLICATION_ID: i32 = 0x4c63_4772;
/// The version of the tables (`PRAGMA user_version`): raised whenever a reader would have to know.
pub const SCHEMA_VERSION: i32 = 1;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::ExportError;

/// Opens a database for reading, after a look whether it is one of ours.
fn open(path: &Path) -> Result<Connection, ExportError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(path, flags).map_err(ExportError::sqlite("open", path))?;
    let pragma = |name: &str| database.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    let application_id = match pragma("application_id") {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            return Err(ExportError::NotOurs(path.to_owned()));
        }
        other => other.map_err(ExportError::sqlite("read", path))?,
    };
    if application_id != APPLICATION_ID {
        return Err(ExportError::NotOurs(path.to_owned()));
    }
    let found = pragma("user_version").map_err(ExportError::sqlite("read", path))?;
    if found != SCHEMA_VERSION {
        return Err(ExportError::Version { path: path.to_owned(), found, expected: SCHEMA_VERSION });
    }
    check_size(&database, path)?;
    Ok(database)
}

/// A file that was cut in its last pages still answers most questions: compares its size with what it says.
fn check_size(database: &Connection, path: &Path) -> Result<(), ExportError> {
    let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let expected: u64 = database.query_row(sql, [], |row| row.get(0)).map_err(ExportError::sqlite("read", path))?;
    let found = std::fs::metadata(path).map_err(ExportError::io("read", path))?.len();
    if found == expected {
        return Ok(());
    }
    let what = format!("it has {found} bytes, its pages make {expected}");
    Err(ExportError::Damaged { path: path.to_owned(), what })
}
