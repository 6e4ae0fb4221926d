//! As many bytes as are wanted.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    extract::{Path, Query},
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use serde::Deserialize;

/// One piece of a download.
static PIECE: [u8; 64 * 1024] = [b'v'; 64 * 1024];

#[derive(Deserialize)]
pub(super) struct Options {
    /// The answer does not say how long it is.
    #[serde(default)]
    chunked: bool,
    /// The content type.
    content_type: Option<String>,
}

/// So many letters `v`.
pub(super) async fn download(Path(bytes): Path<u64>, Query(options): Query<Options>) -> Response {
    let mut response = Response::new(Body::new(Letters { left: bytes, announced: !options.chunked }));
    let kind = options.content_type.unwrap_or_else(|| "application/octet-stream".into());
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

struct Letters {
    left: u64,
    announced: bool,
}

impl hyper::body::Body for Letters {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let length = usize::try_from(self.left).map_or(PIECE.len(), |left| left.min(PIECE.len()));
        self.left -= length as u64;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&PIECE[..length])))))
    }

    fn size_hint(&self) -> SizeHint {
        if self.announced { SizeHint::with_exact(self.left) } else { SizeHint::default() }
    }
}
