//! Connections to APIs that are kept between calls.
//!
//! One of HTTP/1.1 has no task of its own: the call that uses it moves it on, in the task of its caller, so that between
//! caller and provider nothing is handed from thread to thread. It is lent to one call at a time and comes back when the
//! answer has ended. One of HTTP/2 is shared by all calls to its host, and has a task.

use std::{
    collections::HashMap,
    error::Error,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, Uri,
    header::HOST,
    uri::{Authority, Parts, Scheme},
};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1, http2},
};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::legacy::connect::Connection as _,
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::{net::TcpStream, time::Instant};
use tower::ServiceExt;
use url::{Position, Url};

use super::dial::{ConnectTimeout, Dialer};

type Connector = ConnectTimeout<HttpsConnector<Dialer>>;
type Whole = Full<Bytes>;
type Wire = http1::Connection<MaybeHttpsStream<TokioIo<TcpStream>>, Whole>;

/// How often connections that were idle for too long are looked for.
const TIDY: Duration = Duration::from_secs(10);

/// Why there is no answer.
pub(super) enum Failure {
    /// There is no connection.
    Dial(Box<dyn Error + Send + Sync>),
    /// The connection failed.
    Wire(hyper::Error),
}

/// The connections for one purpose. Cheap to clone.
#[derive(Clone)]
pub(super) struct Kept(Arc<Shared>);

struct Shared {
    connector: Connector,
    idle_limit: Duration,
    idle_connections: usize,
    sites: Mutex<HashMap<Box<str>, Arc<Site>>>,
    /// Whether somebody closes what was idle for too long.
    tidied: AtomicBool,
}

/// One scheme, host and port.
struct Site {
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
    most: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// Connections of HTTP/1.1 that nobody uses, the last used one last.
    idle: Vec<(One, Instant)>,
    /// The connection of HTTP/2.
    two: Option<http2::SendRequest<Whole>>,
}

/// A connection of HTTP/1.1.
struct One {
    sender: http1::SendRequest<Whole>,
    wire: Wire,
}

/// A connection for one request.
enum Way {
    One(Box<One>),
    Two(http2::SendRequest<Whole>),
}

impl Kept {
    pub(super) fn new(connector: Connector, idle_limit: Duration, idle_connections: usize) -> Self {
        let (sites, tidied) = (Mutex::default(), AtomicBool::default());
        Self(Arc::new(Shared { connector, idle_limit, idle_connections, sites, tidied }))
    }

    /// Sends a request, whose URI is path and query only, to the host of `url`. Where a kept connection turns out to be
    /// closed before anything was written, another one is taken. `connected` is set as soon as there is one.
    pub(super) async fn send(
        &self,
        url: &Url,
        mut request: Request<Whole>,
        connected: &AtomicBool,
    ) -> Result<Response<Arriving>, Failure> {
        let site = self.0.site(url)?;
        loop {
            let (way, fresh) = match site.take(self.0.idle_limit).await {
                Some(way) => (way, false),
                None => (Box::pin(self.0.dial(&site)).await?, true),
            };
            connected.store(true, Ordering::Relaxed);
            match way.exchange(&site, request).await {
                Ok(answer) => return Ok(answer),
                Err(mut error) => match error.take_message().filter(|_| !fresh) {
                    Some(unsent) => request = unsent,
                    None => return Err(Failure::Wire(error.into_error())),
                },
            }
        }
    }
}

impl Shared {
    fn sites(&self) -> MutexGuard<'_, HashMap<Box<str>, Arc<Site>>> {
        self.sites.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn site(&self, url: &Url) -> Result<Arc<Site>, Failure> {
        let origin = &url[..Position::BeforePath];
        if let Some(known) = self.sites().get(origin) {
            return Ok(known.clone());
        }
        let site =
            Arc::new(Site::of(url, self.idle_connections).map_err(|error| Failure::Dial(error.into()))?);
        Ok(self.sites().entry(origin.into()).or_insert(site).clone())
    }

    async fn dial(self: &Arc<Self>, site: &Site) -> Result<Way, Failure> {
        self.keep_tidy();
        let io = self.connector.clone().oneshot(site.uri("/")).await.map_err(Failure::Dial)?;
        if io.connected().is_negotiated_h2() {
            let mut protocol = http2::Builder::new(TokioExecutor::new());
            protocol.timer(TokioTimer::new()).adaptive_window(true);
            let (sender, wire) = protocol.handshake(io).await.map_err(Failure::Wire)?;
            // What becomes of it is told to each of its requests.
            tokio::spawn(async move { drop(wire.await) });
            site.open().two = Some(sender.clone());
            return Ok(Way::Two(sender));
        }
        let (sender, wire) = http1::handshake(io).await.map_err(Failure::Wire)?;
        Ok(Way::One(Box::new(One { sender, wire })))
    }

