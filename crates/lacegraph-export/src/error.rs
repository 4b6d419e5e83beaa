//! What can go wrong while writing a run or reading one.

use std::path::{Path, PathBuf};

use crate::sqlite::{OLDEST_SCHEMA_VERSION, SCHEMA_VERSION};

/// A failure of an exporter or a reader, with the file it concerns.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file could not be written or read.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// `write`, `read`, `create`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite could not do what it was asked.
    #[error("failed to {action} the database {}", path.display())]
    Sqlite {
        /// `write`, `read`, `open`.
        action: &'static str,
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The file is a database of another program, or none.
    #[error("{} is not a lacegraph database", .0.display())]
    NotOurs(PathBuf),
    /// The file was written by a version with tables that this one does not know.
    #[error(
        "{} has tables of version {found}, this lacegraph reads versions {} to {}",
        path.display(), OLDEST_SCHEMA_VERSION, SCHEMA_VERSION
    )]
    Version {
        /// The database.
        path: PathBuf,
        /// The version in the file.
        found: i32,
    },
    /// A workbook could not be put together.
    #[error("failed to put together the workbook: {0}")]
    Workbook(String),
    /// The directory is no run.
    #[error("there is no manifest.json in {}", .0.display())]
    NoRun(PathBuf),
    /// The manifest cannot be understood.
    #[error("{} cannot be verified: {what}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The file says something it cannot say.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong, and in which table.
        what: String,
    },
}

impl ExportError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { source, .. } if is_full(source) => "free space on that disk, or choose another place with --out",
            Self::Io { .. } => "check that the directory exists and that you may write there",
            Self::Sqlite { source, .. } if is_sqlite_full(source) => {
                "free space on that disk, or choose another place with --out"
            }
            Self::NoRun(_) => "name the directory of an export, as a whole",
            Self::Manifest { .. } => {
                "compare the files with SHA256SUMS; a run of another form is verified by the lacegraph that wrote it"
            }
            Self::Workbook(_) => "use the CSV files or the database instead, and leave xlsx out of --format",
            Self::Sqlite { action: "write", .. } => "check that the disk has space and that you may write there",
            Self::NotOurs(_) | Self::Sqlite { action: "open", .. } => {
                "name the directory of an export, or the lacegraph.db in it"
            }
            Self::Sqlite { .. } => "check that the file is complete and that you may read it",
            Self::Version { found, .. } if *found > SCHEMA_VERSION => {
                "a newer lacegraph wrote it: update this one to read it"
            }
            Self::Version { .. } => "read it with the lacegraph that wrote it, or export again with this one",
            Self::Damaged { .. } => "export again; the file was changed or cut after it was written",
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    pub(crate) fn sqlite(action: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path: path.to_owned(), what: source.to_string() }
            }
            _ => Self::Sqlite { action, path: path.to_owned(), source },
        }
    }
}

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded)
}

fn is_sqlite_full(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode;
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure))
}
