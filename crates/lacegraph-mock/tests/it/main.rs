//! Drives the mock over HTTP, as a client would.

#![expect(clippy::unwrap_used, reason = "clippy sees tests in test functions only, not in their helpers")]

mod client;
mod connections;
mod faults;
mod fixtures;
mod generated;
mod headers;
mod limits;
mod lists;
mod logs;
mod recipes;
mod tokens;
