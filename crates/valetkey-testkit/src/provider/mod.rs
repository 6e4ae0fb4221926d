//! The built-in test provider: an OAuth authorization server and an API, in memory, that misbehaves on demand.
//!
//! It is a real server over HTTP and knows nothing of Valetkey. `demo`, `dev`, `test-provider` and the tests use it.
//! To add a misbehaviour, add it to the list in `misbehaviour/list.rs` and read it at the one place that it concerns.

mod api;
mod authorize;
mod bounded;
mod client_auth;
mod connection;
mod control;
mod counters;
mod grant;
mod hook;
mod http_date;
mod inspect;
mod misbehaviour;
mod page;
mod parameters;
mod pushed;
mod record;
mod resource;
mod revoke;
mod server;
mod settings;
mod state;
mod token;

#[cfg(test)]
mod tests;

pub use api::ScriptedAnswer;
pub use counters::Counters;
pub use hook::{Gate, HeldRequest, Moment, TokenEvent, TokenHook, Verdict};
pub use inspect::{GrantTokens, GrantView, RefreshTokenState};
pub use misbehaviour::{Entry, Misbehaviour, Rule, UnknownMisbehaviour};
pub use record::RecordedRequest;
pub use server::TestProviderHandle;
pub use settings::{Rotation, Settings};
pub use state::{TestProvider, Upload};

/// The id of the client that is always registered.
pub const TEST_CLIENT_ID: &str = "test-client";
/// The secret of [`TEST_CLIENT_ID`].
pub const TEST_CLIENT_SECRET: &str = "test-secret";
/// The API key that `/api/key-check` accepts, in the header `x-api-key` or as a bearer token.
pub const TEST_API_KEY: &str = "test-key-good";
/// User name and password that `/api/key-check` accepts.
pub const TEST_BASIC: (&str, &str) = ("good", "key");
/// The users that the consent page offers; the first is preselected.
pub const USERS: [&str; 2] = ["alice", "bob"];
