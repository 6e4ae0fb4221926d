//! The token endpoint (RFC 6749 §4.1.3, §5, §6), with rotation and revocation of the family on reuse (RFC 9700 §4.14).

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use super::{
    Misbehaviour,
    client_auth::client_id,
    parameters::Parameters,
    server::Site,
    state::{AccessToken, Grant, RefreshToken, TestProvider},
};

/// How long an access token works, in seconds.
const ACCESS_SECONDS: i64 = 3600;

/// Answers a token request, or misbehaves.
pub(super) async fn token(State(site): State<Site>, headers: HeaderMap, parameters: Parameters) -> Response {
    let delay = site.provider.wrong(|wrong| match wrong {
        Misbehaviour::SlowToken { milliseconds } => Some(Duration::from_millis(*milliseconds)),
        _ => None,
    });
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    if let Some(wrong) = site.provider.wrong(instead) {
        return wrong;
    }
    match granted(&site.provider, &headers, &parameters) {
        Ok(answer) => deformed(&site.provider, answer),
        Err(error) => oauth_error(error),
    }
}

fn oauth_error(error: &str) -> Response {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    (status, Json(json!({ "error": error }))).into_response()
}

/// What is answered instead of looking at the request.
fn instead(wrong: &Misbehaviour) -> Option<Response> {
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

/// Changes the form of a right answer.
fn deformed(provider: &TestProvider, answer: Value) -> Response {
    if provider.does(&Misbehaviour::TokenFormEncoded) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let members = answer.as_object().into_iter().flatten();
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(members.map(|(name, value)| (name, text(value))))
            .finish();
        return ([(header::CONTENT_TYPE, "application/x-www-form-urlencoded")], form).into_response();
    }
    if provider.does(&Misbehaviour::TokenNested) {
        return Json(json!({ "data": answer })).into_response();
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn granted(
    provider: &TestProvider,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Value, &'static str> {
    let client = client_id(&provider.memory(), headers, parameters)?;
    match parameters.get("grant_type") {
        Some("authorization_code") => by_code(provider, &client, parameters),
        Some("refresh_token") => by_refresh_token(provider, &client, parameters),
        Some(_) => Err("unsupported_grant_type"),
        None => Err("invalid_request"),
    }
}

fn by_code(provider: &TestProvider, client: &str, parameters: &Parameters) -> Result<Value, &'static str> {
    let presented = parameters.get("code").ok_or("invalid_request")?;
    let verifier = parameters.get("code_verifier").ok_or("invalid_grant")?;
    let grant_id = provider.random("grant_");
    let now = provider.now();
    let mut memory = provider.memory();
    let code = memory.codes.get_mut(presented).ok_or("invalid_grant")?;
    if let Some(grant) = code.spent_for.clone() {
        memory.revoke(&grant);
        return Err("invalid_grant");
    }
    let right = code.authorization.client_id == client
        && Some(code.authorization.redirect_uri.as_str()) == parameters.get("redirect_uri")
        && code.authorization.code_challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
        && now < code.expires_at;
    if !right {
        memory.codes.remove(presented);
        return Err("invalid_grant");
    }
    code.spent_for = Some(grant_id.clone());
    let (user, scopes) = (code.user.clone(), code.authorization.scopes.clone());
    drop(memory);
    Ok(issue(provider, Grant { id: grant_id, client_id: client.to_owned(), user, scopes }))
}

fn by_refresh_token(
    provider: &TestProvider,
    client: &str,
    parameters: &Parameters,
) -> Result<Value, &'static str> {
    let presented = parameters.get("refresh_token").ok_or("invalid_request")?;
    let mut memory = provider.memory();
    let token = memory.refresh_tokens.get_mut(presented).ok_or("invalid_grant")?;
    if token.grant.client_id != client {
        return Err("invalid_grant");
    }
    let grant = token.grant.clone();
    if std::mem::replace(&mut token.spent, true) {
        memory.revoke(&grant.id);
        return Err("invalid_grant");
    }
    drop(memory);
    Ok(issue(provider, grant))
}

fn issue(provider: &TestProvider, grant: Grant) -> Value {
    let mut granted = grant.clone();
    if provider.does(&Misbehaviour::LessScopeThanAsked) {
        granted.scopes.pop();
    }
    let (access, refresh) = (provider.random("at_"), provider.random("rt_"));
    let mut answer = json!({
        "access_token": access,
        "token_type": if provider.does(&Misbehaviour::UnknownTokenType) { "mac" } else { "Bearer" },
        "expires_in": ACCESS_SECONDS,
        "refresh_token": refresh,
        "scope": granted.scopes.join(" "),
    });
    if let Some(members) = answer.as_object_mut() {
        if provider.does(&Misbehaviour::NoExpiresIn) {
            members.remove("expires_in");
        }
        if provider.does(&Misbehaviour::NoScope) {
            members.remove("scope");
        }
    }
    let expires_at = provider.now().plus_seconds(ACCESS_SECONDS);
    let mut memory = provider.memory();
    memory.access_tokens.insert(access, AccessToken { grant: granted, expires_at });
    memory.refresh_tokens.insert(refresh, RefreshToken { grant, spent: false });
    answer
}
