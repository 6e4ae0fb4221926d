//! A model of an account, of its provider and of the processes that refresh it, checked in every state that it can
//! reach; see `docs/adr/0009-model-checking.md`. Decisions are made by the functions that the server calls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod action;
mod broken;
mod correct;
mod database;
mod ends;
mod provider;
mod scenario;
mod step;
mod time;
mod truth;
mod world;
