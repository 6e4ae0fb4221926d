//! Providers: built-in connectors, and custom ones that a caller has described.

mod create;
mod delete;
mod list;
mod resolve;
mod update;

pub use create::CustomProvider;
pub use list::{ListedProvider, ProviderKind};
