//! API tokens: long-lived bearer tokens of an environment, each with permissions and an end.

mod authenticate;
mod create;
mod read;
mod revoke;

pub(crate) use authenticate::{ApiTokenCache, is_api_token};
pub use create::{CreateApiToken, NewApiToken};
pub use valetkey_store::api_token::ApiToken;

/// What every API token starts with, so that scanners of leaked secrets recognise it, and so that it is not taken for a
/// JSON Web Token.
pub const PREFIX: &str = "vkt_";
