//! Requests on their way: one pool of HTTP/2 connections, each request with its token.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderValue, Request, Response, header::AUTHORIZATION};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tonic::{Status, body::Body};
use tower::Service;

use crate::token::TokenSource;

/// How requests reach a server.
pub(crate) type Connector = HttpsConnector<HttpConnector>;

/// A connector for HTTP/1.1, or for HTTP/2 only, that trusts as `tls` says.
pub(crate) fn connector(tls: rustls::ClientConfig, http2: bool) -> Connector {
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    if http2 { connector.enable_http2().build() } else { connector.enable_http1().build() }
}

/// Sends gRPC requests with a token.
#[derive(Clone)]
pub(crate) struct Transport {
    http: Client<Connector, Body>,
    tokens: TokenSource,
}

impl Transport {
    pub(crate) fn new(tls: rustls::ClientConfig, tokens: TokenSource) -> Self {
        let http = Client::builder(TokioExecutor::new()).http2_only(true).build(connector(tls, true));
        Self { http, tokens }
    }

    /// Forgets the token that the server has refused; whether another one can be had.
    pub(crate) fn refuse(&self) -> bool {
        self.tokens.refuse()
    }

    async fn send(self, mut request: Request<Body>) -> Result<Response<hyper::body::Incoming>, Status> {
        let token = self.tokens.token().await?;
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Status::invalid_argument("the token has characters that no token has"))?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        self.http.request(request).await.map_err(|_| {
            Status::unavailable("the server was not reached, or the connection broke before the answer")
        })
    }
}

impl Service<Request<Body>> for Transport {
    type Response = Response<hyper::body::Incoming>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}
