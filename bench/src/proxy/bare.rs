//! The floor: a forwarder that does nothing but forward, made of the same HTTP library.

#![allow(
    clippy::disallowed_types,
    reason = "the floor is measured without what the server's own client does"
)]

use std::net::{Ipv4Addr, SocketAddr};

use http::{Request, Response, Uri, header, uri::PathAndQuery};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpListener;

use crate::Outcome;

#[expect(
    clippy::disallowed_types,
    reason = "the floor is measured without what the server's own client does"
)]
type Forwarder = Client<HttpConnector, Incoming>;

/// Starts it in this runtime.
pub(super) async fn start(upstream: SocketAddr) -> Outcome<SocketAddr> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = socket.local_addr()?;
    let client = {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Client::builder(TokioExecutor::new()).build(connector)
    };
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            let _ = stream.set_nodelay(true);
            let client = client.clone();
            let service = service_fn(move |request| forward(client.clone(), upstream, request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Ok(address)
}

async fn forward(
    client: Forwarder,
    upstream: SocketAddr,
    mut request: Request<Incoming>,
) -> Outcome<Response<Incoming>> {
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    *request.uri_mut() =
        Uri::builder().scheme("http").authority(upstream.to_string()).path_and_query(path).build()?;
    request.headers_mut().remove(header::HOST);
    Ok(client.request(request).await?)
}
