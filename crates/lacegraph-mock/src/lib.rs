//! A mock of the Lacework / FortiCNAPP API: the demo, the tests and `lacegraph mock` run against it.
//!
//! It imitates what is known of the API's identities - tokens, both access models, every row shape, paging, limits and
//! failures - and nothing of it comes from the client: wire types are not shared, so that a mistake in one does not
//! hide behind the same mistake in the other. It listens on loopback only, keeps nothing, and prints nothing.
//!
//! ```
//! # async fn example() -> Result<(), lacegraph_mock::MockError> {
//! use lacegraph_mock::{GeneratorOptions, MockServer, ServerOptions, World};
//!
//! let world = World::generated(&GeneratorOptions { users: 50, ..GeneratorOptions::default() });
//! let server = MockServer::start(world, ServerOptions::default()).await?;
//! let key = &server.keys()[0];
//! println!("{} takes {}", server.base_url(), key.key_id);
//! // ... let a client loose on it, then look at what it asked:
//! assert!(server.calls().iter().all(|call| call.status == 200 || call.status == 201));
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Worlds
//!
//! A [`World`] is read from a fixture directory, embedded ([`World::embedded_demo`]) or invented
//! ([`World::generated`]). A fixture holds raw response bodies, so that its results can be worked out by hand:
//!
//! ```text
//! world.json                          {"clock", "page_size"?, "paging"? "url"|"token", "organizations": [folders]}
//! acme/organization.json              {"name", "host_account", "primary"?, "keys", "faults"?, "legacy_off_status"?}
//! acme/UserProfile.json               absent: 500
//! acme/OrganizationInfo.json          absent: 403
//! acme/org/TeamMembers.json           the organization's list; absent: 403
//! acme/accounts/NAME/TeamMembers.json an account's list; absent where TeamUsers.json is: legacy_off_status, else 403
//! acme/accounts/NAME/TeamUsers.json   the newer model's list; absent: 403
//! acme/accounts/NAME/AuditLogs.json   also ApiKeys.json, and both in org/; absent: 404
//! ```
//!
//! - Keys of objects that begin with `_` are taken out of every file.
//! - A list without rows is answered 204. So is `TeamMembers` of an account that has no list file at all but is named by
//!   `UserProfile.json`, a fault, a key or `primary`; any other account is answered 403.
//! - A key is `{"key_id", "secret", "owner"?, "scope"? "organization"|"account", "account"?}`. One of scope `account`
//!   reaches its own account only, and its `UserProfile` is `accounts/NAME/UserProfile.json`, absent: 500.
//! - A fault is `{"account"?, "org"?, "endpoint"?, "page"?, "times"?, "status", "message"?, "body"?, "content_type"?,
//!   "retry_after"?}`. Without `endpoint` (`access/tokens` is one too) it strikes every list, without `account` and
//!   `org` every scope; `page` counts from 1; `times` is how many calls it strikes. `body` is sent as it is.
//! - With a page size the rows of `data` are cut into pages, and `paging.totalRows` of the file, if there, is repeated
//!   as it is. Without one a file is served whole. A page is found only with the headers of the page before.
//! - `AuditLogs` with `startTime` or `endTime` answers the rows from the one up to the other, in one body.
//!
//! # Where the API's behaviour is unknown
//!
//! The statuses of a bad key, an unknown account, a list that is switched off and a missing `Content-Type` are not
//! documented. The mock answers 401, 403, 403 and 400.

mod answer;
mod audit_window;
mod call;
mod document;
mod embedded;
mod error;
mod fault;
mod fixture;
mod generator;
mod key;
mod listing;
mod options;
mod organization;
mod random;
mod rate_limit;
mod recipe;
mod resource;
mod route;
mod server;
mod service;
mod tenant;
mod tokens;
mod world;

pub use call::Call;
pub use error::MockError;
pub use generator::{AccessModel, GeneratorOptions, RowShape};
pub use key::{KeyScope, MockKey};
pub use listing::PagingForm;
pub use options::{RateLimit, ServerOptions, TokenForm};
pub use recipe::{configuration_toml, environment_lines, secret_lines};
pub use server::MockServer;
pub use world::World;
