//! Authorization links: what an application sends to its user.

mod create;
mod details;
mod list;
mod revoke;

pub use create::{CreateLink, NewLink};
pub(crate) use create::{check_connection, check_scopes};
pub(crate) use details::LinkDetails;
pub use valetkey_store::link::Link;
