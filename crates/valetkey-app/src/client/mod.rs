//! API clients: the applications that call this server, each in one environment.

mod authenticate;
mod create;
mod read;
mod revoke;
mod rotate;

pub(crate) use authenticate::ClientCache;
pub use create::{CreateClient, NewSecret};
pub use valetkey_store::client::{Client, ClientSecret};

/// What every client secret starts with, so that scanners of leaked secrets recognise it.
pub const SECRET_PREFIX: &str = "vks_";
