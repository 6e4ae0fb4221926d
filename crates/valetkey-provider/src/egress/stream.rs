//! Bodies of requests that are sent as they come, and how a long upload is told from a silent provider.

use std::{
    error::Error,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use tokio::time::{Instant, sleep_until};

/// The body of a request, sent as it comes.
pub type StreamBody = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// How far a request is whose body is sent as it comes.
#[derive(Clone)]
pub(super) struct Progress(Arc<Mutex<Sending>>);

/// What is known of a body on its way.
#[derive(Clone, Copy)]
struct Sending {
    /// When something of the request was sent last.
    last: Instant,
    /// Whether more of the body is wanted, and the caller does not send it.
    awaited: bool,
    /// Whether the caller broke it off.
    broken: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Sending { last: Instant::now(), awaited: false, broken: false })))
    }

    fn set(&self, sending: impl FnOnce(Sending) -> Sending) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = sending(*known);
    }

    fn get(&self) -> Sending {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether more of the body is wanted, and the caller does not send it.
    pub(super) fn is_body_awaited(&self) -> bool {
        self.get().awaited
    }

    /// Whether the caller broke the body off.
    pub(super) fn is_body_broken(&self) -> bool {
        self.get().broken
    }

    /// What `work` gives, or `None` where nothing was sent for as long as `silence` and it is not done.
    pub(super) async fn within<T>(&self, silence: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            let last = self.get().last;
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                () = sleep_until(last + silence) => if self.get().last == last { return None },
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
        let frame = Pin::new(&mut self.body).poll_frame(context);
        self.progress.set(|sending| match &frame {
            Poll::Pending => Sending { awaited: true, ..sending },
            Poll::Ready(frame) => {
                let broken = matches!(frame, Some(Err(_)));
                Sending { last: Instant::now(), awaited: false, broken }
            }
        });
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
