//! Connector definitions: what is accepted, what is refused and where.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod auth_patterns;
mod builtin;
mod errors;
mod quirks;
mod registry;
mod renewal;
mod search;
mod signing;
mod single;
mod tools;
