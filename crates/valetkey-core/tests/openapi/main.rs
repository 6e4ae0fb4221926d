//! Documents of `OpenAPI` 3 become connectors with tools.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::needless_pass_by_value, reason = "a test writes its document in place")]

mod arbitrary;
mod bodies;
mod document;
mod fixtures;
mod imported;
mod operations;
mod parameters;
mod schemas;
mod security;
mod servers;
