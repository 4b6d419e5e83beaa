//! The client against scripted answers, and against the mock API over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, in its helpers too")]

mod bodies;
mod capture;
mod check;
mod doubts;
mod events;
mod meanings;
mod mock;
mod optional;
mod paging;
mod retries;
mod scope;
mod script;
mod shapes;
mod tokens;
mod view;
mod walk;
