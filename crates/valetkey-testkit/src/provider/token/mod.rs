//! The token endpoint (RFC 6749 §4.1.3, §5, §6).

mod answer;
mod asked;
mod granting;
mod instead;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{connection::dropped, parameters::Parameters, server::Site};
use asked::Asked;

/// Answers a token request, or misbehaves.
pub(super) async fn token(State(site): State<Site>, headers: HeaderMap, parameters: Parameters) -> Response {
    let asked = Asked::new(site, headers, parameters);
    if !asked.waits() {
        return asked.carry_out().await;
    }
    // A client that gives up does not stop what has begun.
    tokio::spawn(asked.carry_out()).await.unwrap_or_else(|_| dropped())
}

/// An error code of RFC 6749 §5.2 with its status.
fn oauth_error(error: &str) -> Response {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    (status, Json(json!({ "error": error }))).into_response()
}
