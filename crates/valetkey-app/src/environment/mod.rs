//! Environments: the border that no query crosses.

mod create;
mod read;
mod update;

pub use update::UpdateEnvironment;
pub use valetkey_store::environment::Environment;
