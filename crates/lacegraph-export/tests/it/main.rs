//! The export formats, read back by readers that share nothing with their writers.

#![expect(clippy::unwrap_used, reason = "clippy sees tests in test functions only, not in their helpers")]

mod csv;
mod csv_reader;
mod damage;
mod dot;
mod dot_reader;
mod fixed;
mod query;
#[path = "../../../lacegraph-model/tests/it/random.rs"]
mod random;
#[path = "../../../lacegraph-model/tests/it/rows.rs"]
#[expect(dead_code, reason = "the model's own tests have more to say in these words")]
mod rows;
mod run;
mod sqlite;
mod verify;
mod versions;
mod views;
