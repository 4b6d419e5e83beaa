//! The SQLite database: written by `schema.sql`, read back into the same snapshot, asked single questions.

mod block;
mod query;
mod read;
mod write;

pub use query::{AccessRow, AccountRow, Database, OrganizationRoleRow, ProblemRow, RunInfo, UserRow};
pub use read::{StoredRun, read};
pub use write::write;

/// Tells lacegraph's databases from others (`PRAGMA application_id`): the letters "LcGr".
pub const APPLICATION_ID: i32 = 0x4c63_4772;
/// The version of the tables (`PRAGMA user_version`): raised whenever a reader would have to know.
pub const SCHEMA_VERSION: i32 = 3;
/// The oldest version of the tables that is still read, and answers questions: what later ones added is derived, or was not
/// there to be observed.
pub const OLDEST_SCHEMA_VERSION: i32 = 1;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::ExportError;

/// Opens a database for reading, after a look whether it is one of ours.
pub(crate) fn open(path: &Path) -> Result<Connection, ExportError> {
    refuse_write_ahead_log(path)?;
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
    check_size(path)?;
    let found = pragma("user_version").map_err(ExportError::sqlite("read", path))?;
    if !(OLDEST_SCHEMA_VERSION..=SCHEMA_VERSION).contains(&found) {
        return Err(ExportError::Version { path: path.to_owned(), found });
    }
    // A whole file is read in one go, and joins come back to the same pages.
    database.pragma_update(None, "cache_size", -32_768).map_err(ExportError::sqlite("read", path))?;
    Ok(database)
}

/// Of a database that another program switched to write-ahead logging, even a look would leave files beside it.
///
/// Source: <https://www.sqlite.org/fileformat2.html>, 1.3: 2 at offset 18 or 19 is that, the application's id stands at offset 68.
fn refuse_write_ahead_log(path: &Path) -> Result<(), ExportError> {
    use std::io::Read as _;
    let mut header = [0; 72];
    // What cannot be read, or is too short, is told by whoever opens it.
    let is_read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header)).is_ok();
    let is_ours = header[68..] == APPLICATION_ID.to_be_bytes();
    if is_read && is_ours && (header[18] > 1 || header[19] > 1) {
        let what = "another program switched it to write-ahead logging".to_owned();
        return Err(ExportError::Damaged { path: path.to_owned(), what });
    }
    Ok(())
}

/// A file that was cut in its last pages still answers most questions: compares its size with what its header says.
///
/// Source: <https://www.sqlite.org/fileformat2.html>, 1.3: the page size at offset 16, where 1 means 65536, and the number of
/// pages at offset 28, both big-endian.
fn check_size(path: &Path) -> Result<(), ExportError> {
    use std::io::Read as _;
    let mut header = [0; 32];
    let mut file = std::fs::File::open(path).map_err(ExportError::io("read", path))?;
    file.read_exact(&mut header).map_err(ExportError::io("read", path))?;
    let found = file.metadata().map_err(ExportError::io("read", path))?.len();
    let page_size = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65_536,
        size => size,
    };
    let pages = u64::from(u32::from_be_bytes([header[28], header[29], header[30], header[31]]));
    let expected = pages * page_size;
    if found == expected {
        return Ok(());
    }
    let what = format!("it has {found} bytes, its pages make {expected}");
    Err(ExportError::Damaged { path: path.to_owned(), what })
}
