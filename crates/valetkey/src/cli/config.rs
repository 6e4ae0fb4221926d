//! `valetkey config`.

use std::path::PathBuf;

use clap::Subcommand;

use super::output::{Failure, print};
use crate::config;

/// Verbs of the configuration.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Validate, and print what is in effect and where each value comes from. Secrets are masked.
    Check {
        /// The configuration file.
        #[arg(long, value_name = "FILE", env = "VALETKEY_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Print every setting with its documentation and its default.
    Reference,
}

impl Config {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check { config } => {
                let mut source = config::source();
                config::add_file_and_variables(&mut source, config.as_deref())?;
                let config = config::Config::load(&mut source)?;
                print(config.effective(&source).trim_end())
            }
            Self::Reference => print(config::reference().trim_end()),
        }
    }
}
