//! The way to a URL, stage by stage, to say at which one it ends. Nothing is sent over it.

use std::{net::IpAddr, time::Duration};

use http::Uri;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;
use valetkey_core::Timestamp;
use x509_parser::{certificate::X509Certificate, prelude::FromDer, time::ASN1Time};

use super::{
    EgressClient, EgressError, Purpose,
    client::Making,
    dial::{Dialer, Target, not_within},
};

/// What each stage of the way to a URL gave. A stage that the one before it did not reach is absent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The host, in lower case.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether TLS is spoken.
    pub tls: bool,
    /// The addresses of the host.
    pub addresses: Result<Vec<IpAddr>, EgressError>,
    /// Whether the egress policy lets them be dialled.
    pub permitted: Option<Result<(), EgressError>>,
    /// The address that answered.
    pub connected: Option<Result<IpAddr, EgressError>>,
    /// The certificate of the host, where it is trusted; also absent where no TLS is spoken.
    pub certificate: Option<Result<Certificate, EgressError>>,
}

/// A certificate that is trusted (RFC 5280 §4.1.2.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Since when it is valid, where it can be read.
    pub issued_at: Option<Timestamp>,
    /// Until when it is valid, where it can be read.
    pub expires_at: Option<Timestamp>,
}

impl Route {
    /// Whether a request would reach the host.
    pub fn is_open(&self) -> bool {
        let connected = matches!(self.connected, Some(Ok(_)));
        connected && (!self.tls || matches!(self.certificate, Some(Ok(_))))
    }
}

impl EgressClient {
    /// Goes the way of a request to `url`, over a connection of its own, up to where the request would be sent.
    ///
    /// # Errors
    /// [`EgressError::Url`] where the URL cannot be called at all.
    pub async fn route(&self, purpose: Purpose, url: &Url) -> Result<Route, EgressError> {
        let malformed = |_| EgressError::Url { purpose, reason: "it is malformed" };
        let uri: Uri = url[..url::Position::AfterQuery].parse().map_err(malformed)?;
        let target = Target::of(&uri, purpose)?;
        let Making { policy, resolver, proxy, .. } = self.making.clone();
        let dialer = Dialer { purpose, policy, resolver, proxy };
        let mut route = Route {
            host: target.host.clone(),
            port: target.port,
            tls: target.tls,
            addresses: self.within(&target, dialer.addresses(&target)).await,
            permitted: None,
            connected: None,
            certificate: None,
        };
        self.go(&dialer, &target, &mut route).await;
        Ok(route)
    }

    async fn go(&self, dialer: &Dialer, target: &Target, route: &mut Route) {
        let Ok(addresses) = &route.addresses else { return };
        let permitted = dialer.check(target, addresses);
        let refused = permitted.is_err();
        route.permitted = Some(permitted);
        if refused {
            return;
        }
        let stream = match self.within(target, dialer.connect(target, addresses)).await {
            Ok(stream) => stream,
            Err(error) => return route.connected = Some(Err(error)),
        };
        let peer = stream.peer_addr().map(|peer| peer.ip()).map_err(|error| connect(target, &error));
        route.connected = Some(peer);
        if target.tls {
            route.certificate = Some(self.within(target, self.certificate(target, stream)).await);
        }
    }

    async fn certificate(&self, target: &Target, stream: TcpStream) -> Result<Certificate, EgressError> {
        let name = ServerName::try_from(target.host.clone()).map_err(|error| connect(target, &error))?;
        let connector = TlsConnector::from(self.making.tls.clone());
        let stream = connector.connect(name, stream).await.map_err(|error| connect(target, &error))?;
        let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
        Ok(Certificate::of(shown))
    }

    async fn within<T>(
        &self,
        target: &Target,
        stage: impl Future<Output = Result<T, EgressError>>,
    ) -> Result<T, EgressError> {
        let limit: Duration = self.making.limit;
        let late = || EgressError::Connect { host: target.host.clone(), reason: not_within(limit) };
        tokio::time::timeout(limit, stage).await.unwrap_or_else(|_| Err(late()))
    }
}

fn connect(target: &Target, error: &dyn std::error::Error) -> EgressError {
    EgressError::Connect { host: target.host.clone(), reason: error.to_string() }
}

impl Certificate {
    /// Of the certificate of the host itself. What else it shows may have run out and not be needed.
    fn of(shown: &[CertificateDer<'_>]) -> Self {
        let own = shown.first().and_then(|der| X509Certificate::from_der(der).ok());
        let validity = own.as_ref().map(|(_, certificate)| certificate.validity());
        let time = |at: &ASN1Time| Timestamp::EPOCH.plus_seconds(at.timestamp());
        Self {
            issued_at: validity.map(|validity| time(&validity.not_before)),
            expires_at: validity.map(|validity| time(&validity.not_after)),
        }
    }
}
