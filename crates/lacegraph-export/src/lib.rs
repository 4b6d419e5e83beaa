//! The export formats: one module each, each with a function from a [`Graph`](lacegraph_model::Graph) to files.
//!
//! | module | what it writes |
//! |---|---|
//! | [`sqlite`] | `lacegraph.db` by `schema.sql`; also reads it back and answers single questions |
//! | [`csv`] | one file a table, `access.csv`, `effective_access.csv` |
//! | [`dot`] | `accounts.dot`, `full.dot` |
//! | [`xlsx`] | `access.xlsx` |
//! | [`manifest`] | `manifest.json` and `SHA256SUMS` |
//! | [`verify`] | nothing: it says whether a run fits together |
//! | `package`, `evidence` | `csv/datapackage.json`, `EVIDENCE.md` |
//!
//! What the tables are (names, columns, rows) is said once, in the module `tables`, for all formats.
//! [`write_run`] writes a whole run. No exporter knows how the data was fetched, and none sees a credential.

pub mod csv;
pub mod dot;
mod error;
mod evidence;
mod figures;
pub mod manifest;
mod package;
mod run;
pub mod sqlite;
mod tables;
pub mod verify;
pub mod xlsx;

pub use error::ExportError;
pub use evidence::status_line;
pub use figures::{FIGURES, Figure};
pub use run::{DATABASE_FILE, Format, RunOptions, Written, WrittenFile, WrittenRun, write_formats, write_run};
pub use tables::{DictionaryRow, SCHEMA};

/// The data dictionary: every table and view, and every column of it, as the comments of `schema.sql` describe them.
pub fn dictionary() -> Vec<DictionaryRow> {
    tables::dictionary()
}

/// Bytes in hexadecimal, lower case.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A String takes whatever is written to it.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The 32 bytes that [`hex`] wrote as `text`.
fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}
