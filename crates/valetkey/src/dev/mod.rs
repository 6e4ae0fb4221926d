//! The installation of a developer: everything that `serve` asks an operator for is made here, in one directory that
//! only its owner can read.

mod bootstrap;
mod data_dir;
mod env_file;
mod test_provider;
mod tls;

pub use bootstrap::{ENVIRONMENT, Ready, bootstrap};
pub use data_dir::{DataDir, Ports};
pub use test_provider::TestProviderAt;
