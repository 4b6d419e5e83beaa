//! GraphViz DOT: pictures for auditors, and the graph itself.
//!
//! Our own writer: every value is quoted and escaped on the only way in (`text`), ids are a letter and a number, and
//! the same graph gives the same bytes. `dot -Tsvg accounts.dot` draws it.

mod accounts;
mod full;
mod legend;
mod people;
mod sheet;
mod style;
mod survey;
mod text;
mod tie;
mod title;

pub use accounts::write_accounts;
pub use full::write_full;
pub use sheet::Drawn;

/// People up to which [`write_full`] draws something that can be read, and so is written without being asked for.
pub const FULL_VIEW_LIMIT: usize = 200;
