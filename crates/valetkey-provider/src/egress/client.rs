//! The HTTP client: one request, one answer, within limits.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::PathAndQuery};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::capture_connection},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;
use url::{Url, form_urlencoded};

use super::{
    EgressError, EgressPolicy, ForwardProxy, InvalidCa, Purpose, Resolve, SystemResolver,
    dial::{ConnectTimeout, Dialer, not_within},
    kept::{Arriving, Failure, Kept},
    stream::{Progress, StreamBody, Watched},
    tls::client_config,
};

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("valetkey/", env!("CARGO_PKG_VERSION")));

#[expect(clippy::disallowed_types, reason = "this is the one HTTP client, behind the guarded dialer")]
type HyperClient = legacy::Client<ConnectTimeout<HttpsConnector<Dialer>>, Outgoing>;

/// The body of a request: whole, or as it comes.
type Outgoing = Either<Full<Bytes>, Watched>;

/// How long a request may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    /// Name, TCP and TLS together.
    pub connect: Duration,
    /// From the first step to the last byte of the answer.
    pub total: Duration,
    /// Between two pieces of an answer that is passed on as it comes.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(30), idle: Duration::from_mins(2) }
    }
}

/// How the way out is set up.
#[derive(Clone, Default)]
pub struct EgressOptions {
    /// Exceptions from the guard.
    pub policy: EgressPolicy,
    /// Certificates to trust besides the public ones, as PEM.
    pub extra_ca_pem: Option<String>,
    /// How long a request may take.
    pub timeouts: Timeouts,
    /// The way to public addresses; direct where absent.
    pub proxy: Option<ForwardProxy>,
    /// The source of addresses; that of the operating system where absent.
    pub resolver: Option<Arc<dyn Resolve>>,
}

/// A request. Where it goes is fixed when it is made.
#[derive(Clone)]
pub struct Request {
    purpose: Purpose,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    limit: Option<Duration>,
    /// The query as it is sent, where that is not the query of the address to the letter.
    query: Option<String>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(purpose: Purpose, method: Method, url: Url) -> Self {
        Self { purpose, method, url, headers: HeaderMap::new(), body: Bytes::new(), limit: None, query: None }
    }

    /// The host that the request goes to.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Its method.
    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    /// Where it goes.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The query as it is sent.
    pub(crate) fn sent_query(&self) -> &str {
        self.query.as_deref().or(self.url.query()).unwrap_or_default()
    }

    /// Adds a query parameter, after the present ones.
    pub(crate) fn append_query(&mut self, name: &str, value: &str) {
        let present = self.sent_query();
        let mut query = String::from(present) + if present.is_empty() { "" } else { "&" };
        query.push_str(&form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish());
        self.url.set_query(Some(&query));
        self.query = Some(query);
    }

    /// Its headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Its body, where that is not sent as it comes.
    pub(crate) fn whole_body(&self) -> &[u8] {
        &self.body
    }

    /// All headers, to add more.
    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// Sends this query, whose characters a URL may have, in place of that of the address.
    #[must_use]
    pub(crate) fn query(self, query: Option<String>) -> Self {
        Self { query, ..self }
    }

    /// Sets how long it may take, from the first step to the last byte of the answer, in place of the client's own
    /// limit.
    #[must_use]
    pub const fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets a header, in place of one of the same name.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body and its type.
    #[must_use]
    pub fn body(self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let typed = self.header(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self { body: body.into(), ..typed }
    }

    /// Sets the body; its type is among the headers.
    #[must_use]
    pub(crate) fn raw_body(self, body: Bytes) -> Self {
        Self { body, ..self }
    }
}

/// An answer, read completely.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// A header as text; `None` where it is absent or not ASCII.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// An answer that is not a redirect.
    Answered(Answer),
    /// A redirect (301, 302, 303, 307, 308). It is never followed here.
    Redirected(Answer),
}

impl Outcome {
    /// The answer, redirect or not.
    pub fn into_answer(self) -> Answer {
        match self {
            Self::Answered(answer) | Self::Redirected(answer) => answer,
        }
    }
}

/// An answer whose body is still to come.
pub(crate) struct Opened {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Arriving,
}

/// Sends requests. Cheap to clone; connections are kept per purpose and host.
#[derive(Clone)]
pub struct EgressClient {
    clients: Arc<BTreeMap<Purpose, HyperClient>>,
    /// Connections for calls to APIs whose body is known.
    kept: Kept,
    total: Duration,
    idle: Duration,
    /// What the connections of all clients are made with, for [`route`](Self::route).
    pub(super) making: Making,
}

/// What connections are made with.
#[derive(Clone)]
pub(super) struct Making {
    pub(super) policy: Arc<EgressPolicy>,
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) proxy: Option<Arc<ForwardProxy>>,
    pub(super) tls: Arc<ClientConfig>,
    /// How long each stage may take.
    pub(super) limit: Duration,
}

