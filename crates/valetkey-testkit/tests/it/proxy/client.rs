//! Clients with a socket of their own, which read and write piece by piece.
#![allow(clippy::disallowed_methods, reason = "a test is a client")]

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper::{
    body::{Body, Frame, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc::{Receiver, Sender, channel},
};
use valetkey_testkit::app::{Outcome, TestApp};

/// A body that a client sends.
pub(super) type Sent = UnsyncBoxBody<Bytes, io::Error>;

/// A body that the test writes piece by piece, and where it writes it; an error breaks the connection.
pub(super) fn by_pieces() -> (Sender<Result<Frame<Bytes>, io::Error>>, Sent) {
    let (sender, receiver) = channel(1);
    (sender, Pieces(receiver).boxed_unsync())
}

struct Pieces(Receiver<Result<Frame<Bytes>, io::Error>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context)
    }
}

pub(super) fn empty() -> Sent {
    http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync()
}

async fn socket(app: &TestApp) -> Outcome<TcpStream> {
    Ok(TcpStream::connect(app.url.trim_start_matches("http://")).await?)
}

/// Sends a request on a connection of its own, HTTP/1.1, and returns the head of the answer with the body to come. The
/// connection breaks off when the body is dropped.
pub(super) async fn http1(app: &TestApp, request: Request<Sent>) -> Outcome<Response<Incoming>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket(app).await?)).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}

/// The same with HTTP/2.
pub(super) async fn http2(app: &TestApp, request: Request<Sent>) -> Outcome<Response<Incoming>> {
    let io = TokioIo::new(socket(app).await?);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}

/// Writes `bytes` and reads until the server closes.
pub(super) async fn raw(app: &TestApp, bytes: &[u8]) -> Outcome<String> {
    let mut socket = socket(app).await?;
    socket.write_all(bytes).await?;
    let mut answer = Vec::new();
    // A connection that is reset has answered before.
    let _ = socket.read_to_end(&mut answer).await;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The next piece of a body as text; empty at its end.
pub(super) async fn piece(body: &mut Incoming) -> Outcome<String> {
    let Some(frame) = body.frame().await else { return Ok(String::new()) };
    let data = frame?.into_data().map_err(|_| "a trailer came")?;
    Ok(String::from_utf8_lossy(&data).into_owned())
}
