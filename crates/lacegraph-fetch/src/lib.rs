//! The Lacework / FortiCNAPP API client: from a [`Plan`] with credentials to a `Snapshot` of who is a member where.
//!
//! [`fetch()`] reads, [`check()`] tells what a run would read and what stands in the way. Both need a [`Transport`]
//! ([`HttpTransport`] is the live one), a [`Clock`] and an [`Observer`].
//!
//! ```no_run
//! use lacegraph_fetch::{ApiBase, Clock, Credential, HttpTransport, OrganizationPlan, Plan, fetch};
//! use lacegraph_model::DataSource;
//!
//! # async fn example(clock: &dyn Clock) -> Result<(), Box<dyn std::error::Error>> {
//! let key = Credential::new("ACME_0123", "the key's secret");
//! let acme = OrganizationPlan::new("acme", ApiBase::parse("acme")?, key);
//! let plan = Plan::new(vec![acme], DataSource::Live, env!("CARGO_PKG_VERSION"));
//! let transport = HttpTransport::new(&plan.settings.http, &plan.tool_version)?;
//! let snapshot = fetch(&plan, &transport, clock, &()).await?;
//! println!("{} accounts", snapshot.accounts().len());
//! # Ok(())
//! # }
//! ```
//!
//! # How an organization is read
//!
//! 1. A token for its key, and `UserProfile`: whose key it is, which accounts there are.
//! 2. The organization's list, `TeamMembers` with `Org-Access: true`.
//! 3. The own list of each account that this does not cover, of each with a key of its own, and of three others to
//!    compare. Where the organization's list is refused, empty or incomplete, or misses a member, of every account.
//!    An own list is `TeamMembers`, and where that is not available `TeamUsers`.
//! 4. Where [`Plan::with`] says so, the audit log and the API keys of each account that was read.
//!
//! What cannot be read becomes a problem of the snapshot and the `fetch_status` of an account, never silence.
//!
//! # What holds
//!
//! - Secrets and tokens are in no `Debug`, no error, no log. A token goes to the origin it was obtained from alone:
//!   redirects are not followed, nor pages elsewhere; plain `http` is for loopback.
//! - The same answers give the same snapshot, in whatever order they arrive: accounts are asked several at a time, and
//!   recorded by name.
//! - Nothing here reads the environment, a file or the clock; the system's proxy is used unless
//!   [`ProxyChoice`] says otherwise.
//! - Only this crate knows HTTP and the API's JSON.

mod base;
mod capture;
mod check;
mod clock;
mod credential;
mod directory;
mod error;
mod fan_out;
mod fetch;
mod filter;
mod http;
mod list;
mod meanings;
mod observer;
mod optional;
mod optional_rows;
mod organization;
mod own_list;
mod pace;
mod patience;
mod place;
mod plan;
mod problems;
mod recorder;
mod scope;
mod secret;
mod session;
mod settings;
mod statements;
mod token;
mod transport;
mod tries;
mod wait;
mod wire;

pub use base::{ApiBase, BaseError};
pub use capture::{Capture, CaptureEnd, CaptureError, CaptureHeader, CaptureWriter};
pub use check::{AccountCheck, Doubt, KeyOwner, ListCheck, OrganizationCheck, Outlook, OwnKeyCheck, check};
pub use clock::{Clock, FixedClock};
pub use credential::Credential;
pub use error::{BodyFault, CallError, FetchError, PagingFault};
pub use fetch::{FetchOptions, fetch, fetch_with, refetch};
pub use filter::{AccountFilter, PatternError};
pub use http::HttpTransport;
pub use observer::{Event, Observer};
pub use place::Place;
pub use plan::{AccountPlan, GroupMeaning, ModelChoice, OptionalSources, OrganizationPlan, Plan};
pub use settings::{HttpSettings, ProxyChoice, RetrySettings, Settings};
pub use transport::{
    Authorization, Endpoint, Request, Response, ResponseHeaders, Scope, Transport, TransportError, TransportErrorKind,
    TransportFuture,
};
pub use wait::RateLimit;
