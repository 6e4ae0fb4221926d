//! Connections: a connector with the operator's own application registered at the provider.

mod addressed;
mod config;
mod create;
mod delete;
mod enable;
mod known;
mod list;
mod name;
mod read;
mod redirect_uris;
mod status;
mod update;
mod view;

pub(crate) use addressed::addressed;
pub(crate) use config::effective_oauth2;
pub use config::{ConnectionConfig, ConnectionSecrets};
pub use create::CreateConnection;
pub(crate) use known::KnownConnections;
pub use list::ListConnections;
pub(crate) use name::{folded, not_found};
pub(crate) use read::unknown;
pub use status::ConnectionStatus;
pub use update::UpdateConnection;
pub use view::ConnectionView;
