//! The command itself, as a person or a script starts it.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failed unwrap is a failed test, and a test is a client of the server"
)]

mod accounts;
mod bulk;
mod client;
mod commands;
mod config;
mod connectors;
mod demo;
mod dev;
mod doctor;
mod documentation;
mod imports;
mod killed;
mod night;
mod operating;
mod refusals;
mod test_provider;
mod valetkey;
