//! Events that a test sends one by one.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use hyper::body::Frame;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::provider::{TestProvider, server::Site};

impl TestProvider {
    /// Texts to send to whoever asks for `/api/events` next. The answer ends when the sender is dropped, and the sender
    /// is closed when nobody listens any more.
    pub fn feed_events(&self) -> UnboundedSender<String> {
        let (sender, receiver) = unbounded_channel();
        self.memory().feed = Some(receiver);
        sender
    }
}

/// A stream of events (`text/event-stream`).
pub(super) async fn events(State(site): State<Site>) -> Response {
    let feed = site.provider.memory().feed.take();
    let Some(feed) = feed else { return StatusCode::NOT_FOUND.into_response() };
    ([(CONTENT_TYPE, "text/event-stream")], Body::new(Events(feed))).into_response()
}

/// Nothing, ever.
pub(super) async fn silence() -> Response {
    std::future::pending().await
}

struct Events(UnboundedReceiver<String>);

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let event = self.0.poll_recv(context);
        event.map(|event| event.map(|event| Ok(Frame::data(Bytes::from(event)))))
    }
}
