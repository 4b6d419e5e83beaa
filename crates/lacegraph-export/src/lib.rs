//! The export formats: one module each, each with a function from a [`Graph`](lacegraph_model::Graph) to files.
//!
//! | module | what it writes |
//! |---|---|
//! | [`sqlite`] | `lacegraph.db` by `schema.sql`; also reads it back and answers single questions |
//! | [`csv`] | one file a table, `access.csv`, `effective_access.csv` |
//! | [`dot`] | `accounts.dot`, `full.dot` |
//!
//! What the tables are (names, columns, rows) is said once, in the module `tables`, for all formats.
//! [`write_run`] writes a whole run. No exporter knows how the data was fetched, and none sees a credential.

pub mod csv;
pub mod dot;
mod error;
mod run;
pub mod sqlite;
mod tables;

pub use error::ExportError;
pub use run::{DATABASE_FILE, Format, WrittenFile, write_run};
pub use tables::SCHEMA;

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
