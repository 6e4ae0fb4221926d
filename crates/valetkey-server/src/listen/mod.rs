//! The listeners: one port for gRPC, REST and pages, with TLS or behind a proxy, and a plain one for this machine.
//!
//! With TLS the server offers `h2` and `http/1.1`; a client that offers no ALPN gets HTTP/1.1, and plain listeners
//! tell HTTP/1.1 and HTTP/2 with prior knowledge apart by the first bytes. What a request is for is decided by its
//! path and content type, never by the protocol that carried it.

mod connection;
mod limits;
mod path;
#[cfg(test)]
mod tests;
mod tls;

use std::{future::Future, sync::Arc, time::Duration};

use axum::Router;
use futures_util::future::join_all;
use hyper_util::server::graceful::GracefulShutdown;
use rustls::ServerConfig;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time,
};
use tokio_rustls::TlsAcceptor;

use connection::Connections;
pub use limits::Limits;
pub use tls::server_config;

/// How long accepting pauses after it failed, which it does when this process may open no more files.
const PAUSE: Duration = Duration::from_millis(100);

/// One bound port.
pub struct Endpoint {
    /// The port.
    pub socket: TcpListener,
    /// The certificate; `None` for plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
}

/// Serves `app` on every endpoint until `stop`. Then no connection is accepted any more, and requests that are being
/// answered are finished, as long as [`Limits::drain`] allows; what lasts longer is cut off before this ends, so that it
/// can still be recorded.
pub async fn serve(endpoints: Vec<Endpoint>, app: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(limits.connections));
    let connections = Connections::new(app, limits.clone());
    let (cut, _) = watch::channel(false);
    let accepting =
        endpoints.into_iter().map(|endpoint| accept(endpoint, &connections, &graceful, &slots, &cut));
    tokio::select! {
        _ = join_all(accepting) => {}
        () = stop => {}
    }
    if time::timeout(limits.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time and are cut off");
        cut.send_replace(true);
        cut.closed().await;
    }
}

async fn accept(
    endpoint: Endpoint,
    connections: &Connections,
    graceful: &GracefulShutdown,
    slots: &Arc<Semaphore>,
    cut: &watch::Sender<bool>,
) {
    let acceptor = endpoint.tls.map(TlsAcceptor::from);
    // The semaphore is never closed.
    while let Ok(slot) = slots.clone().acquire_owned().await {
        match endpoint.socket.accept().await {
            Ok((stream, peer)) => {
                let (connections, acceptor) = (connections.clone(), acceptor.clone());
                let (watcher, mut cut) = (graceful.watcher(), cut.subscribe());
                tokio::spawn(async move {
                    tokio::select! {
                        () = connections.serve(stream, peer, acceptor, watcher) => {}
                        _ = cut.wait_for(|cut| *cut) => {}
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                time::sleep(PAUSE).await;
            }
        }
    }
}
