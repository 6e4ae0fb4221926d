//! Storage: the only crate with SQL.
//!
//! [`Pool`] hands out a [`Reader`] (one connection, a statement at a time) or a [`Tx`] (a transaction). Both are a
//! [`Conn`], which every query function takes, so that a function works inside and outside a transaction. Rows are
//! plain structs. Sealed values pass through as bytes; no key is known here.
//!
//! One SQL text serves SQLite and PostgreSQL. Every row belongs to an environment and every query names it; the few
//! that cannot, because they look for the hash of an unguessable text or authenticate a client, say so in their name
//! or documentation.
//!
//! To add a table: a file in `migrations/`, its entry in `schema`. To add a query: a line in the `statements!` of the
//! module of its aggregate, and a function beside it.

#![allow(clippy::doc_markdown, reason = "SQLite and PostgreSQL are names, not code")]

pub mod account;
pub mod api_token;
pub mod bulk;
pub mod client;
pub mod connection;
pub mod credential;
pub mod custom_connector;
pub mod data_key;
pub mod environment;
mod error;
pub mod event;
pub mod flow;
pub mod idempotency;
pub mod link;
pub mod operator_session;
pub mod organization;
mod page;
pub mod refresh;
pub mod revocation;
mod schema;
pub mod signing_key;
mod sql;
pub mod sweep;
pub mod token_host;
pub mod tool_call;
pub mod verification;

pub use error::{Result, StoreError};
pub use page::{COUNT_LIMIT, Page, PageRequest};
pub use sql::{Conn, ConnectOptions, Pool, Reader, Stmt, Tx, WriteObserver, WritePoint};

/// Every statement of this crate, for the test that prepares them on each engine.
pub fn statements() -> impl Iterator<Item = &'static Stmt> {
    [
        api_token::STATEMENTS,
        client::STATEMENTS,
        connection::STATEMENTS,
        credential::STATEMENTS,
        custom_connector::STATEMENTS,
        data_key::STATEMENTS,
        environment::STATEMENTS,
        flow::STATEMENTS,
        idempotency::STATEMENTS,
        link::STATEMENTS,
        operator_session::STATEMENTS,
        organization::STATEMENTS,
        refresh::STATEMENTS,
        revocation::STATEMENTS,
        schema::STATEMENTS,
        signing_key::STATEMENTS,
        sweep::STATEMENTS,
        token_host::STATEMENTS,
        verification::STATEMENTS,
    ]
    .into_iter()
    .chain(account::STATEMENTS)
    .chain(event::STATEMENTS)
    .chain(bulk::STATEMENTS)
    .chain(tool_call::STATEMENTS)
    .flatten()
    .copied()
}
