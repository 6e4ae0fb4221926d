//! The API behind the tokens, and one behind static keys.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    Misbehaviour, TEST_API_KEY, TEST_BASIC,
    inspect::grant_id,
    misbehaviour::{Place, Plan},
    server::Site,
    token::rate_limit_as_forbidden,
};

/// What makes an access token the token of a session.
const SESSION: &str = "st_";

/// Who the token is for (`OpenID` Connect Core §5.3).
pub(super) async fn userinfo(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Response> {
    let (caller, plan) = enter(&site, &headers, Place::Userinfo)?;
    if plan.has(&Misbehaviour::UserinfoError) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    }
    if plan.has(&Misbehaviour::IdentityOnlyInAnswer) {
        return Err(StatusCode::NOT_FOUND.into_response());
    }
    let (user, email) = (&*caller.user, format!("{}@example.test", caller.user));
    Ok(Json(json!({ "sub": format!("user-{user}"), "email": email, "name": user })).into_response())
}

/// Who calls, and with which scopes.
pub(super) async fn me(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Response> {
    let (caller, _) = enter(&site, &headers, Place::Api)?;
    Ok(caller.into_response())
}

/// The same at an address that each refresh changes.
pub(super) async fn me_at(
    State(site): State<Site>,
    Path(refreshes): Path<u64>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let (caller, _) = enter(&site, &headers, Place::Api)?;
    if caller.refreshes == refreshes {
        Ok(caller.into_response())
    } else {
        Err(StatusCode::NOT_FOUND.into_response())
    }
}

/// What was called, by whom. Never the token.
pub(super) async fn echo(State(site): State<Site>, request: Request) -> Result<Response, Response> {
    let (caller, _) = enter(&site, request.headers(), Place::Api)?;
    let (head, body) = request.into_parts();
    let body =
        axum::body::to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    Ok(Json(json!({
        "subject": &*caller.user,
        "scopes": &caller.scopes[..],
        "method": head.method.as_str(),
        "query": head.uri.query(),
        "content_type": text("content-type"),
        "body": String::from_utf8_lossy(&body),
    }))
    .into_response())
}

/// The status that was asked for, with the error body that most providers give.
pub(super) async fn status(
    State(site): State<Site>,
    Path(status): Path<u16>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    enter(&site, &headers, Place::Api)?;
    let status = StatusCode::from_u16(status).map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let message = format!("status {} was asked for", status.as_u16());
    let error = json!({ "code": format!("test_{}", status.as_u16()), "message": message });
    Ok((status, Json(json!({ "error": error }))).into_response())
}

/// Opens a session for an access token: a token of its own, which works as long.
pub(super) async fn session(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Response> {
    let (now, token) = (site.provider.now(), credential(&headers).to_owned());
    let memory = site.provider.memory();
    memory.grants.presented_access_token(&token, now).ok_or(Stopped::InvalidToken)?;
    let answer = json!({ "session_token": format!("{SESSION}{token}"), "rest_url": site.base_url });
    Ok(Json(answer).into_response())
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

/// Who calls the API.
struct Caller {
    user: Arc<str>,
    scopes: Arc<[String]>,
    /// How often the grant was refreshed.
    refreshes: u64,
}

impl IntoResponse for Caller {
    fn into_response(self) -> Response {
        Json(json!({ "subject": &*self.user, "scopes": &self.scopes[..] })).into_response()
    }
}

/// Who calls, and what the call meets from here on.
fn enter(site: &Site, headers: &HeaderMap, place: Place) -> Result<(Caller, Plan), Stopped> {
    let presented = credential(headers);
    let (token, in_session) = match presented.strip_prefix(SESSION) {
        Some(token) => (token, true),
        None => (presented, false),
    };
    let now = site.provider.now();
    let mut memory = site.provider.memory();
    let found = memory.grants.presented_access_token(token, now);
    let (number, grant, token) = found.ok_or(Stopped::InvalidToken)?;
    let caller =
        Caller { user: grant.user.clone(), scopes: token.scopes.clone(), refreshes: grant.refreshes };
    let (client, serial) = (grant.client_id.clone(), token.serial);
    let plan = memory.rules.plan(place, Some(&client), Some(&grant_id(number)));
    if memory.grants.get(number).is_some_and(|grant| grant.is_over_by_policy(&plan, now)) {
        memory.revoke_by_provider(number);
        return Err(Stopped::InvalidToken);
    }
    let late = plan.since(&Misbehaviour::ApiUnauthorizedUntilRefreshed).is_some_and(|since| serial <= since);
    let unopened = plan.has(&Misbehaviour::WantsSession) && !in_session;
    if late || unopened || plan.has(&Misbehaviour::ApiUnauthorized) {
        return Err(Stopped::InvalidToken);
    }
    let stopped = plan.find(|wrong| match wrong {
        Misbehaviour::ApiForbiddenAsRateLimit { retry_after } => Some(Stopped::RateLimit(*retry_after)),
        Misbehaviour::ApiErrorIn200 => Some(Stopped::ErrorIn200),
        _ => None,
    });
    stopped.map_or(Ok((caller, plan)), Err)
}

/// The bearer token (RFC 6750 §2.1), or the cookie `session`.
fn credential(headers: &HeaderMap) -> &str {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let mut cookies = text(header::COOKIE).into_iter().flat_map(|cookies| cookies.split("; "));
    bearer.or_else(|| cookies.find_map(|cookie| cookie.strip_prefix("session="))).unwrap_or_default()
}

/// Why a call does not get through.
enum Stopped {
    /// The token is absent, unknown or run out (RFC 6750 §3.1).
    InvalidToken,
    /// Too many requests, told with status 403. Seconds.
    RateLimit(u64),
    /// An error, told with status 200.
    ErrorIn200,
}

impl IntoResponse for Stopped {
    fn into_response(self) -> Response {
        match self {
            Self::InvalidToken => {
                let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
                let body = Json(json!({ "error": "invalid_token" }));
                (StatusCode::UNAUTHORIZED, challenge, body).into_response()
            }
            Self::RateLimit(retry_after) => rate_limit_as_forbidden(retry_after),
            Self::ErrorIn200 => Json(json!({ "ok": false, "error": "ratelimited" })).into_response(),
        }
    }
}

impl From<Stopped> for Response {
    fn from(stopped: Stopped) -> Self {
        stopped.into_response()
    }
}
