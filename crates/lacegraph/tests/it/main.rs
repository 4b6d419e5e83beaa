//! The command from the outside: the real binary against the mock API, in a directory and an environment of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, in its helpers too")]

mod access;
mod again;
mod answers;
mod architecture;
mod calls;
mod check;
mod configuration;
mod credentials;
mod databases;
mod demo;
mod directory;
mod fixture;
mod groups;
mod help;
mod init;
mod keys;
mod matrix;
mod meaning;
mod misplaced;
mod mock;
mod operations;
mod optional;
mod partial;
mod place;
mod questions;
mod secrets;
mod sources;
mod stopping;
mod tables;
mod verify;
