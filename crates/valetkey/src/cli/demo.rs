//! `valetkey demo`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use clap::Args;
use tokio::sync::oneshot;
use valetkey_core::Clock;

use super::{
    installation::block_on,
    output::{Failure, print},
};
use crate::{
    config::{self, Config},
    demo::{Place, tell},
    dev::{DataDir, Ports, TestProviderAt, bootstrap},
    run::Server,
    system::SystemClock,
};

/// Run the whole story once in the terminal: a server on a throw-away database, a user who consents at the built-in
/// test provider, and a call with the credential. Needs no browser and leaves nothing behind.
#[derive(Debug, Args)]
pub struct Demo {}

const LOOPBACK: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

impl Demo {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self {} = self;
        block_on(async {
            let directory = tempfile::tempdir()
                .map_err(|error| Failure(format!("no temporary directory can be made: {error}")))?;
            let place = DataDir::new(directory.path());
            let provider = TestProviderAt::start(LOOPBACK).await?;
            let ports = Ports { server: free_port()?, plain: None, provider: provider.address };
            let tls = place.prepare(&ports, SystemClock.now())?;
            let mut source = config::source();
            place.presets(&mut source);
            let config = Config::load(&mut source)?;
            let server = Server::start(&config, &provider.definitions()).await?;
            let ready = bootstrap(&server.app, &place, &config, &tls, &provider, None).await?;
            let (stop, stopped) = oneshot::channel::<()>();
            let app = server.app.clone();
            let story = async {
                let outcome = tell(&Place { ready: &ready, authority: &tls.authority, app: &app }).await;
                drop(stop);
                outcome
            };
            let serving = server.run(async { drop(stopped.await) });
            let (story, service) = tokio::join!(story, serving);
            story.and(service)?;
            print("\nNow try `valetkey dev`, and call it from your own program.")
        })
    }
}

/// A port that nothing listens on at the moment.
fn free_port() -> Result<SocketAddr, Failure> {
    TcpListener::bind(LOOPBACK)
        .and_then(|listener| listener.local_addr())
        .map_err(|error| Failure(format!("no port of this machine is free: {error}")))
}
