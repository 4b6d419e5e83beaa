//! The API's JSON, and nothing but: what a row says becomes a statement in [`crate::statements`].

mod api_key;
mod audit_log;
mod message;
mod page;
mod profile;
mod rows;
mod team_member;
mod team_user;
mod value;

pub(crate) use api_key::ApiKeyEntry;
pub(crate) use audit_log::AuditLogEntry;
pub(crate) use message::{error_message, is_html};
pub(crate) use page::{Body, Envelope};
pub(crate) use profile::Profile;
pub(crate) use rows::{ParsedRows, RowFault, Rows, each_row};
pub(crate) use team_member::{AccountEntry, MemberProps, TeamMember};
pub(crate) use team_user::TeamUser;
pub(crate) use value::{List, Moment, Text};