impl EgressClient {
    /// A client with its own pools. Must be used within a Tokio runtime.
    pub fn new(options: EgressOptions) -> Result<Self, InvalidCa> {
        let tls = client_config(options.extra_ca_pem.as_deref())?;
        let policy = Arc::new(options.policy);
        let resolver = options.resolver.unwrap_or_else(|| Arc::new(SystemResolver));
        let proxy = options.proxy.map(Arc::new);
        let connector = |purpose| {
            let (policy, resolver, proxy) = (policy.clone(), resolver.clone(), proxy.clone());
            let dialer = Dialer { purpose, policy, resolver, proxy };
            let https = HttpsConnectorBuilder::new()
                .with_tls_config(tls.clone())
                .https_or_http()
                .enable_http1()
                .enable_http2()
                .wrap_connector(dialer);
            ConnectTimeout { inner: https, limit: options.timeouts.connect }
        };
        let client = |purpose: Purpose| {
            #[expect(
                clippy::disallowed_types,
                reason = "this is the one HTTP client, behind the guarded dialer"
            )]
            legacy::Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(purpose.idle_limit())
                .pool_max_idle_per_host(purpose.idle_connections())
                // A repeated request could spend a code or a refresh token twice.
                .retry_canceled_requests(purpose == Purpose::Api)
                .http2_adaptive_window(true)
                .build(connector(purpose))
        };
        let api = Purpose::Api;
        let kept = Kept::new(connector(api), api.idle_limit(), api.idle_connections());
        let clients = Purpose::ALL.into_iter().map(|purpose| (purpose, client(purpose))).collect();
        let making = Making { policy, resolver, proxy, tls: Arc::new(tls), limit: options.timeouts.connect };
        let Timeouts { total, idle, .. } = options.timeouts;
        Ok(Self { clients: Arc::new(clients), kept, total, idle, making })
    }

    /// How long an answer that is passed on as it comes may pause.
    pub(crate) fn idle_limit(&self) -> Duration {
        self.idle
    }

    /// Sends `request` once and reads the answer completely.
    pub async fn send(&self, request: Request) -> Result<Outcome, EgressError> {
        let host = request.host().to_owned();
        let (purpose, limit) = (request.purpose, request.limit.unwrap_or(self.total));
        let mut request = hyper_request(request, None)?;
        let connection = capture_connection(&mut request);
        match tokio::time::timeout(limit, self.exchange(purpose, request, &host)).await {
            Ok(outcome) => outcome,
            // Noted before the first byte of the request is written.
            Err(_) if connection.connection_metadata().is_none() => {
                Err(EgressError::Connect { host, reason: not_within(limit) })
            }
            Err(_) => Err(EgressError::Timeout { host, limit }),
        }
    }

    /// Sends `request` once, with `body` as it comes in place of its own where there is one, and reads the head of the
    /// answer. It ends where nothing happens for as long as `silence`: neither is more of the body sent, nor does the
    /// answer begin.
    pub(crate) async fn open(
        &self,
        request: Request,
        body: Option<StreamBody>,
        silence: Duration,
    ) -> Result<Opened, EgressError> {
        match body {
            None => self.open_whole(request, silence).await,
            Some(body) => Box::pin(self.open_stream(request, body, silence)).await,
        }
    }

    async fn open_stream(
        &self,
        request: Request,
        body: StreamBody,
        silence: Duration,
    ) -> Result<Opened, EgressError> {
        let (host, purpose) = (request.host().to_owned(), request.purpose);
        let progress = Progress::new();
        let mut request = hyper_request(request, Some(Watched::new(body, progress.clone())))?;
        let connection = capture_connection(&mut request);
        let answer = progress.within(silence, self.hyper(purpose)?.request(request)).await;
        match answer {
            Some(Ok(answer)) => {
                let (head, body) = answer.into_parts();
                Ok(Opened { status: head.status, headers: head.headers, body: Arriving::on_its_own(body) })
            }
            Some(Err(_)) if progress.is_body_broken() => Err(EgressError::Unfinished { host }),
            None if progress.is_body_awaited() => Err(EgressError::Unfinished { host }),
            Some(Err(error)) => Err(translate(&error, &host)),
            None if connection.connection_metadata().is_none() => {
                Err(EgressError::Connect { host, reason: not_within(silence) })
            }
            None => Err(EgressError::Timeout { host, limit: silence }),
        }
    }

    /// The same for a request whose body is known. Its connection needs no task, because there is nothing to be sent
    /// while the answer is passed on.
    async fn open_whole(&self, request: Request, silence: Duration) -> Result<Opened, EgressError> {
        check(&request)?;
        let malformed = |_| EgressError::Url { purpose: request.purpose, reason: "it is malformed" };
        let target: PathAndQuery = match &request.query {
            Some(query) => format!("{}?{query}", request.url.path()).parse(),
            None => request.url[url::Position::BeforePath..url::Position::AfterQuery].parse(),
        }
        .map_err(malformed)?;
        let mut hyper = http::Request::new(Full::new(request.body));
        *hyper.method_mut() = request.method;
        *hyper.uri_mut() = target.into();
        *hyper.headers_mut() = request.headers;
        hyper.headers_mut().entry(header::USER_AGENT).or_insert(USER_AGENT);
        let connected = AtomicBool::new(false);
        let host = || request.url.host_str().unwrap_or_default().to_owned();
        match tokio::time::timeout(silence, self.kept.send(&request.url, hyper, &connected)).await {
            Ok(Ok(answer)) => {
                let (head, body) = answer.into_parts();
                Ok(Opened { status: head.status, headers: head.headers, body })
            }
            Ok(Err(Failure::Dial(error))) => Err(own(&*error)
                .unwrap_or_else(|| EgressError::Connect { host: host(), reason: deepest(&*error) })),
            Ok(Err(Failure::Wire(error))) if error.is_canceled() => {
                Err(EgressError::Connect { host: host(), reason: deepest(&error) })
            }
            Ok(Err(Failure::Wire(error))) => Err(broken(host(), &error)),
            Err(_) if !connected.load(Ordering::Relaxed) => {
                Err(EgressError::Connect { host: host(), reason: not_within(silence) })
            }
            Err(_) => Err(EgressError::Timeout { host: host(), limit: silence }),
        }
    }

    fn hyper(&self, purpose: Purpose) -> Result<&HyperClient, EgressError> {
        let unknown = EgressError::Url { purpose, reason: "its purpose is unknown" };
        self.clients.get(&purpose).ok_or(unknown)
    }

    async fn exchange(
        &self,
        purpose: Purpose,
        request: http::Request<Outgoing>,
        host: &str,
    ) -> Result<Outcome, EgressError> {
        let answer = self.hyper(purpose)?.request(request).await.map_err(|error| translate(&error, host))?;
        let (head, body) = answer.into_parts();
        let limit = purpose.answer_limit();
        let body = Limited::new(body, limit).collect().await.map_err(|error| {
            let host = host.to_owned();
            if error.is::<LengthLimitError>() {
                EgressError::TooLarge { host, limit }
            } else {
                broken(host, &*error)
            }
        })?;
        let answer = Answer { status: head.status, headers: head.headers, body: body.to_bytes() };
        let redirected = matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308);
        Ok(if redirected { Outcome::Redirected(answer) } else { Outcome::Answered(answer) })
    }
}

