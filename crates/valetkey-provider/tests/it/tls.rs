//! Whom the client trusts.

use std::{net::Ipv4Addr, sync::Arc};

use http::Method;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use url::Url;
use valetkey_provider::egress::{
    EgressClient, EgressError, EgressOptions, EgressPolicy, Purpose, Request, Route, Sent,
};

/// Serves one answer to everyone over TLS; returns the port and the certificate.
pub(crate) async fn server() -> (u16, String) {
    server_until(4096).await
}

/// The same with a certificate that is valid until the first day of a year.
async fn server_until(year: i32) -> (u16, String) {
    let signing_key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
    parameters.not_after = date_time_ymd(year, 1, 1);
    let cert = parameters.self_signed(&signing_key).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0_u8; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            let _ = stream.flush().await;
        }
    });
    (port, cert.pem())
}

fn client(extra_ca_pem: Option<String>) -> EgressClient {
    let policy = EgressPolicy::public_only().allow(Purpose::Api, "localhost".parse().unwrap());
    let policy = policy.allow(Purpose::Api, "127.0.0.1".parse().unwrap());
    EgressClient::new(EgressOptions { policy, extra_ca_pem, ..EgressOptions::default() }).unwrap()
}

async fn get(url: &str, extra_ca_pem: Option<String>) -> Result<u16, EgressError> {
    let client = client(extra_ca_pem);
    let request = Request::new(Purpose::Api, Method::GET, Url::parse(url).unwrap());
    Ok(client.send(request).await?.into_answer().status.as_u16())
}

#[tokio::test]
async fn a_certificate_of_the_extra_bundle_is_trusted_for_its_own_name_only() {
    let (port, ca) = server().await;
    assert_eq!(get(&format!("https://localhost:{port}/"), Some(ca.clone())).await, Ok(200));
    for (url, ca) in
        [(format!("https://localhost:{port}/"), None), (format!("https://127.0.0.1:{port}/"), Some(ca))]
    {
        let refused = get(&url, ca).await.unwrap_err();
        assert!(matches!(refused, EgressError::Connect { .. }), "{refused}");
        assert_eq!(refused.sent(), Sent::No);
    }
}

async fn route(port: u16, extra_ca_pem: Option<String>) -> Route {
    let url = Url::parse(&format!("https://localhost:{port}/token?x=1")).unwrap();
    client(extra_ca_pem).route(Purpose::Api, &url).await.unwrap()
}

#[tokio::test]
async fn the_way_to_a_host_tells_until_when_its_certificate_is_valid() {
    let (port, ca) = server_until(2100).await;
    let way = route(port, Some(ca)).await;
    assert!(way.is_open() && way.tls && way.port == port);
    let certificate = way.certificate.unwrap().unwrap();
    assert_eq!(certificate.expires_at.unwrap().to_string(), "2100-01-01T00:00:00.000Z");
    assert!(certificate.issued_at.unwrap() < certificate.expires_at.unwrap());
}

#[tokio::test]
async fn the_way_to_a_host_ends_at_a_certificate_that_is_not_trusted_or_has_run_out() {
    let (port, _) = server_until(2100).await;
    let unknown = route(port, None).await;
    assert!(matches!(unknown.connected, Some(Ok(_))) && !unknown.is_open());
    assert!(unknown.certificate.unwrap().unwrap_err().to_string().contains("UnknownIssuer"));

    let (port, ca) = server_until(2020).await;
    let over = route(port, Some(ca)).await.certificate.unwrap().unwrap_err().to_string();
    assert!(over.contains("certificate expired"), "{over}");
}
