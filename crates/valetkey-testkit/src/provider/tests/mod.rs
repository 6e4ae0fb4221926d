//! The test provider keeps the rules that it is there to check others by.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]

mod catalogue;
mod control;
mod difference;
mod failures;
mod hook;
mod lifetimes;
mod refreshing;
mod resources;
mod rotation;
mod rules;
mod shapes;
mod transport;
mod world;