/// Refuses a URL that cannot be called.
fn check(request: &Request) -> Result<(), EgressError> {
    let refuse = |reason| Err(EgressError::Url { purpose: request.purpose, reason });
    let url = &request.url;
    if !matches!(url.scheme(), "https" | "http") {
        return refuse("its scheme is neither https nor http");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it has a user name or a password");
    }
    Ok(())
}

fn hyper_request(request: Request, stream: Option<Watched>) -> Result<http::Request<Outgoing>, EgressError> {
    check(&request)?;
    let Request { purpose, method, url, headers, body, limit: _, query } = request;
    let refuse = |reason| EgressError::Url { purpose, reason };
    // A query cannot move an address to another host or path.
    let uri = match query {
        Some(query) => format!("{}?{query}", &url[..url::Position::AfterPath]).parse(),
        None => url[..url::Position::AfterQuery].parse(),
    };
    let uri: http::Uri = uri.map_err(|_| refuse("it is malformed"))?;
    let mut hyper = http::Request::new(stream.map_or_else(|| Either::Left(Full::new(body)), Either::Right));
    *hyper.method_mut() = method;
    *hyper.uri_mut() = uri;
    *hyper.headers_mut() = headers;
    hyper.headers_mut().entry(header::USER_AGENT).or_insert(USER_AGENT);
    Ok(hyper)
}

/// The error of the dialer where there is one, for it is the most exact.
fn translate(error: &legacy::Error, host: &str) -> EgressError {
    if let Some(own) = own(error) {
        return own;
    }
    let (host, reason) = (host.to_owned(), deepest(error));
    // Canceled means that the connection closed before the request was written.
    let canceled = || {
        causes(error).any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled))
    };
    if error.is_connect() || canceled() {
        EgressError::Connect { host, reason }
    } else {
        EgressError::Broken { host, reason }
    }
}

/// The error of the dialer, where it is among the causes.
fn own(error: &(dyn Error + 'static)) -> Option<EgressError> {
    causes(error).find_map(|cause| cause.downcast_ref::<EgressError>()).cloned()
}

/// The error of a connection that broke while a body was on its way.
pub(crate) fn broken(host: String, error: &(dyn Error + 'static)) -> EgressError {
    EgressError::Broken { host, reason: deepest(error) }
}

/// The innermost cause, which names the matter.
fn deepest(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// An error and its causes, the innermost last.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let current = next?;
        next = current.source();
        Some(current)
    })
}
