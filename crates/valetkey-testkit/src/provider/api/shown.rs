//! What came.

use std::fmt::Write as _;

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::provider::server::Site;

/// Method, path and query to the letter, headers in their order, length and SHA-256 of the body, and its trailers. The body
/// is read as it comes; how much of it is here can be seen meanwhile.
pub(super) async fn show(State(site): State<Site>, request: Request) -> Response {
    let (head, mut body) = request.into_parts();
    let progress = site.provider.uploads();
    let (mut length, mut digest, mut trailers) = (0_u64, Sha256::new(), HeaderMap::new());
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            progress.send_modify(|upload| upload.broken = true);
            return StatusCode::BAD_REQUEST.into_response();
        };
        match frame.into_data() {
            Ok(data) => {
                length += data.len() as u64;
                digest.update(&data);
                progress.send_modify(|upload| upload.received += data.len() as u64);
            }
            Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
        }
    }
    Json(json!({
        "method": head.method.as_str(),
        "target": head.uri.path_and_query().map(ToString::to_string),
        "headers": listed(&head.headers),
        "length": length,
        "sha256": hex(&digest.finalize()),
        "trailers": listed(&trailers),
    }))
    .into_response()
}

/// The credential of the request, in headers and body, plain, in base64 and escaped, as careless servers send it back.
pub(super) async fn reflect(request: Request) -> Response {
    let headers = request.headers();
    let all: Vec<&str> = headers.values().filter_map(|value| value.to_str().ok()).collect();
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = bearer.strip_prefix("Bearer ").unwrap_or(bearer);
    let body = json!({
        "headers": all,
        "query": request.uri().query(),
        "token": token,
        "base64": STANDARD.encode(format!("Authorization: {bearer}")),
        "kept": "this stays",
    });
    let body = format!("{body}\n{token}&{}", token.replace('_', "%5F"));
    let mut response = Response::new(Body::from(body));
    if let Ok(value) = bearer.parse() {
        response.headers_mut().insert("x-echoed-authorization", value);
    }
    if let Ok(value) = STANDARD.encode(token).parse() {
        response.headers_mut().insert("x-echoed-base64", value);
    }
    response
}

fn listed(headers: &HeaderMap) -> Value {
    let lines =
        headers.iter().map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]));
    lines.collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
