//! REST: the RPCs over HTTP/JSON, derived from their `google.api.http` bindings.
//!
//! A request becomes the gRPC request of its RPC and passes the same gate to the same implementation; the answer
//! becomes JSON. Nothing here knows a particular RPC.

mod json;
mod request;
mod response;
mod routes;
mod template;
mod writer;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method as HttpMethod, Request, Response, Uri};
use tonic::{Code, Status};
use tower::Service;
use valetkey_core::error_code::ErrorCode;

use crate::error::wire;
use crate::rpc_gate::{Authenticate, GatedRpc, stamp};
pub(crate) use response::failure;
use routes::RouteTree;
pub(crate) use routes::{Binding, bindings};

/// Serves every binding of the RPCs behind `gate`; any other path is answered with 404 in JSON.
pub fn transcoder<A: Authenticate>(gate: GatedRpc<A>) -> axum::Router {
    let routes = Arc::new(RouteTree::new(gate.methods()));
    axum::Router::new().fallback_service(Transcoder { gate, routes })
}

#[derive(Clone)]
struct Transcoder<A> {
    gate: GatedRpc<A>,
    routes: Arc<RouteTree>,
}

impl<A: Authenticate> Transcoder<A> {
    async fn answer(self, request: Request<Body>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let request_id = self.gate.request_id(&mut parts);
        let mut response = match self.routes.find(&parts.method, parts.uri.path()) {
            Ok((binding, values)) => {
                let answered = self.call(binding, values, parts, body).await;
                answered.unwrap_or_else(|status| {
                    response::failure_in(binding.method.dialect(), &status, &request_id)
                })
            }
            Err(reason) => response::no_route(reason, &parts.method, parts.uri.path(), &request_id),
        };
        stamp(response.headers_mut(), &request_id);
        response
    }

    async fn call(
        &self,
        binding: &Binding,
        values: Vec<String>,
        mut parts: Parts,
        body: Body,
    ) -> Result<Response<Body>, Status> {
        let uri = std::mem::replace(&mut parts.uri, grpc_uri(&binding.method.path)?);
        parts.method = HttpMethod::POST;
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove("grpc-encoding");
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        let input = request::read(binding, values, &uri, body);
        let response = self.gate.pass(Some(binding.method.clone()), parts, input).await?;
        response::success(&binding.method, response).await
    }
}

impl<A: Authenticate> Service<Request<Body>> for Transcoder<A> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let transcoder = self.clone();
        Box::pin(async move { Ok(transcoder.answer(request).await) })
    }
}

fn grpc_uri(path: &str) -> Result<Uri, Status> {
    path.parse()
        .map_err(|_| wire::plain(Code::Internal, ErrorCode::Internal, format!("{path} is not a path")))
}
