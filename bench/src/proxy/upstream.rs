//! The upstream: it answers every request with the same 1 kB.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::Outcome;

/// The length of the answer, in bytes.
const ANSWER: usize = 1024;

/// Starts it in this runtime.
pub(super) async fn start() -> Outcome<SocketAddr> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = socket.local_addr()?;
    tokio::spawn(async move {
        let body = Bytes::from(vec![b'x'; ANSWER]);
        while let Ok((stream, _)) = socket.accept().await {
            let _ = stream.set_nodelay(true);
            let body = body.clone();
            let answer = service_fn(move |request: Request<Incoming>| {
                let body = body.clone();
                async move {
                    request.into_body().collect().await?;
                    let answer = Response::builder().header(header::CONTENT_TYPE, "application/octet-stream");
                    Ok::<_, hyper::Error>(answer.body(Full::new(body)).unwrap_or_default())
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    });
    Ok(address)
}
