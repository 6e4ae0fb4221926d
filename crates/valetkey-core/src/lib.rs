//! The laws of Valetkey, without input or output.
//!
//! Everything here is a value or a pure function: identifiers, the state machine of a connected account, the
//! schema of connector definitions, scopes, credentials in memory, error codes and journal events. Nothing in this
//! crate reads a clock, draws randomness, opens a socket or knows SQL; what it needs of those arrives as an argument.

pub mod account;
pub mod bulk;
pub mod call;
pub mod cleanup;
pub mod connector;
pub mod credential;
pub mod day;
pub mod entropy;
pub mod environment;
pub mod error_code;
pub mod health;
pub mod id;
pub mod journal;
pub mod link;
pub mod metadata;
pub mod openapi;
pub mod refresh;
pub mod revocation;
pub mod scope;
pub mod sealed;
pub mod secret;
pub mod settings;
pub mod time;
pub mod tool;

pub use day::Day;
pub use id::Entropy;
pub use secret::Secret;
pub use time::{Clock, Timestamp};
