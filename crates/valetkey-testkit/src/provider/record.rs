//! What the test provider was asked.

use std::collections::BTreeMap;

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use serde::Serialize;

use super::{parameters::Parameters, server::Site};

/// The longest body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// A request that the test provider received.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, as it came.
    pub query: String,
    /// Headers by lower-case name; of repeated ones, the first.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl RecordedRequest {
    /// A parameter of the query or of the body, be it a form or a JSON object.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let content_type = self.headers.get("content-type").map(String::as_str);
        Parameters::read(&self.query, content_type, &self.body).get(name).map(ToOwned::to_owned)
    }
}

/// Records each request before it is answered.
pub(super) async fn record(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = http_body_util::Limited::new(body, MAX_BODY).collect().await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let body: Bytes = body.to_bytes();
    let names = head.headers.keys();
    let headers = names.map(|name| {
        let value =
            head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        (name.to_string(), value.unwrap_or_default())
    });
    site.provider.remember(RecordedRequest {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    next.run(Request::from_parts(head, Body::from(body))).await
}
