//! A running server: its parts, its ports, its background work, and its end.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use valetkey_app::App;
use valetkey_server::listen::{Endpoint, Limits, serve, server_config};
use valetkey_store::Pool;

use crate::{
    cli::Failure,
    config::Config,
    open::{Opened, open},
    system::SystemEntropy,
    telemetry,
};

/// A server whose ports are bound.
pub struct Server {
    /// The use cases.
    pub app: App,
    pool: Pool,
    endpoints: Vec<Endpoint>,
    limits: Limits,
}

impl Server {
    /// Opens the installation and binds the ports. Nothing is answered yet.
    pub async fn start(config: &Config, definitions: &[(String, String)]) -> Result<Self, Failure> {
        telemetry::forbid_core_dumps()
            .map_err(|error| Failure(format!("core dumps of this process cannot be forbidden: {error}")))?;
        telemetry::warn_about_swap();
        let identity = config.tls.identity().map_err(Failure)?;
        let tls = identity.map(|(chain, key)| server_config(chain, key)).transpose().map_err(|error| {
            Failure(format!("tls.certificate_file and tls.key_file do not go together: {error}"))
        })?;
        let mut endpoints =
            vec![Endpoint { socket: bind("server.listen", config.server.listen).await?, tls }];
        if let Some(address) = config.server.plain_listen {
            endpoints.push(Endpoint { socket: bind("server.plain_listen", address.0).await?, tls: None });
        }
        let Opened { app, pool } = open(config, definitions).await?;
        let limits = Limits {
            connections: config.server.max_connections as usize,
            drain: config.server.drain_timeout.duration(),
            ..Limits::default()
        };
        Ok(Self { app, pool, endpoints, limits })
    }

    /// Answers until `stop`, finishes what is being answered, and closes the database.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Failure> {
        let router = valetkey_server::router(self.app.clone(), Arc::new(SystemEntropy))
            .map_err(|error| Failure(format!("server.public_url: {error}")))?;
        let app = self.app.clone();
        let background = tokio::spawn(async move { app.run_background().await });
        serve(self.endpoints, router, self.limits, stop).await;
        self.app.wind_down();
        // A token request that is under way is waited for, so that no issued token is lost.
        if background.await.is_err() {
            tracing::error!("the background work had ended by itself");
        }
        self.pool.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

async fn bind(setting: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure(format!("{setting} {address} cannot be listened on: {error}; choose another port"))
    })
}

/// Ends when the process is asked to stop, by SIGTERM or SIGINT, which from now on do not end it by themselves.
pub fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| {
        signal(kind).map_err(|error| Failure(format!("signals of this process cannot be received: {error}")))
    };
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
