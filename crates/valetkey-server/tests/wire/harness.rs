//! A gate over the services of this test, and ways to call it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use prost::Message;
use serde_json::Value;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::ServiceExt as _;
use valetkey_core::Entropy;
use valetkey_proto::scalekit::v1::agentkit_logs::agentkit_logs_service_server::AgentkitLogsServiceServer;
use valetkey_proto::scalekit::v1::connected_accounts::connected_account_service_server::ConnectedAccountServiceServer;
use valetkey_proto::scalekit::v1::organizations::organization_service_server::OrganizationServiceServer;
use valetkey_proto::scalekit::v1::providers::provider_service_server::ProviderServiceServer;
use valetkey_server::rest::transcoder;
use valetkey_server::rpc_gate::{Authenticate, GatedRpc, Principal, gated};

use crate::services::Recorder;

/// Permitted to do everything.
pub(crate) const OWNER: &str = "Bearer owner";
/// Permitted to do nothing.
pub(crate) const GUEST: &str = "Bearer guest";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller(pub(crate) String);

impl Principal for Caller {
    fn permits(&self, _permission: &str) -> bool {
        self.0 == "owner"
    }
}

#[derive(Clone)]
pub(crate) struct Tokens;

impl Authenticate for Tokens {
    type Principal = Caller;

    async fn authenticate(&self, bearer: &str) -> Result<Option<Caller>, Status> {
        Ok(["owner", "guest"].contains(&bearer).then(|| Caller(bearer.to_owned())))
    }
}

/// Counts instead of drawing.
struct Counter(AtomicU8);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// The server under test, and what its services have received.
pub(crate) struct Wire {
    pub(crate) gate: GatedRpc<Tokens>,
    pub(crate) recorder: Recorder,
}

/// An HTTP answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Wire {
    pub(crate) fn new() -> Self {
        let recorder = Recorder::default();
        let (health, service) = tonic_health::server::health_reporter();
        drop(health);
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(valetkey_proto::DESCRIPTORS)
            .build_v1()
            .unwrap();
        let routes = Routes::new(service)
            .add_service(reflection)
            .add_service(OrganizationServiceServer::new(recorder.clone()))
            .add_service(ConnectedAccountServiceServer::new(recorder.clone()))
            .add_service(ProviderServiceServer::new(recorder.clone()))
            .add_service(AgentkitLogsServiceServer::new(recorder.clone()));
        Self { gate: gated(routes, Tokens, Arc::new(Counter(AtomicU8::new(1)))), recorder }
    }

    /// Calls REST as the owner.
    pub(crate) async fn rest(&self, method: Method, path: &str, body: &str) -> Answer {
        self.rest_as(Some(OWNER), method, path, body).await
    }

    pub(crate) async fn rest_as(
        &self,
        token: Option<&str>,
        method: Method,
        path: &str,
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = transcoder(self.gate.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let content = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_slice(&content).unwrap(),
        }
    }

    /// Calls gRPC with exactly these headers and bytes.
    pub(crate) async fn grpc_raw(
        &self,
        path: &str,
        tokens: &[&str],
        frame: Vec<u8>,
    ) -> Result<Vec<u8>, Status> {
        let mut request = Request::post(path).header("content-type", "application/grpc");
        for token in tokens {
            request = request.header("authorization", *token);
        }
        let request = request.body(Body::from(frame)).unwrap();
        let response = self.gate.clone().oneshot(request).await.unwrap();
        match Status::from_header_map(response.headers()).filter(|status| status.code() != Code::Ok) {
            Some(status) => Err(status),
            None => Ok(response.into_body().collect().await.unwrap().to_bytes().to_vec()),
        }
    }

    /// Calls gRPC as the owner.
    pub(crate) async fn grpc<A: Message + Default>(
        &self,
        path: &str,
        request: &impl Message,
    ) -> Result<A, Status> {
        let answer = self.grpc_raw(path, &[OWNER], frame(request)).await?;
        Ok(A::decode(&answer[5..]).unwrap())
    }
}

/// A message as a gRPC request body.
pub(crate) fn frame(message: &impl Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    let mut frame = vec![0];
    frame.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    frame.extend(bytes);
    frame
}