    /// Has connections closed that were idle for too long, while there are any.
    fn keep_tidy(self: &Arc<Self>) {
        if self.tidied.swap(true, Ordering::Relaxed) {
            return;
        }
        let shared: Weak<Self> = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(TIDY).await;
                let Some(shared) = shared.upgrade() else { return };
                let mut sites = shared.sites();
                sites.retain(|_, site| site.tidy(shared.idle_limit) || Arc::strong_count(site) > 1);
                if sites.is_empty() {
                    shared.tidied.store(false, Ordering::Relaxed);
                    return;
                }
            }
        });
    }
}

impl Site {
    fn of(url: &Url, most: usize) -> Result<Self, http::Error> {
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        Ok(Self {
            scheme: Scheme::try_from(url.scheme())?,
            authority: Authority::try_from(authority)?,
            host: HeaderValue::from_str(authority)?,
            most,
            open: Mutex::default(),
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn uri(&self, path_and_query: &str) -> Uri {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = path_and_query.parse().ok();
        Uri::from_parts(parts).unwrap_or_default()
    }

    /// A connection that is still open, as far as can be seen.
    async fn take(&self, idle_limit: Duration) -> Option<Way> {
        loop {
            let (mut one, since) = {
                let mut open = self.open();
                if let Some(two) = open.two.as_ref().filter(|two| !two.is_closed()) {
                    return Some(Way::Two(two.clone()));
                }
                open.idle.pop()?
            };
            if since.elapsed() < idle_limit && one.is_open().await {
                return Some(Way::One(Box::new(one)));
            }
        }
    }

    fn give_back(&self, one: One) {
        let mut open = self.open();
        if open.idle.len() < self.most {
            open.idle.push((one, Instant::now()));
        }
    }

    /// Closes what was idle for longer than `limit`; says whether anything is left.
    fn tidy(&self, limit: Duration) -> bool {
        let mut open = self.open();
        open.idle.retain(|(_, since)| since.elapsed() < limit);
        open.two = open.two.take().filter(|two| !two.is_closed());
        !open.idle.is_empty() || open.two.is_some()
    }
}

impl One {
    /// Moves the connection on; says whether it is still open.
    fn poll(&mut self, context: &mut Context<'_>) -> bool {
        Pin::new(&mut self.wire).poll(context).is_pending()
    }

    /// Whether the provider has not closed it while nobody looked.
    async fn is_open(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.poll(context))).await && self.sender.is_ready()
    }
}

impl Way {
    async fn exchange(
        self,
        site: &Arc<Site>,
        mut request: Request<Whole>,
    ) -> Result<Response<Arriving>, TrySendError<Request<Whole>>> {
        match self {
            Self::One(mut one) => {
                request.headers_mut().entry(HOST).or_insert_with(|| site.host.clone());
                let mut answer = pin!(one.sender.try_send_request(request));
                let wire = &mut one.wire;
                let mut open = true;
                let answer = poll_fn(|context| {
                    open = open && Pin::new(&mut *wire).poll(context).is_pending();
                    answer.as_mut().poll(context)
                })
                .await?;
                let lease = open.then(|| Lease { one, site: site.clone() });
                Ok(answer.map(|body| Arriving { body, lease }))
            }
            Self::Two(mut sender) => {
                let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
                *request.uri_mut() = site.uri(path);
                request.headers_mut().remove(HOST);
                let answer = sender.try_send_request(request).await?;
                Ok(answer.map(|body| Arriving { body, lease: None }))
            }
        }
    }
}

/// A connection of HTTP/1.1 in use.
struct Lease {
    one: Box<One>,
    site: Arc<Site>,
}

/// The body of an answer. Reading it moves its connection on, which is kept when the body has ended and closed when the
/// rest is not wanted.
pub(crate) struct Arriving {
    body: Incoming,
    lease: Option<Lease>,
}

impl Arriving {
    /// One whose connection is moved on by a task.
    pub(super) const fn on_its_own(body: Incoming) -> Self {
        Self { body, lease: None }
    }

    fn ended(&mut self) {
        if let Some(Lease { one, site }) = self.lease.take()
            && one.sender.is_ready()
        {
            site.give_back(*one);
        }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        // What came already is in the body; the connection is asked for more.
        let mut frame = Pin::new(&mut this.body).poll_frame(context);
        if frame.is_pending()
            && let Some(lease) = &mut this.lease
        {
            if !lease.one.poll(context) {
                this.lease = None;
            }
            frame = Pin::new(&mut this.body).poll_frame(context);
        }
        if matches!(frame, Poll::Ready(None)) {
            this.ended();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        // Who reads as many bytes as were announced does not ask for the end.
        if self.body.is_end_stream() {
            self.ended();
        }
    }
}

#[cfg(test)]
mod tests;
