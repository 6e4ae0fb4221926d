//! Health for load balancers and supervisors.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::json;
use valetkey_app::App;

/// The process runs.
pub(super) async fn alive() -> impl IntoResponse {
    Json(json!({ "status": "ok" }))
}

/// Requests can be served: the database answers and the keys open.
pub(super) async fn ready(State(app): State<App>) -> impl IntoResponse {
    match app.jwks().await {
        Ok(_) => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Err(error) => {
            drop(crate::error::status_of(error));
            let body = json!({ "status": "unavailable", "hint": "the database or the encryption key does not answer; see the log" });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}
