//! From the gRPC answer to the HTTP one.

use axum::body::Body;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use http::{Method as HttpMethod, Response, StatusCode};
use http_body_util::BodyExt as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::{Code, Status};
use valetkey_core::error_code::ErrorCode;
use valetkey_proto::descriptor_pool;

use super::routes::NoRoute;
use super::{json, writer};
use crate::error::wire;
use crate::rpc_gate::{Method, PREFIX, RequestId};

/// The message of a unary answer as JSON.
///
/// # Errors
/// The status of the trailers, or `INTERNAL` where the answer cannot be read.
pub(super) async fn success(method: &Method, response: Response<Body>) -> Result<Response<Body>, Status> {
    let whole = response.into_body().collect().await.map_err(|_| broken(method))?;
    if let Some(status) = whole.trailers().and_then(Status::from_header_map).filter(|s| s.code() != Code::Ok)
    {
        return Err(status);
    }
    let frame = whole.to_bytes();
    let bytes = frame.get(PREFIX..).ok_or_else(|| broken(method))?;
    let output = method.descriptor.output();
    let content = match writer::text(&output, bytes) {
        Some(content) => content,
        None => reflected(output, bytes).ok_or_else(|| broken(method))?,
    };
    Ok(answer(StatusCode::OK, content))
}

/// The text of any message that can be read.
fn reflected(descriptor: MessageDescriptor, bytes: &[u8]) -> Option<Vec<u8>> {
    let message = DynamicMessage::decode(descriptor, bytes).ok()?;
    json::to_json(&message, true).ok()
}

/// An error as `google.rpc.Status` in JSON, with the HTTP status that stands for its code.
pub(crate) fn failure(status: &Status, request_id: &RequestId) -> Response<Body> {
    failure_as(wire::http_status(status.code()), status, request_id)
}

/// The answer where no binding fits.
pub(super) fn no_route(
    reason: NoRoute,
    http: &HttpMethod,
    path: &str,
    request_id: &RequestId,
) -> Response<Body> {
    match reason {
        NoRoute::NotFound => {
            let message = format!("there is nothing at {path}; /openapi.json lists what there is");
            failure(&wire::plain(Code::NotFound, ErrorCode::ResourceNotFound, message), request_id)
        }
        NoRoute::NotAllowed(allowed) => {
            let allowed = allowed.iter().map(HttpMethod::as_str).collect::<Vec<_>>().join(", ");
            let message = format!("{path} does not take {http}; it takes {allowed}");
            let status = wire::plain(Code::Unimplemented, ErrorCode::NotImplemented, message);
            let mut response = failure_as(StatusCode::METHOD_NOT_ALLOWED, &status, request_id);
            insert(&mut response, ALLOW, &allowed);
            response
        }
    }
}

fn failure_as(http: StatusCode, status: &Status, request_id: &RequestId) -> Response<Body> {
    let status = wire::with_request_id(status, request_id.as_str());
    let mut response = answer(http, error_json(&status));
    if http == StatusCode::UNAUTHORIZED {
        insert(&mut response, WWW_AUTHENTICATE, "Bearer");
    }
    response
}

/// The details of a status are a serialized `google.rpc.Status`, which repeats code and message.
fn error_json(status: &Status) -> Vec<u8> {
    let descriptor = descriptor_pool().get_message_by_name("google.rpc.Status");
    let message = descriptor.and_then(|descriptor| DynamicMessage::decode(descriptor, status.details()).ok());
    let json = message.and_then(|message| json::to_json(&message, false).ok());
    json.unwrap_or_else(|| format!("{{\"code\":{}}}", i32::from(status.code())).into_bytes())
}

/// Answers can hold credentials, so no cache may keep one.
fn answer(status: StatusCode, content: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(content));
    *response.status_mut() = status;
    insert(&mut response, CONTENT_TYPE, "application/json");
    insert(&mut response, CACHE_CONTROL, "no-store");
    response
}

fn insert(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn broken(method: &Method) -> Status {
    let message = format!("the answer of {} cannot be read", method.descriptor.full_name());
    wire::plain(Code::Internal, ErrorCode::Internal, message)
}
