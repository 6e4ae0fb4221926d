//! From the gRPC answer to the HTTP one.

use axum::body::Body;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use http::{Method as HttpMethod, Response, StatusCode};
use http_body_util::BodyExt as _;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::{Code, Status};
use valetkey_core::error_code::{Dialect, ErrorCode};
use valetkey_proto::{descriptor_pool, valetkey::v1::ErrorAnswer};

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
    failure_in(Dialect::Scalekit, status, request_id)
}

/// An error in the form that clients of a dialect read.
pub(super) fn failure_in(dialect: Dialect, status: &Status, request_id: &RequestId) -> Response<Body> {
    failure_as(wire::http_status(status.code()), dialect, status, request_id)
}

/// Whose clients ask for this path.
fn dialect_of(path: &str) -> Dialect {
    let of_ours =
        path.strip_prefix("/v1/connect").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if of_ours { Dialect::Valetkey } else { Dialect::Scalekit }
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
            let status = wire::plain(Code::NotFound, ErrorCode::ResourceNotFound, message);
            failure_in(dialect_of(path), &status, request_id)
        }
        NoRoute::NotAllowed(allowed) => {
            let allowed = allowed.iter().map(HttpMethod::as_str).collect::<Vec<_>>().join(", ");
            let message = format!("{path} does not take {http}; it takes {allowed}");
            let status = wire::plain(Code::Unimplemented, ErrorCode::NotImplemented, message);
            let mut response =
                failure_as(StatusCode::METHOD_NOT_ALLOWED, dialect_of(path), &status, request_id);
            insert(&mut response, ALLOW, &allowed);
            response
        }
    }
}

fn failure_as(http: StatusCode, dialect: Dialect, status: &Status, request_id: &RequestId) -> Response<Body> {
    let status = wire::leaving(status, dialect, request_id.as_str());
    let content = match wire::error_answer(&status) {
        Some(answer) => flat_json(&answer),
        None => error_json(&status),
    };
    let mut response = answer(http, content);
    if http == StatusCode::UNAUTHORIZED {
        insert(&mut response, WWW_AUTHENTICATE, "Bearer");
    }
    response
}

/// The answer as one object with all its members.
fn flat_json(answer: &ErrorAnswer) -> Vec<u8> {
    let descriptor = descriptor_pool().get_message_by_name("valetkey.v1.ErrorAnswer");
    let content = descriptor.and_then(|descriptor| reflected(descriptor, &answer.encode_to_vec()));
    content.unwrap_or_else(|| b"{}".to_vec())
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
