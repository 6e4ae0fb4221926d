//! How a token request is refused (RFC 6749 §5.2).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// An error code with a description.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    error: &'static str,
    description: Option<&'static str>,
}

impl Refusal {
    pub(super) fn described(error: &'static str, description: &'static str) -> Self {
        Self { error, description: Some(description) }
    }
}

impl From<&'static str> for Refusal {
    fn from(error: &'static str) -> Self {
        Self { error, description: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status =
            if self.error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let body = match self.description {
            Some(description) => json!({ "error": self.error, "error_description": description }),
            None => json!({ "error": self.error }),
        };
        (status, Json(body)).into_response()
    }
}
