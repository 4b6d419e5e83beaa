//! The exported tables as data: each one's name, columns and rows, once for all formats.

mod derived;
mod dictionary;
pub(crate) mod listings;
mod observed;
mod source;
mod value;
mod wide;

use lacegraph_model::Graph;

use crate::error::ExportError;
pub(crate) use derived::settings;
pub use dictionary::DictionaryRow;
pub(crate) use dictionary::dictionary;
pub(crate) use value::Value;
pub(crate) use wide::{ACCESS_COLUMNS, access};

/// The schema of the SQLite file, with a comment for every table and column.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// Takes the rows of a table, one after the other.
pub(crate) type Sink<'s> = dyn FnMut(&[Value<'_>]) -> Result<(), ExportError> + 's;

/// A table of the export.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    /// Its name in SQLite, and of its CSV file.
    pub(crate) name: &'static str,
    /// Its columns in the order of the schema.
    pub(crate) columns: &'static [&'static str],
    /// Gives its rows in the order of its key.
    pub(crate) rows: fn(&Graph, &mut Sink<'_>) -> Result<(), ExportError>,
}

/// All tables, each after those it refers to.
pub(crate) const TABLES: [Table; 24] = [
    observed::SNAPSHOT,
    derived::SETTINGS,
    observed::ORGANIZATIONS,
    observed::ACCOUNTS,
    derived::USERS,
    observed::MEMBERSHIPS,
    observed::MEMBERSHIP_CONFLICTS,
    observed::USER_IDENTIFIERS,
    observed::ORGANIZATION_GRANTS,
    observed::USER_GROUPS,
    observed::USER_GROUP_MEMBERS,
    source::OPTIONAL_SOURCES,
    source::AUDIT_EVENTS,
    source::API_KEYS,
    observed::SOURCE_CALLS,
    observed::PROBLEMS,
    derived::ROLES,
    derived::GRANT_SOURCES,
    derived::ACCESS_GRANTS,
    derived::ROLE_NODES,
    derived::ROLE_IMPLICATIONS,
    derived::GROUP_ROLES,
    derived::GRAPH_KINDS,
    dictionary::DATA_DICTIONARY,
];
