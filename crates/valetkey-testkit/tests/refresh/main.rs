//! The refresh engine among several processes, under load, and while everything around it fails: with real databases
//! (SQLite, or PostgreSQL where `VALETKEY_TEST_DATABASE_URL` is set) and the test provider, which rotates refresh
//! tokens without grace.
//!
//! A test that proves a statement of the security checklist has its number as a name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod chaos;
mod crash;
mod herd;
mod kill;
mod paused;
mod process;
mod readers;
mod support;
mod transactions;
