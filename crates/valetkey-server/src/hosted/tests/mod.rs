//! The pages over a stand-in for the application, which answers as it is told and records what it was asked.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]

mod browser;
mod callback;
mod every_page;
mod port;
mod protection;
mod start;
