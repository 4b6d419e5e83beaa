//! What rows come to mean: from statements over the snapshot to grants.

#![expect(clippy::unwrap_used, reason = "clippy sees tests in test functions only, not in their helpers")]

mod accounts;
mod groups;
mod identity;
mod inheritance;
mod invariants;
mod login;
mod meanings;
mod merging;
mod order_of_strength;
mod paths;
mod people;
mod properties;
mod random;
mod reports;
mod rows;
mod sources;
