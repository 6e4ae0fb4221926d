//! Bodies of requests that are sent as they come, and how a long upload is told from a silent provider.

use std::{
    error::Error,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use tokio::time::{Instant, sleep_until};

/// The body of a request, sent as it comes.
pub type StreamBody = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// When something of a request was sent last.
#[derive(Clone)]
pub(super) struct Progress(Arc<Mutex<Instant>>);

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `work` gives, or `None` where nothing was sent for as long as `silence` and it is not done.
    pub(super) async fn within<T>(&self, silence: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            let last = self.last();
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                () = sleep_until(last + silence) => if self.last() == last { return None },
            }
        }
    }
}

/// A body that notes when something of it is taken.
pub(super) struct Watched {
    body: StreamBody,
    progress: Progress,
}

impl Watched {
    pub(super) fn new(body: StreamBody, progress: Progress) -> Self {
        Self { body, progress }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.progress.note();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
