//! Answers by script.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use hyper::body::Frame;

use crate::provider::{TestProvider, server::Site};

/// An answer to one request for `/api/scripted`.
#[derive(Clone, Default, Debug)]
pub struct ScriptedAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    trailers: Vec<(String, String)>,
    cut: bool,
}

impl ScriptedAnswer {
    /// An empty answer.
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body whose length is not announced.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With a trailer.
    #[must_use]
    pub fn trailer(mut self, name: &str, value: &str) -> Self {
        self.trailers.push((name.to_owned(), value.to_owned()));
        self.header("trailer", name)
    }

    /// The connection breaks after the body, before the end of the answer.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.cut = true;
        self
    }
}

impl TestProvider {
    /// Answers the next requests for `/api/scripted` so, one by one. Those after them get status 200.
    pub fn script(&self, answers: impl IntoIterator<Item = ScriptedAnswer>) {
        self.memory().script.extend(answers);
    }

    /// How many requests for `/api/scripted` came.
    pub fn scripted_requests(&self) -> u64 {
        self.memory().scripted
    }
}

/// The next answer of the script.
pub(super) async fn answer(State(site): State<Site>, request: Request) -> Response {
    if request.into_body().collect().await.is_err() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let scripted = {
        let mut memory = site.provider.memory();
        memory.scripted += 1;
        memory.script.pop_front().unwrap_or_else(|| ScriptedAnswer::new(200))
    };
    let status = StatusCode::from_u16(scripted.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = status.into_response();
    *response.headers_mut() = headers(&scripted.headers);
    let mut pieces = VecDeque::new();
    if !scripted.body.is_empty() {
        pieces.push_back(Piece::Frame(Frame::data(Bytes::from(scripted.body))));
    }
    if !scripted.trailers.is_empty() {
        pieces.push_back(Piece::Frame(Frame::trailers(headers(&scripted.trailers))));
    }
    if scripted.cut {
        pieces.extend([Piece::Pause, Piece::Cut]);
    }
    if !pieces.is_empty() {
        *response.body_mut() = Body::new(Pieces(pieces));
    }
    response
}

fn headers(lines: &[(String, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        {
            headers.append(name, value);
        }
    }
    headers
}

enum Piece {
    Frame(Frame<Bytes>),
    /// What has been written so far goes out.
    Pause,
    Cut,
}

struct Pieces(VecDeque<Piece>);

/// The answer breaks off.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer breaks off")]
struct Cut;

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.0.pop_front() {
            None => Poll::Ready(None),
            Some(Piece::Frame(frame)) => Poll::Ready(Some(Ok(frame))),
            Some(Piece::Pause) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Piece::Cut) => Poll::Ready(Some(Err(Cut))),
        }
    }
}
