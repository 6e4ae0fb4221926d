//! The one door to every RPC, whether it arrives as gRPC or as REST.
//!
//! In this order: authenticate, find the RPC, enforce the permission it declares, read the request, enforce the
//! field rules, call. Whoever is not authenticated learns nothing else, not even which RPCs exist. Health and
//! reflection are open.
//!
//! A handler finds in its request extensions the principal, the [`RequestId`] and the `Arc<`[`Method`]`>`. Errors
//! leave with the request id in their detail, so handlers do not handle it.

mod authenticate;
mod frame;
mod method;
mod refusal;
mod request_id;
mod rules;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Request, Response};
use prost_reflect::DynamicMessage;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::{Service, ServiceExt as _};
use valetkey_core::Entropy;

use crate::error::wire;

pub use authenticate::{Authenticate, Principal};
pub use frame::MAX_REQUEST;
pub(crate) use frame::{PREFIX, encode as encode_frame, malformed, read_body};
use method::dialect_of;
pub use method::{Method, Methods};
pub(crate) use refusal::not_permitted;
pub use request_id::{HEADER as REQUEST_ID_HEADER, RequestId};
pub(crate) use rules::Declared as DeclaredRules;

/// Path prefixes of the RPCs that need no token.
const OPEN: [&str; 2] = ["/grpc.health.v1.Health/", "/grpc.reflection."];

/// The RPCs behind their gate. Cheap to clone.
#[derive(Clone)]
pub struct GatedRpc<A> {
    routes: Routes,
    auth: A,
    methods: Arc<Methods>,
    entropy: Arc<dyn Entropy>,
}

/// Puts `routes` behind the gate. `entropy` makes request ids.
pub fn gated<A: Authenticate>(routes: Routes, auth: A, entropy: Arc<dyn Entropy>) -> GatedRpc<A> {
    let methods = Arc::new(Methods::of(valetkey_proto::descriptor_pool()));
    GatedRpc { routes: routes.prepare(), auth, methods, entropy }
}

/// A request message: framed for the call and, where it has been decoded, for the rules.
pub(crate) struct Input {
    pub(crate) frame: Bytes,
    pub(crate) message: Option<DynamicMessage>,
}

impl<A: Authenticate> GatedRpc<A> {
    /// The RPCs that can be called.
    pub fn methods(&self) -> &Arc<Methods> {
        &self.methods
    }

    /// The request id that an outer layer has given, or a new one, which is then in the extensions.
    pub(crate) fn request_id(&self, parts: &mut Parts) -> RequestId {
        parts.extensions.get_or_insert_with(|| RequestId::new(self.entropy.as_ref())).clone()
    }

    /// Answers a gRPC request.
    async fn answer(self, request: Request<Body>) -> Response<Body> {
        if OPEN.iter().any(|prefix| request.uri().path().starts_with(prefix)) {
            return self.forward(request).await;
        }
        let (mut parts, body) = request.into_parts();
        let request_id = self.request_id(&mut parts);
        let dialect = dialect_of(parts.uri.path());
        let known = self.methods.get(parts.uri.path()).cloned();
        let method = known.clone();
        let input = async move {
            let frame = read_body(body, MAX_REQUEST + PREFIX).await?;
            let bytes = frame::message(&frame)?;
            let message = method
                .filter(|method| method.has_rules())
                .map(|method| decode(&method, bytes))
                .transpose()?;
            Ok(Input { frame, message })
        };
        let answered = self.pass(known, parts, input).await;
        let mut response = answered
            .unwrap_or_else(|status| wire::leaving(&status, dialect, request_id.as_str()).into_http());
        stamp(response.headers_mut(), &request_id);
        response
    }

    /// Lets one request through the gate. `input` is only polled for a caller who may call `method`.
    ///
    /// # Errors
    /// What the gate or the handler refused.
    pub(crate) async fn pass(
        &self,
        method: Option<Arc<Method>>,
        mut parts: Parts,
        input: impl Future<Output = Result<Input, Status>>,
    ) -> Result<Response<Body>, Status> {
        let principal = principal(&self.auth, &parts.headers).await?;
        let method = method.ok_or_else(|| refusal::unknown_rpc(parts.uri.path()))?;
        if !principal.permits(&method.permission) {
            return Err(refusal::forbidden(&method));
        }
        let input = input.await?;
        if let Some(message) = &input.message {
            method.check(message)?;
        }
        parts.extensions.insert(principal);
        parts.extensions.insert(method.clone());
        let response = self.forward(Request::from_parts(parts, Body::from(input.frame))).await;
        match Status::from_header_map(response.headers()).filter(|status| status.code() != Code::Ok) {
            Some(status) if status.code() == Code::Unimplemented && status.details().is_empty() => {
                Err(refusal::not_built(&method))
            }
            Some(status) => Err(status),
            None => Ok(response),
        }
    }

    async fn forward(&self, request: Request<Body>) -> Response<Body> {
        match self.routes.clone().oneshot(request).await {
            Ok(response) => response.map(Body::new),
            Err(never) => match never {},
        }
    }
}

impl<A, B> Service<Request<B>> for GatedRpc<A>
where
    A: Authenticate,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let gate = self.clone();
        Box::pin(async move { Ok(gate.answer(request.map(Body::new)).await) })
    }
}

/// Who calls, by the bearer token of the request.
///
/// # Errors
/// There is none, or it stands for nobody.
pub(crate) async fn principal<A: Authenticate>(
    auth: &A,
    headers: &HeaderMap,
) -> Result<A::Principal, Status> {
    // Python clients send a second entry with the token the channel was opened with, which is never renewed.
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(authenticate::bearer_token)
        .ok_or_else(refusal::unauthenticated)?;
    auth.authenticate(bearer).await?.ok_or_else(refusal::unauthenticated)
}

/// Puts the request id on an answer.
pub(crate) fn stamp(headers: &mut HeaderMap, request_id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(request_id.as_str()) {
        headers.insert(REQUEST_ID_HEADER, value);
    }
}

fn decode(method: &Method, bytes: Bytes) -> Result<DynamicMessage, Status> {
    DynamicMessage::decode(method.descriptor.input(), bytes)
        .map_err(|_| malformed(&format!("request is not a {}", method.descriptor.input().full_name())))
}
