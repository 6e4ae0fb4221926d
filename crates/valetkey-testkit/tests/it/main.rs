//! The behaviour of a whole server, through its public surface: REST, pages in a browser, a provider over HTTP, and
//! the database of the run (SQLite, or PostgreSQL where `VALETKEY_TEST_DATABASE_URL` is set).
//!
//! A test that proves a statement of the security checklist has its number as a name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod accounts;
mod answers;
mod authorization;
mod callback;
mod calls;
mod clients;
mod connect;
mod connections;
mod crash;
mod database;
mod fresh;
mod isolation;
mod links;
mod lists;
mod pages;
mod proxy;
mod pushed;
mod reading;
mod revocation;
mod tools;
mod tour;
mod users;
mod vault;
mod verification;
