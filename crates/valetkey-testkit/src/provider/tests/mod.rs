//! The test provider keeps the rules that it is there to check others by.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]

mod control;
mod hook;
mod rotation;
mod rules;
mod world;
