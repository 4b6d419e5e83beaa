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
//! - With a page size the rows of `data` are cut into pages, and `paging.totalRows` of the file, if there, is repeated
//!   as it is. Without one a file is served whole. A page is found only with the headers of the page before.
//! - `AuditLogs` with `startTime` or `endTime` answers the rows from the one up to the other, in pages like any list.
//!
//! # Faults
//!
//! A fault says which calls it strikes and what becomes of them; every field may be left out, and the first fault that
//! matches and is due has its way with a call:
//!
//! | field | the calls |
//! |---|---|
//! | `account`, `org` | of this account, of the organization's data set (`true`); without both, of any |
//! | `endpoint` | of this endpoint, `access/tokens` among them; without one, every list |
//! | `page` | for this page of a list, counted from 1 |
//! | `key_id` | of this key |
//! | `after`, `times` | not the first so many, and then only so many |
//!
//! | field | what becomes of them |
//! |---|---|
//! | `status` | they are answered with it; without one, as usual but for what follows |
//! | `message`, `body` | what the answer says: `{"message": ...}`, or a body sent as it is; only with `status` |
//! | `filler_bytes` | the body is the beginning of a list and so many bytes long, which is not announced |
//! | `content_type`, `retry_after`, `location` | these headers say this |
//! | `headers` | an object of headers: a text sets one, `null` leaves one out, the `ratelimit-*` ones too |
//! | `next_page` | the page names this as the next one; `"self"` is the page itself |
//! | `total_rows` | the page claims so many rows in all |
//! | `delay_ms` | the answer is held back |
//! | `trickle_ms` | the body comes in pieces of 64 bytes, with this pause between them |
//! | `cut_after` | the whole length is announced, so many bytes are sent, and the connection breaks |
//! | `reset` | the connection breaks without an answer (`true`) |
//!
//! Faults strike calls that would be served: with a good key or token, and with a right to the data.
//!
//! # Where the API's behaviour is unknown
//!
//! The statuses of a bad key, an unknown account, a list that is switched off and a token request without a `Content-Type` are not
//! documented. The mock answers 401, 403, 403 and 400. A dead token is answered 401, or 403 where
//! [`ServerOptions::dead_token_status`] says so.

mod aim;
mod answer;
mod audit_window;
mod call;
mod connection;
mod delivery;
mod document;
mod effect;
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
pub use options::{DeadTokenStatus, LimitedBy, RateLimit, ServerOptions, TokenForm};
pub use recipe::{configuration_toml, environment_lines, secret_lines};
pub use server::MockServer;
pub use world::World;
