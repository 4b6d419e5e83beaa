//! The export formats, read back by readers that share nothing with their writers.

#![expect(clippy::unwrap_used, reason = "clippy sees tests in test functions only, not in their helpers")]

mod dot;
mod dot_reader;
