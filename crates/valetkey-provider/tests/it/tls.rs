//! Whom the client trusts.

use std::{net::Ipv4Addr, sync::Arc};

use http::Method;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use url::Url;
use valetkey_provider::egress::{
    EgressClient, EgressError, EgressOptions, EgressPolicy, Purpose, Request, Sent,
};

/// Serves one answer to everyone over TLS; returns the port and the certificate.
async fn server() -> (u16, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
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

async fn get(url: &str, extra_ca_pem: Option<String>) -> Result<u16, EgressError> {
    let policy = EgressPolicy::public_only().allow(Purpose::Api, "localhost".parse().unwrap());
    let policy = policy.allow(Purpose::Api, "127.0.0.1".parse().unwrap());
    let client =
        EgressClient::new(EgressOptions { policy, extra_ca_pem, ..EgressOptions::default() }).unwrap();
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
