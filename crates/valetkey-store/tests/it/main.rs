//! The storage tests, on SQLite, or on PostgreSQL where `VALETKEY_TEST_DATABASE_URL` names a server.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::doc_markdown, reason = "SQLite and PostgreSQL are names, not code")]

mod account;
mod account_cleanup;
mod account_list;
mod account_search;
mod bulk;
mod client;
mod connection;
mod credential;
mod custom_connector;
mod environment;
mod event;
mod flow;
mod given_up;
mod idempotency;
mod isolation;
mod key;
mod layer;
mod link;
mod migrate;
mod million;
mod operator_session;
mod organization;
mod race;
mod refresh;
mod statements;
mod support;
mod sweep;
mod tool_call;
mod verification;
