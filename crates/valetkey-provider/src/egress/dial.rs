//! The guarded dialer: resolve, check each address, dial exactly a checked one.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;

use super::{
    AddressKind, EgressError, EgressPolicy, ForwardProxy, Purpose, Resolve, address_kind, error::in_seconds,
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Opens TCP connections for one purpose.
#[derive(Clone)]
pub(super) struct Dialer {
    pub(super) purpose: Purpose,
    pub(super) policy: Arc<EgressPolicy>,
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) proxy: Option<Arc<ForwardProxy>>,
}

/// Where a URL points.
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: bool,
}

impl Target {
    pub(super) fn of(uri: &Uri, purpose: Purpose) -> Result<Self, EgressError> {
        let host = uri.host().ok_or(EgressError::Url { purpose, reason: "it has no host" })?;
        let tls = uri.scheme_str() == Some("https");
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok(Self { host: host.to_ascii_lowercase(), port, tls })
    }
}

impl Dialer {
    async fn dial(self, uri: Uri) -> Result<TcpStream, EgressError> {
        let target = Target::of(&uri, self.purpose)?;
        let found = self.addresses(&target).await?;
        self.check(&target, &found)?;
        self.connect(&target, &found).await
    }

    /// Dials the first of the checked `addresses` that answers.
    pub(super) async fn connect(
        &self,
        target: &Target,
        addresses: &[IpAddr],
    ) -> Result<TcpStream, EgressError> {
        let mut failure = None;
        for address in addresses {
            match self.open(SocketAddr::new(*address, target.port)).await {
                Ok(stream) => {
                    // Requests are small; waiting to fill a segment would only delay them.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) => failure = Some(error.to_string()),
            }
        }
        let reason = failure.unwrap_or_else(|| "the name has no address".into());
        Err(EgressError::Connect { host: target.host.clone(), reason })
    }

    /// A connection to a checked address. The forward proxy leads to the public; what an exception allows is nearer.
    async fn open(&self, address: SocketAddr) -> io::Result<TcpStream> {
        match &self.proxy {
            Some(proxy) if address_kind(address.ip()) == AddressKind::Public => proxy.connect(address).await,
            _ =>
            {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "this is the guarded dialer; the address was checked above"
                )]
                TcpStream::connect(address).await
            }
        }
    }

    /// The addresses of the host, unchecked.
    pub(super) async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, EgressError> {
        match target.host.parse() {
            Ok(literal) => Ok(vec![literal]),
            Err(_) => self
                .resolver
                .resolve(&target.host)
                .await
                .map_err(|error| EgressError::Name { host: target.host.clone(), reason: error.to_string() }),
        }
    }

    /// Refuses a target of which an address may not be dialled.
    pub(super) fn check(&self, target: &Target, addresses: &[IpAddr]) -> Result<(), EgressError> {
        let site = (target.host.as_str(), target.port);
        let permitted = |address: &IpAddr| self.policy.permits(self.purpose, site, *address, target.tls);
        match addresses.iter().find(|address| !permitted(address)) {
            Some(refused) => Err(self.refusal(target, *refused)),
            None => Ok(()),
        }
    }

    /// A name that has one refused address is refused as a whole: an honest service has no such name.
    fn refusal(&self, target: &Target, address: IpAddr) -> EgressError {
        let (host, port, purpose) = (target.host.clone(), target.port, self.purpose);
        if target.tls {
            EgressError::Blocked { host, port, address, kind: address_kind(address), purpose }
        } else {
            EgressError::NotHttps { host, port, purpose }
        }
    }
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialer = self.clone();
        Box::pin(async move { Ok(TokioIo::new(dialer.dial(uri).await?)) })
    }
}

/// Why there is no connection, where time was the reason.
pub(super) fn not_within(limit: Duration) -> String {
    format!("not within {} s", in_seconds(limit))
}

/// Limits how long `inner` may take, TLS included, so that a slow handshake counts as "not sent".
#[derive(Clone)]
pub(super) struct ConnectTimeout<S> {
    pub(super) inner: S,
    pub(super) limit: Duration,
}

impl<S> Service<Uri> for ConnectTimeout<S>
where
    S: Service<Uri, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Connecting<S::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let limit = self.limit;
        let host = uri.host().unwrap_or_default().to_owned();
        let connecting = self.inner.call(uri);
        Box::pin(async move {
            tokio::time::timeout(limit, connecting)
                .await
                .unwrap_or_else(|_| Err(EgressError::Connect { host, reason: not_within(limit) }.into()))
        })
    }
}
