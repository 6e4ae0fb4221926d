//! `valetkey migrate`.

use clap::Args;

use super::{
    installation::{Installation, block_on},
    output::{Failure, print},
};
use crate::{config::Config, open};

/// Bring the database to the schema of this version.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    installation: Installation,
}

impl Migrate {
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = Config::parse(&mut self.installation.source()?)?;
        block_on(async {
            let (pool, version) = open::database(&config).await?;
            pool.close().await;
            print(&format!("the {} database has schema version {version}", pool.engine()))
        })
    }
}
