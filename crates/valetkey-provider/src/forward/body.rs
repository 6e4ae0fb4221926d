//! Bodies on their way through.

use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Collected, LengthLimitError, Limited};
use tokio::time::{Sleep, sleep};

use super::{
    Ready,
    headers::{to_caller, trailers_to_provider},
    scrub::Scrubber,
};
use crate::{
    CallError,
    egress::{Arriving, EgressError, StreamBody, broken},
};

/// The longest body that is kept, so that a request can be sent again, in bytes.
const KEPT: u64 = 64 * 1024;

/// The body of a request.
pub enum RequestBody {
    /// It is known, and can be sent again.
    Whole(Bytes),
    /// It is sent as it comes, once.
    Stream(StreamBody),
}

impl Default for RequestBody {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

/// The caller went away, or broke the protocol, in the middle of its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the body of the request did not come completely")]
pub struct Unfinished;

impl RequestBody {
    /// Reads a body that says to be no longer than 64 KiB; any other is left to be sent as it comes.
    ///
    /// # Errors
    /// The body does not come.
    pub async fn read<B>(body: B) -> Result<Self, Unfinished>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        if body.size_hint().exact().is_some_and(|length| length <= KEPT) {
            if body.is_end_stream() {
                return Ok(Self::default());
            }
            let whole = Box::pin(body.collect()).await.map_err(|_| Unfinished)?;
            return Ok(Self::Whole(whole.to_bytes()));
        }
        Ok(Self::Stream(body.map_err(Into::into).boxed_unsync()))
    }

    /// The same, read completely, as a signature needs it.
    ///
    /// # Errors
    /// It does not come, or it is longer than 64 KiB.
    pub(super) async fn whole(self) -> Result<Self, CallError> {
        let Self::Stream(stream) = self else { return Ok(self) };
        let limit = usize::try_from(KEPT).unwrap_or(usize::MAX);
        match up_to(limit, stream).await {
            Ok(whole) => Ok(Self::Whole(whole.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(CallError::BodyTooLong { limit }),
            Err(_) => Err(CallError::BodyUnfinished),
        }
    }

    /// The same once more, where it can be sent again.
    pub fn again(&self) -> Option<Self> {
        match self {
            Self::Whole(bytes) => Some(Self::Whole(bytes.clone())),
            Self::Stream(_) => None,
        }
    }
}

type Whole = Result<Collected<Bytes>, Box<dyn Error + Send + Sync>>;

/// All of a body. In a box, because the compiler cannot see of this one that it may change its thread.
fn up_to(limit: usize, stream: StreamBody) -> Pin<Box<dyn Future<Output = Whole> + Send>> {
    Box::pin(Limited::new(stream, limit).collect())
}

/// A body of a request without the trailers that must not go on.
pub(super) struct Checked {
    pub(super) stream: StreamBody,
    /// The names that carry the credential.
    pub(super) used: Arc<[String]>,
}

impl Body for Checked {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut frame = ready!(Pin::new(&mut self.stream).poll_frame(context));
        if let Some(Ok(frame)) = &mut frame
            && let Some(trailers) = frame.trailers_mut()
        {
            trailers_to_provider(trailers, &self.used);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.stream.size_hint()
    }
}

/// How an answer ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// It came to its end.
    Complete,
    /// It broke off, or paused for too long.
    Broken(EgressError),
    /// Nobody wanted the rest.
    Left,
}

type OnEnd = Box<dyn FnOnce(End) + Send>;

/// The body of an answer: byte for byte as the provider sends it, except for the credential.
pub struct AnswerBody {
    /// What was read ahead.
    ahead: Option<Bytes>,
    body: Arriving,
    scrubber: Option<Scrubber>,
    /// Trailers that wait for what is held back before them.
    trailers: Option<HeaderMap>,
    /// Why no more comes, where that is not told yet.
    failed: Option<EgressError>,
    /// Who sends it.
    ready: Ready,
    idle: Duration,
    /// Runs out when the provider pauses for too long; only there while it is waited for.
    pause: Option<Pin<Box<Sleep>>>,
    on_end: Option<OnEnd>,
}

impl AnswerBody {
    pub(super) fn new(
        ahead: Option<Bytes>,
        body: Arriving,
        scrubber: Option<Scrubber>,
        ready: Ready,
        idle: Duration,
    ) -> Self {
        Self { ahead, body, scrubber, trailers: None, failed: None, ready, idle, pause: None, on_end: None }
    }

