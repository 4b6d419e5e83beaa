//! The tests of the export formats: one binary.

mod dot;
mod dot_reader;
