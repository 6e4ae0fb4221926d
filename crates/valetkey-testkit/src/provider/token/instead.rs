//! What the token endpoint answers instead of looking at the request.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde_json::json;

use crate::provider::Misbehaviour;

/// The answer of a misbehaviour that needs nothing of the request.
pub(super) fn instead(wrong: &Misbehaviour) -> Option<Response> {
    let status = |status: &u16| StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Some(match wrong {
        Misbehaviour::TokenServerError { status: code } => (status(code), "upstream failure").into_response(),
        Misbehaviour::TokenRateLimited { retry_after } => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, retry_after.to_string())]).into_response()
        }
        Misbehaviour::TokenError { status: code, error, description } => {
            let body = json!({ "error": error, "error_description": description });
            (status(code), Json(body)).into_response()
        }
        Misbehaviour::TokenHtml200 => Html("<!doctype html><title>Sign in</title>").into_response(),
        Misbehaviour::TokenOversize => {
            Json(json!({ "access_token": "x".repeat(300 * 1024) })).into_response()
        }
        Misbehaviour::TokenErrorIn200 { error } => {
            Json(json!({ "ok": false, "error": error })).into_response()
        }
        Misbehaviour::TokenRedirect => Redirect::temporary("https://elsewhere.example/token").into_response(),
        _ => return None,
    })
}