    /// Calls `on_end` once, when the body is at its end or dropped.
    #[must_use]
    pub fn on_end(mut self, on_end: impl FnOnce(End) + Send + 'static) -> Self {
        self.on_end = Some(Box::new(on_end));
        self
    }

    fn ended(&mut self, end: End) {
        if let Some(on_end) = self.on_end.take() {
            on_end(end);
        }
    }

    /// How many bytes are here and not passed on yet.
    fn waiting(&self) -> usize {
        self.ahead.as_ref().map_or(0, Bytes::len) + self.scrubber.as_ref().map_or(0, Scrubber::held)
    }

    /// What of `data` can be passed on; `None` where nothing can yet.
    fn passed(&mut self, data: Bytes) -> Option<Frame<Bytes>> {
        let data = match &mut self.scrubber {
            Some(scrubber) => scrubber.push(data),
            None => data,
        };
        (!data.is_empty()).then(|| Frame::data(data))
    }

    /// What is left when no more comes.
    fn last(&mut self) -> Option<Frame<Bytes>> {
        let held = self.scrubber.as_mut().map(Scrubber::finish).filter(|held| !held.is_empty());
        held.map(Frame::data).or_else(|| self.trailers.take().map(Frame::trailers))
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, EgressError>>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        loop {
            let frame = match self.ahead.take() {
                Some(ahead) => Some(Ok(Frame::data(ahead))),
                None if self.trailers.is_some() => None,
                None => match Pin::new(&mut self.body).poll_frame(context) {
                    Poll::Ready(frame) => frame,
                    Poll::Pending => {
                        let idle = self.idle;
                        ready!(
                            self.pause.get_or_insert_with(|| Box::pin(sleep(idle))).as_mut().poll(context)
                        );
                        let (host, limit) = (self.ready.host().to_owned(), self.idle);
                        return Poll::Ready(Some(Err(EgressError::Timeout { host, limit })));
                    }
                },
            };
            // While the caller does not ask for more, the provider is not waited for.
            self.pause = None;
            let passed = match frame {
                None => return Poll::Ready(self.last().map(Ok)),
                Some(Err(error)) => {
                    // The caller gets what came before first: an error takes with it what is not sent yet.
                    self.failed = Some(broken(self.ready.host().to_owned(), &error));
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.passed(data),
                    Err(frame) => {
                        let mut trailers = frame.into_trailers().unwrap_or_default();
                        to_caller(&mut trailers);
                        if let Some(scrubber) = &self.scrubber {
                            scrubber.drop_from(&mut trailers);
                        }
                        self.trailers = Some(trailers);
                        self.last()
                    }
                },
            };
            if let Some(frame) = passed {
                return Poll::Ready(Some(Ok(frame)));
            }
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = EgressError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EgressError>>> {
        let frame = ready!(self.next(context));
        match &frame {
            None => self.ended(End::Complete),
            Some(Err(error)) => {
                let error = error.clone();
                self.ended(End::Broken(error));
            }
            Some(Ok(_)) => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.waiting() == 0 && self.trailers.is_none() && self.failed.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (waiting, rest) = (self.waiting() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + waiting);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + waiting);
        }
        hint
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        // Who reads as many bytes as were announced does not ask for the end.
        let end = match self.failed.take() {
            Some(error) => End::Broken(error),
            None if self.is_end_stream() => End::Complete,
            None => End::Left,
        };
        self.ended(end);
    }
}
