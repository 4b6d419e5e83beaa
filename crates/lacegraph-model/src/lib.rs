//! What lacegraph knows: the records of a [`Snapshot`], whose each one is, and the [`Graph`] that says what they mean.
//!
//! ```text
//! rows ─ Statement ─► SnapshotBuilder ─► Snapshot ─► Graph ─► grants, paths, people
//! ```
//!
//! The same rows give the same snapshot, and the same snapshot and [`Settings`] the same graph, whatever the machine
//! and the clock. Nothing here reads a file, a socket, a clock or the environment, and nothing is asynchronous.

mod builder;
mod draft;
mod graph;
mod record;
mod role;
mod settings;
mod snapshot;
mod source;
mod statement;
mod strings;
mod time;

/// The target of the spans that say which stage of the work a thread is in: `fetch`, `merge`, `seal`, `graph` and so on.
///
/// A library asks no clock; whoever listens to these spans can time them.
pub const STAGE: &str = "lacegraph::stage";

pub use builder::{AccountView, CallReport, ProblemReport, SnapshotBuilder};
pub use draft::{Draft, NameLists};
pub use graph::{
    AccountTally, DomainClass, Edge, Grant, GrantOrigin, GrantSource, Graph, LoginState, Node, Person, Relation, Role,
    RoleHome, RoleId, RoleNode, RoleNodeId, SourceId, Totals, VerifyError, email_domain, path_text,
};
pub use record::{
    Account, AccountId, ApiModel, DataSource, ExpectedFrom, FetchStatus, GroupId, Header, IdentifierKind, Membership,
    MembershipConflict, NameListId, Organization, OrganizationGrant, OrganizationId, Problem, RecordSource, Severity,
    SourceCall, User, UserGroup, UserGroupMember, UserId, UserIdentifier, UserType,
};
pub use role::{
    ADMIN, AccessLevel, NO_ROLE, ORG_ADMIN, ORG_USER, POWER_USER, READ_ONLY, RoleScope, USER, access_level,
    built_in_group_role,
};
pub use settings::Settings;
pub use snapshot::{AccountCounts, Snapshot};
pub use source::{ApiKey, AuditEvent, OptionalSource, SourceKind, SourceStatus};
pub use statement::{AccountRef, StatedEvent, StatedGroup, StatedKey, StatedMembership, Statement};
pub use strings::{Interner, Strings, Sym};
pub use time::{Login, UtcTime};
