//! The API behind the tokens, and one behind static keys.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{Misbehaviour, TEST_API_KEY, TEST_BASIC, misbehaviour::Place, server::Site, state::TestProvider};

/// Who the token is for (`OpenID` Connect Core §5.3).
pub(super) async fn userinfo(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Response> {
    if site.provider.plan(Place::Userinfo, None).has(&Misbehaviour::UserinfoError) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    }
    let user = bearer(&site.provider, &headers)?.user;
    let email = format!("{user}@example.test");
    Ok(Json(json!({ "sub": format!("user-{user}"), "email": email, "name": user })).into_response())
}

/// Who calls, and with which scopes.
pub(super) async fn me(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Response> {
    let caller = bearer(&site.provider, &headers)?;
    Ok(Json(json!({ "subject": caller.user, "scopes": &caller.scopes[..] })).into_response())
}

/// What was called, by whom. Never the token.
pub(super) async fn echo(State(site): State<Site>, request: Request) -> Result<Response, Response> {
    let caller = bearer(&site.provider, request.headers())?;
    let (head, body) = request.into_parts();
    let body =
        axum::body::to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    Ok(Json(json!({
        "subject": caller.user,
        "scopes": &caller.scopes[..],
        "method": head.method.as_str(),
        "query": head.uri.query(),
        "content_type": text("content-type"),
        "body": String::from_utf8_lossy(&body),
    }))
    .into_response())
}

/// Whether a static key is right: a header, Basic, or a bearer token.
pub(super) async fn key_check(headers: HeaderMap) -> Response {
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", TEST_BASIC.0, TEST_BASIC.1)));
    let has =
        |name: &str, value: &str| headers.get(name).is_some_and(|given| given.as_bytes() == value.as_bytes());
    let good = has("x-api-key", TEST_API_KEY)
        || has("authorization", &basic)
        || has("authorization", &format!("Bearer {TEST_API_KEY}"));
    let status = if good { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    (status, Json(json!({ "ok": good }))).into_response()
}

/// The grant of the bearer token (RFC 6750 §2.1).
fn bearer(provider: &TestProvider, headers: &HeaderMap) -> Result<Caller, InvalidToken> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let now = provider.now();
    let memory = provider.memory();
    let (_, grant, token) = memory.grants.presented_access_token(token, now).ok_or(InvalidToken)?;
    Ok(Caller { user: grant.user.to_string(), scopes: token.scopes.clone() })
}

/// Who calls the API, with which scopes.
struct Caller {
    user: String,
    scopes: Arc<[String]>,
}

/// The token is absent, unknown or run out (RFC 6750 §3.1).
struct InvalidToken;

impl IntoResponse for InvalidToken {
    fn into_response(self) -> Response {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
        (StatusCode::UNAUTHORIZED, challenge, Json(json!({ "error": "invalid_token" }))).into_response()
    }
}

impl From<InvalidToken> for Response {
    fn from(invalid: InvalidToken) -> Self {
        invalid.into_response()
    }
}
