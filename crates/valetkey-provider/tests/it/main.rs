//! The provider crate against the built-in test provider, over HTTP on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    missing_docs,
    reason = "a failed unwrap is a failed test, tests are named as sentences, and JSON reads best as an argument"
)]

mod assertion;
mod call;
mod client_authentication;
mod diagnose;
mod egress;
mod exchange;
mod forward;
mod identity;
mod misbehaviour;
mod only_way_out;
mod outcome;
mod pushed;
mod refresh;
mod revocation;
mod sending;
mod server;
mod signing;
mod site;
mod support;
mod tls;
mod tunnel;
