//! `valetkey dev`.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use valetkey_core::Clock;

use super::{
    installation::block_on,
    output::{Failure, print},
};
use crate::{
    config::{self, Config},
    dev::{DataDir, Ports, Ready, TestProviderAt, bootstrap},
    run::{Server, stop_signal},
    system::SystemClock,
    telemetry,
};

/// Start a server for a developer on this machine, with everything ready.
#[derive(Debug, Args)]
pub struct Dev {
    /// Where the database, the keys and the certificate are kept.
    #[arg(long, value_name = "DIR", default_value = ".valetkey")]
    data_dir: PathBuf,
    /// Where the server listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Where the server listens without TLS as well; a loopback address.
    #[arg(long, value_name = "ADDRESS")]
    plain_listen: Option<SocketAddr>,
    /// Where the built-in test provider listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8444")]
    provider_listen: SocketAddr,
    /// A callback at which applications may receive codes themselves, for every connection. Repeat it for several; they
    /// replace those that were set.
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Option<Vec<String>>,
    /// The database, in place of one in the data directory.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl Dev {
    pub(super) fn run(self) -> Result<(), Failure> {
        block_on(async {
            let directory = DataDir::new(&self.data_dir);
            let provider = TestProviderAt::start(self.provider_listen).await?;
            let ports = Ports { server: self.listen, plain: self.plain_listen, provider: provider.address };
            let tls = directory.prepare(&ports, SystemClock.now())?;
            let mut source = config::source();
            directory.presets(&mut source);
            config::add_file_and_variables(&mut source, None)?;
            if let Some(url) = self.database_url {
                source.command("--database-url", "database", "url", url);
            }
            let config = Config::load(&mut source)?;
            telemetry::start(&config.log);
            let server = Server::start(&config, &provider.definitions()).await?;
            let uris = self.redirect_uris.as_deref();
            let ready = bootstrap(&server.app, &directory, &config, &tls, &provider, uris).await?;
            let stopped = stop_signal()?;
            print(&greeting(&ready, &directory))?;
            server.run(stopped).await
        })
    }
}

fn greeting(ready: &Ready, directory: &DataDir) -> String {
    let exports: Vec<String> = ready.lines().lines().map(|line| format!("  export {line}")).collect();
    format!(
        "Valetkey is ready at {url}\n\n\
         Connections: {connections}. Users of the test provider are alice and bob.\n\n\
         A Python or Node program needs these variables, which are also in {file}:\n\n\
         {exports}\n\n\
         Stop with Ctrl-C. The next start uses the same data and credentials.",
        url = ready.variable("SCALEKIT_ENVIRONMENT_URL"),
        connections = ready.connections.join(", "),
        file = directory.file("dev.env").display(),
        exports = exports.join("\n"),
    )
}
