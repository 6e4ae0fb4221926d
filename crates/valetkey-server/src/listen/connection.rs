//! One connection, from the handshake to its end.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc};

use axum::{body::Body, extract::ConnectInfo};
use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Notify,
    time,
};
use tokio_rustls::TlsAcceptor;
use tower::{Service, ServiceExt};

use super::{Limits, path::collapse_leading_slashes};

/// What answers requests.
pub trait Answers:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> Answers for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// What all connections of a port share.
#[derive(Clone)]
pub(super) struct Connections<S> {
    app: S,
    limits: Limits,
    protocol: auto::Builder<TokioExecutor>,
}

impl<S: Answers> Connections<S> {
    pub(super) fn new(app: S, limits: Limits) -> Self {
        let protocol = protocol(&limits);
        Self { app, limits, protocol }
    }

    /// Serves one connection to its end.
    pub(super) async fn serve(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        tls: Option<TlsAcceptor>,
        watcher: Watcher,
    ) {
        if let Err(error) = stream.set_nodelay(true) {
            return tracing::debug!(%peer, %error, "connection lost");
        }
        let Some(tls) = tls else { return self.speak(stream, peer, watcher).await };
        match time::timeout(self.limits.handshake, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.speak(stream, peer, watcher).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
        }
    }

    async fn speak(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        peer: SocketAddr,
        watcher: Watcher,
    ) {
        let asked = Arc::new(Notify::new());
        let service = service_fn(|mut request: Request<Incoming>| {
            asked.notify_one();
            *request.uri_mut() = collapse_leading_slashes(std::mem::take(request.uri_mut()));
            request.extensions_mut().insert(ConnectInfo(peer));
            self.app.clone().oneshot(request.map(Body::new))
        });
        let connection = self.protocol.serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(watcher.watch(connection));
        // The limits of the protocols start later than the connection: one that never finishes its preface would stay
        // open.
        let first = time::timeout(self.limits.request_head, asked.notified());
        let ended = tokio::select! {
            ended = &mut connection => Some(ended),
            asked = first => match asked {
                Ok(()) => None,
                Err(_) => return tracing::debug!(%peer, "connection without a request closed"),
            },
        };
        let ended = match ended {
            Some(ended) => ended,
            None => connection.await,
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "connection ended early");
        }
    }
}

/// HTTP/1.1 and HTTP/2 with the limits. Pings of clients are answered and never punished: gRPC clients send them
/// every minute, also without a call.
fn protocol(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    protocol
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request_head)
        .max_buf_size(limits.header_bytes as usize);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(limits.header_bytes)
        .max_concurrent_streams(limits.streams)
        .adaptive_window(true)
        .keep_alive_interval(limits.ping)
        .keep_alive_timeout(limits.ping / 3);
    protocol
}
