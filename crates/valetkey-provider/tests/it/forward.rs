//! Passing a call on to an API that speaks HTTP/2.

use std::{collections::BTreeSet, convert::Infallible, net::Ipv4Addr, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Version};
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::{
    Request, Response,
    body::{Body, Frame, Incoming},
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use valetkey_core::{connector::Api, credential::Credential};
use valetkey_provider::{
    Access, End, Fields, ForwardRequest, Provider, ProviderOptions, Ready, RequestBody,
    egress::{EgressPolicy, Purpose},
};

use crate::support::{CountingEntropy, StandingClock};

/// Sends back what comes, with the version and a trailer.
async fn echo(request: Request<Incoming>) -> Result<Response<BoxBody<Bytes, hyper::Error>>, Infallible> {
    let version = HeaderValue::from_str(&format!("{:?}", request.version())).unwrap();
    let length = request.body().size_hint().exact();
    let token = request.headers().get("authorization").cloned();
    let trailers = HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("1"))]);
    let body = request.into_body().with_trailers(async move { Some(Ok(trailers)) }).boxed();
    let mut response = Response::new(body);
    response.headers_mut().insert("x-version", version);
    response.headers_mut().insert("x-length", length.unwrap_or_default().into());
    response.headers_mut().insert("x-authorized", HeaderValue::from(u16::from(token.is_some())));
    Ok(response)
}

/// An API on this machine that takes HTTP/2 only; its port and certificate.
async fn api() -> (u16, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let connection = http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service_fn(echo));
            tokio::spawn(connection);
        }
    });
    (port, cert.pem())
}

#[tokio::test]
async fn a_call_is_passed_on_over_http2_with_its_length_and_its_trailers() {
    let (port, certificate) = api().await;
    let options = ProviderOptions {
        policy: EgressPolicy::public_only().allow(Purpose::Api, "localhost".parse().unwrap()),
        extra_ca_pem: Some(certificate),
        ..ProviderOptions::default()
    };
    let provider =
        Provider::new(options, Arc::new(CountingEntropy::default()), Arc::new(StandingClock)).unwrap();
    let api: Api =
        serde_json::from_value(json!({ "base_url": format!("https://localhost:{port}/v1") })).unwrap();
    let place = serde_json::from_value::<Vec<_>>(
        json!([{ "header": { "name": "Authorization", "value": "Bearer {{token}}" } }]),
    )
    .unwrap();
    let credential = Credential::Static(r#"{"token":"t-0123456789"}"#.into());
    let access = Access { api: &api, placements: &place, credential: &credential, fields: &Fields::new() };
    let large = Bytes::from(vec![b'a'; 100_000]);
    let pieces = futures_pieces(&large);
    for (body, length) in
        [(RequestBody::Whole(large.clone()), "100000"), (RequestBody::Stream(pieces.boxed_unsync()), "0")]
    {
        let (ended, end) = tokio::sync::oneshot::channel();
        let request = ForwardRequest {
            method: Method::POST,
            path: "/echo",
            headers: &HeaderMap::from_iter([
                ("te".parse().unwrap(), HeaderValue::from_static("trailers")),
                ("connection".parse().unwrap(), HeaderValue::from_static("keep-alive")),
            ]),
            body,
            timeout: std::time::Duration::from_secs(10),
            retries: 0,
            ready: &Ready::of(&access, &BTreeSet::new()).unwrap(),
        };
        let answer = provider.forward(&access, request).await.unwrap();
        assert_eq!(answer.headers["x-version"], format!("{:?}", Version::HTTP_2).as_str());
        assert_eq!(
            (&answer.headers["x-length"], &answer.headers["x-authorized"]),
            (&length.parse().unwrap(), &"1".parse().unwrap())
        );
        let body = answer.body.on_end(move |end| drop(ended.send(end))).collect().await.unwrap();
        assert_eq!(body.trailers().map(|trailers| &trailers["x-sum"]), Some(&HeaderValue::from_static("1")));
        assert_eq!(body.to_bytes(), large);
        assert_eq!(end.await, Ok(End::Complete));
    }
}

/// A body that does not say how long it is.
fn futures_pieces(
    whole: &Bytes,
) -> StreamBody<
    impl futures_util::Stream<Item = Result<Frame<Bytes>, Box<dyn std::error::Error + Send + Sync>>> + use<>,
> {
    let pieces: Vec<_> =
        whole.chunks(1000).map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece)))).collect();
    StreamBody::new(futures_util::stream::iter(pieces))
}
