//! A lean client: one connection, requests ready made, answers read to the end and checked.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::{Outcome, request::Transport};

/// A connection to a server. Clones of one for HTTP/2 share it.
pub(crate) enum Client {
    /// HTTP/1.1: one request at a time.
    One(http1::SendRequest<Full<Bytes>>),
    /// HTTP/2: many requests at a time.
    Two(http2::SendRequest<Full<Bytes>>),
}

impl Client {
    /// `count` clients; of gRPC, eight share a connection.
    pub(crate) async fn several(
        transport: Transport,
        address: SocketAddr,
        count: usize,
    ) -> Outcome<Vec<Self>> {
        let mut clients = Vec::with_capacity(count);
        while clients.len() < count {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            match transport {
                Transport::Grpc => {
                    let (sender, connection) =
                        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
                    tokio::spawn(connection);
                    clients.extend((clients.len()..count).take(8).map(|_| Self::Two(sender.clone())));
                }
                Transport::Rest => {
                    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
                    tokio::spawn(connection);
                    clients.push(Self::One(sender));
                }
            }
        }
        Ok(clients)
    }

    /// Sends a request and reads its answer; any answer but a good one is an error.
    pub(crate) async fn call(&mut self, request: Request<Full<Bytes>>) -> Outcome<Bytes> {
        let response = match self {
            Self::One(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
            Self::Two(sender) => sender.send_request(request).await?,
        };
        let (parts, body) = response.into_parts();
        let whole = body.collect().await?;
        let trailers = whole.trailers().cloned().unwrap_or_default();
        let bytes = whole.to_bytes();
        let status = grpc_status(&parts.headers).or_else(|| grpc_status(&trailers));
        if parts.status == StatusCode::OK && status.is_none_or(|status| status == "0") {
            return Ok(bytes);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Err(format!("{}: {:?} {trailers:?} {text}", parts.status, parts.headers).into())
    }
}

fn grpc_status(headers: &HeaderMap) -> Option<&str> {
    headers.get("grpc-status")?.to_str().ok()
}
