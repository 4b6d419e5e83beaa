//! The fault matrix: the real binary against a mock that fails in every way that an API, a proxy or a network can.
//!
//! One row is one fault. A row says what the user reads and with which code the command ends, which accounts are whole
//! all the same, and what was asked: no more tokens and no more lists than it takes. After each row, whatever was
//! printed and written is searched for secrets and tokens.
//!
//! `cargo test -p lacegraph --test it matrix -- --nocapture` prints the table.

mod captures;
mod connections;
mod directory;
mod keys;
mod limits;
mod pages;
mod patience;
mod proxy;
mod row;
mod run;
mod search;
mod shapes;
mod statuses;
mod stopping;
mod table;
mod tls;
mod tokens;
mod traps;
