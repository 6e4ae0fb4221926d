//! The listeners over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failed unwrap is a failed test; tests are clients"
)]

use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo, http::Version, routing::get};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{PrivatePkcs8KeyDer, ServerName},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;

struct Server {
    address: SocketAddr,
    roots: RootCertStore,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

fn app() -> Router {
    let greet = |ConnectInfo(peer): ConnectInfo<SocketAddr>, version: Version| async move {
        format!("{version:?} to {}", peer.ip())
    };
    Router::new().route("/oauth/token", get(greet))
}

async fn start(app: Router, limits: Limits, tls: bool) -> Server {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let tls = tls.then(|| server_config(vec![cert.der().clone()], key.into()).unwrap());
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let endpoints = vec![Endpoint { socket, tls }];
    let running = tokio::spawn(serve(endpoints, app, limits, async { drop(stopped.await) }));
    Server { address, roots, stop, running }
}

impl Server {
    async fn plain(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn tls(&self, alpn: &[&str]) -> TlsStream<TcpStream> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, self.plain().await).await.unwrap()
    }
}

fn request(path: &str) -> Request<Empty<Bytes>> {
    Request::get(path).header("host", "localhost").body(Empty::new()).unwrap()
}

async fn over_http1(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, path: &str) -> String {
    let (mut sender, connection) = conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request(path)).await.unwrap();
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn over_http2(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, path: &str) -> String {
    let (mut sender, connection) =
        conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request(&format!("https://localhost{path}"))).await.unwrap();
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn one_tls_port_serves_clients_with_either_protocol_and_those_that_offer_none() {
    let server = start(app(), Limits::default(), true).await;
    for offered in [&["h2"][..], &["h2", "http/1.1"], &["http/1.1", "h2"]] {
        let stream = server.tls(offered).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]), "{offered:?}");
        assert_eq!(over_http2(stream, "/oauth/token").await, "HTTP/2.0 to 127.0.0.1");
    }
    let stream = server.tls(&["http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(over_http1(stream, "/oauth/token").await, "HTTP/1.1 to 127.0.0.1");
    let stream = server.tls(&[]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), None);
    assert_eq!(over_http1(stream, "/oauth/token").await, "HTTP/1.1 to 127.0.0.1");
}

#[tokio::test]
async fn a_plain_port_serves_http_1_and_http_2_with_prior_knowledge() {
    let server = start(app(), Limits::default(), false).await;
    assert_eq!(over_http1(server.plain().await, "/oauth/token").await, "HTTP/1.1 to 127.0.0.1");
    assert_eq!(over_http2(server.plain().await, "/oauth/token").await, "HTTP/2.0 to 127.0.0.1");
}

#[tokio::test]
async fn a_base_address_that_ends_in_a_slash_reaches_the_token_endpoint() {
    let server = start(app(), Limits::default(), false).await;
    assert_eq!(over_http1(server.plain().await, "//oauth/token").await, "HTTP/1.1 to 127.0.0.1");
    assert_eq!(over_http2(server.plain().await, "//oauth/token").await, "HTTP/2.0 to 127.0.0.1");
}

#[tokio::test]
async fn a_connection_that_never_asks_is_closed_in_every_protocol() {
    let limits = Limits { request_head: Duration::from_millis(50), ..Limits::default() };
    let server = start(app(), limits, false).await;
    for start in [&b""[..], b"GET / HTTP/1.1\r\nhost:", b"PRI * HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = server.plain().await;
        stream.write_all(start).await.unwrap();
        let mut rest = Vec::new();
        // A reset counts as closed.
        let _ = stream.read_to_end(&mut rest).await;
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_closed() {
    let limits = Limits { handshake: Duration::from_millis(50), ..Limits::default() };
    let server = start(app(), limits, true).await;
    let mut rest = Vec::new();
    let _ = server.plain().await.read_to_end(&mut rest).await;
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn headers_beyond_the_limit_are_refused() {
    let server = start(app(), Limits { header_bytes: 16 * 1024, ..Limits::default() }, false).await;
    let (mut sender, connection) = conn::http1::handshake(TokioIo::new(server.plain().await)).await.unwrap();
    tokio::spawn(connection);
    let mut large = request("/oauth/token");
    large.headers_mut().insert("x-large", "x".repeat(20 * 1024).parse().unwrap());
    assert_eq!(sender.send_request(large).await.unwrap().status(), 431);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_free_one() {
    let server = start(app(), Limits { connections: 1, ..Limits::default() }, false).await;
    let (mut first, connection) = conn::http1::handshake(TokioIo::new(server.plain().await)).await.unwrap();
    tokio::spawn(connection);
    first.send_request(request("/oauth/token")).await.unwrap().into_body().collect().await.unwrap();
    let waiting = tokio::spawn(over_http1(server.plain().await, "/oauth/token"));
    for _ in 0..50 {
        first.ready().await.unwrap();
        first.send_request(request("/oauth/token")).await.unwrap().into_body().collect().await.unwrap();
    }
    assert!(!waiting.is_finished());
    drop(first);
    assert_eq!(waiting.await.unwrap(), "HTTP/1.1 to 127.0.0.1");
}

#[tokio::test]
async fn stopping_finishes_the_request_that_is_being_answered_and_accepts_no_other() {
    let (asked, mut was_asked) = tokio::sync::mpsc::channel(1);
    let (release, held) = tokio::sync::watch::channel(false);
    let slow = move || async move {
        asked.send(()).await.unwrap();
        held.clone().wait_for(|released| *released).await.unwrap();
        "finished"
    };
    let server = start(Router::new().route("/slow", get(slow)), Limits::default(), false).await;
    let answer = tokio::spawn(over_http1(server.plain().await, "/slow"));
    was_asked.recv().await.unwrap();
    server.stop.send(()).unwrap();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    release.send(true).unwrap();
    assert_eq!(answer.await.unwrap(), "finished");
    server.running.await.unwrap();
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever_and_lets_go_of_what_it_cuts_off() {
    let limits = Limits { drain: Duration::from_millis(20), ..Limits::default() };
    for http2 in [false, true] {
        let (asked, mut was_asked) = tokio::sync::mpsc::channel(1);
        let endless = move || async move {
            asked.send(()).await.unwrap();
            std::future::pending::<()>().await;
        };
        let server = start(Router::new().route("/endless", get(endless)), limits.clone(), false).await;
        let stream = server.plain().await;
        let _open = tokio::spawn(async move {
            if http2 { over_http2(stream, "/endless").await } else { over_http1(stream, "/endless").await }
        });
        was_asked.recv().await.unwrap();
        server.stop.send(()).unwrap();
        server.running.await.unwrap();
        assert_eq!(was_asked.recv().await, None, "the request is gone, and whoever answered it");
    }
}
