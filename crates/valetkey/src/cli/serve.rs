//! `valetkey serve`.

use clap::Args;

use super::{
    installation::{Installation, block_on},
    output::Failure,
};
use crate::{config::Config, run, telemetry};

/// Start the server.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    installation: Installation,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = Config::load(&mut self.installation.source()?)?;
        telemetry::start(&config.log);
        block_on(async {
            let server = run::Server::start(&config, &[]).await?;
            let stopped = run::stop_signal()?;
            tracing::info!(url = config.server.public_url.as_str(), "ready");
            server.run(stopped).await
        })
    }
}
