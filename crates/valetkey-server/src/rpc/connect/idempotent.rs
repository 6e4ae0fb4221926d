//! `Idempotency-Key`: a request that changes something is carried out once, however often it is sent.
//!
//! A layer around each service, behind the gate, so that keys belong to a caller that is known and a request that keeps
//! the rules. It goes on with the request where its caller is gone, so that the answer is there when they ask again. Only
//! final answers are kept: what may go better the next time is carried out again.

mod answer;
mod fingerprint;

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::{BodyExt as _, Full};
use tokio::time::{MissedTickBehavior, interval};
use tonic::{Code, Status, body::Body, server::NamedService};
use tower::Service;
use tracing::Instrument as _;
use valetkey_app::{
    App, Caller, Error,
    idempotency::{Begun, Ticket},
};
use valetkey_core::id::RequestId;

use crate::{error::status_of, rpc_gate::Method};
use answer::Answer;

/// The header of REST and the metadata of gRPC.
const HEADER: &str = "idempotency-key";

/// How often a process shows that it is still at a request.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// In the extensions of a request with a key: names it, however often it is carried out.
#[derive(Clone, Debug)]
pub(super) struct Keyed(pub(super) RequestId);

/// In the extensions of an answer: it is not kept, because the same request may be answered otherwise later. Its handler
/// changes nothing, or knows it again.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotKept;

/// A service whose requests may have a key.
#[derive(Clone)]
pub(super) struct Idempotent<S> {
    inner: S,
    app: App,
}

impl<S> Idempotent<S> {
    /// Puts a service behind its keys.
    pub(super) fn new(inner: S, app: &App) -> Self {
        Self { inner, app: app.clone() }
    }
}

impl<S: NamedService> NamedService for Idempotent<S> {
    const NAME: &'static str = S::NAME;
}

type Answered = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl<S> Service<Request<Body>> for Idempotent<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answered;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Answered {
        let Some(keyed) = KeyedRequest::of(&request) else { return Box::pin(self.inner.call(request)) };
        let (inner, app) = (self.inner.clone(), self.app.clone());
        Box::pin(async move {
            let answered = keyed.answer(inner, app, request).await;
            Ok(answered.unwrap_or_else(Status::into_http))
        })
    }
}

/// What of a request matters to its key.
struct KeyedRequest {
    caller: Caller,
    method: Arc<Method>,
    key: Vec<u8>,
}

impl KeyedRequest {
    /// `None` where the request has no key, or changes nothing.
    fn of(request: &Request<Body>) -> Option<Self> {
        let key = request.headers().get(HEADER)?.as_bytes().to_vec();
        let method = request.extensions().get::<Arc<Method>>()?.clone();
        let caller = request.extensions().get::<Caller>()?.clone();
        method.takes_key().then_some(Self { caller, method, key })
    }

    async fn answer<S>(self, inner: S, app: App, request: Request<Body>) -> Result<Response<Body>, Status>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
    {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let hash = fingerprint::of(&self.method, &body)?;
        let key = String::from_utf8_lossy(&self.key);
        match app.begin_request(&self.caller, &key, hash).await.map_err(status_of)? {
            Begun::Replay(stored) => Answer::read(&stored).ok_or_else(unreadable)?.response(),
            Begun::CarryOut(ticket) => {
                let carried_out = carry_out(inner, app, (parts, body), ticket).in_current_span();
                tokio::spawn(carried_out).await.map_err(|_| interrupted())?
            }
        }
    }
}

/// Carries a request out, and keeps its answer where that is final.
async fn carry_out<S>(
    mut inner: S,
    app: App,
    (mut parts, body): (Parts, Bytes),
    mut ticket: Ticket,
) -> Result<Response<Body>, Status>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    parts.extensions.insert(Keyed(ticket.request().clone()));
    let mut running = Box::pin(inner.call(Request::from_parts(parts, Body::new(Full::new(body)))));
    let mut signs = interval(SIGN_OF_LIFE);
    signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is at once.
    signs.tick().await;
    let Ok(response) = loop {
        tokio::select! {
            ended = &mut running => break ended,
            _ = signs.tick() => warn(app.hold_request(&mut ticket).await),
        }
    };
    let kept = response.extensions().get::<NotKept>().is_none();
    let answer = Answer::of(response).await?;
    let stored = (kept && answer.is_final()).then(|| answer.stored());
    warn(app.end_request(ticket, stored.as_deref()).await);
    answer.response()
}

/// The request itself is done, whatever became of its key.
fn warn(ended: Result<(), Error>) {
    if let Err(error) = ended {
        tracing::warn!(%error, "the state of an idempotency key could not be written");
    }
}

fn unreadable() -> Status {
    Status::new(Code::Internal, "the kept answer cannot be read")
}

fn interrupted() -> Status {
    Status::new(Code::Unavailable, "the request was interrupted; send it again with the same Idempotency-Key")
}
