//! What the token endpoint answers instead of carrying out the request.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde_json::json;

use super::{asked::Asked, refusal::Refusal};
use crate::provider::{Misbehaviour, http_date::http_date};

const PAGE: &str = "<!doctype html><title>Sign in</title>";

/// The answer of a misbehaviour that issues nothing.
pub(super) fn instead(asked: &Asked, wrong: &Misbehaviour) -> Option<Response> {
    let status = |status: &u16| StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Some(match wrong {
        Misbehaviour::TokenServerError { status: code }
        | Misbehaviour::TokenErrorBurst { status: code, .. }
        | Misbehaviour::TokenFlaps { status: code, .. } => (status(code), "upstream failure").into_response(),
        Misbehaviour::TokenRateLimited { retry_after } => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, retry_after.to_string())]).into_response()
        }
        Misbehaviour::TokenRateLimitedUntil { seconds } => {
            let date = http_date(asked.site.provider.now().plus_seconds((*seconds).into()));
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, date)]).into_response()
        }
        Misbehaviour::TokenForbiddenAsRateLimit { retry_after } => rate_limit_as_forbidden(*retry_after),
        Misbehaviour::TokenError { status: code, error, description } => {
            let body = json!({ "error": error, "error_description": description });
            (status(code), Json(body)).into_response()
        }
        Misbehaviour::InvalidClient => {
            ([(header::WWW_AUTHENTICATE, "Basic")], Refusal::from("invalid_client")).into_response()
        }
        Misbehaviour::UnauthorizedClient => Refusal::from("unauthorized_client").into_response(),
        Misbehaviour::UnknownErrorCode => {
            Refusal::described("E_4711", "Something is not as it should be.").into_response()
        }
        Misbehaviour::EchoesSecrets => echo(asked),
        Misbehaviour::TokenErrorIn200 { error } => {
            Json(json!({ "ok": false, "error": error })).into_response()
        }
        Misbehaviour::TokenHtml200 => Html(PAGE).into_response(),
        Misbehaviour::TokenHtml400 => (StatusCode::BAD_REQUEST, Html(PAGE)).into_response(),
        Misbehaviour::TokenEmpty => StatusCode::OK.into_response(),
        Misbehaviour::TokenOversize => {
            Json(json!({ "access_token": "x".repeat(300 * 1024) })).into_response()
        }
        Misbehaviour::TokenRedirect => Redirect::temporary("https://elsewhere.example/token").into_response(),
        _ => return None,
    })
}

/// Too many requests, as a provider says it that has no status for it.
pub(in crate::provider) fn rate_limit_as_forbidden(retry_after: u64) -> Response {
    let body = json!({ "error": "rate_limit_exceeded", "message": "API rate limit exceeded." });
    let headers = [("retry-after", retry_after.to_string()), ("x-ratelimit-remaining", "0".to_owned())];
    (StatusCode::FORBIDDEN, headers, Json(body)).into_response()
}

/// A refusal that repeats every secret of the request.
fn echo(asked: &Asked) -> Response {
    let names = ["code", "code_verifier", "client_secret"];
    let secrets = names.into_iter().filter_map(|name| asked.parameters.get(name)).chain(asked.way.token());
    let header = asked.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secrets: Vec<&str> = secrets.chain(header).collect();
    let description = format!("Not accepted: {}", secrets.join(" "));
    let body = json!({ "error": "invalid_grant", "error_description": description });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
