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

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use hyper_util::server::graceful::GracefulShutdown;
use rustls::ServerConfig;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet, time};
use tokio_rustls::TlsAcceptor;

pub use connection::Answers;
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
pub async fn serve(
    endpoints: Vec<Endpoint>,
    app: impl Answers,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(limits.connections));
    let connections = Connections::new(app, limits.clone());
    let open = Mutex::new(JoinSet::new());
    let accepting =
        endpoints.into_iter().map(|endpoint| accept(endpoint, &connections, &graceful, &slots, &open));
    tokio::select! {
        _ = join_all(accepting) => {}
        () = stop => {}
    }
    if time::timeout(limits.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time and are cut off");
    }
    open.into_inner().unwrap_or_else(PoisonError::into_inner).shutdown().await;
}

async fn accept(
    endpoint: Endpoint,
    connections: &Connections<impl Answers>,
    graceful: &GracefulShutdown,
    slots: &Arc<Semaphore>,
    open: &Mutex<JoinSet<()>>,
) {
    let acceptor = endpoint.tls.map(TlsAcceptor::from);
    // The semaphore is never closed.
    while let Ok(slot) = slots.clone().acquire_owned().await {
        match endpoint.socket.accept().await {
            Ok((stream, peer)) => {
                let (connections, acceptor) = (connections.clone(), acceptor.clone());
                let watcher = graceful.watcher();
                let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
                while open.try_join_next().is_some() {}
                open.spawn(async move {
                    connections.serve(stream, peer, acceptor, watcher).await;
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
