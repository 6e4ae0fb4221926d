//! What a token answer says (RFC 6749 §5.1).

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    granting::{Granted, Issued},
    lifetime, shape,
};
use crate::provider::{Misbehaviour, misbehaviour::Plan, server::Site};

/// Writes what was granted, in the form that the plan wants.
pub(super) fn answer(site: &Site, plan: &Plan, granted: &Granted) -> Response {
    match granted {
        Granted::Extended(_) => Json(json!({ "result": "0000", "message": "OK" })).into_response(),
        Granted::Tokens(issued) => shape::shaped(plan, members(site, plan, issued)),
    }
}

fn members(site: &Site, plan: &Plan, issued: &Issued) -> Map<String, Value> {
    let mut answer = Map::new();
    let mut say = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    say("access_token", dressed(site, plan, issued).into());
    say("token_type", if plan.has(&Misbehaviour::UnknownTokenType) { "mac" } else { "Bearer" }.into());
    if let Some(refresh_token) = &issued.refresh_token {
        say("refresh_token", refresh_token.as_str().into());
        if let Some(seconds) = issued.refresh_token_expires_in {
            say("refresh_token_expires_in", seconds.into());
        }
    }
    if !plan.has(&Misbehaviour::NoScope) {
        say("scope", issued.scopes.join(" ").into());
    }
    if let Some(second) = &issued.second {
        let mut member = json!({
            "access_token": second.access_token,
            "token_type": "user",
            "expires_in": second.expires_in,
        });
        if let Some(refresh_token) = &second.refresh_token {
            member["refresh_token"] = refresh_token.as_str().into();
        }
        say("authed_user", member);
    }
    if plan.has(&Misbehaviour::IdentityOnlyInAnswer) {
        say("user_id", format!("user-{}", issued.user).into());
        say("email", format!("{}@example.test", issued.user).into());
        say("instance_url", site.base_url.as_str().into());
    }
    if plan.has(&Misbehaviour::RefreshChangesApiHost) {
        say("rest_url", format!("{}/rest/{}", site.base_url, issued.refreshes).into());
        say("api_domain", format!("api-{}.example.test", issued.refreshes).into());
    }
    if let Some(seconds) = issued.expires_in {
        lifetime::tell(plan, &mut answer, issued.now, seconds);
    }
    answer
}

/// The access token as the client sees it.
fn dressed(site: &Site, plan: &Plan, issued: &Issued) -> String {
    let token =
        if plan.has(&Misbehaviour::JwtExpiry) { jwt(site, issued) } else { issued.access_token.clone() };
    let length = plan.find(|wrong| match wrong {
        Misbehaviour::VeryLongToken { characters } => Some(*characters),
        _ => None,
    });
    match length.and_then(|length| length.checked_sub(token.len() + 1)) {
        Some(padding) => format!("{token}.{}", "x".repeat(padding)),
        None => token,
    }
}

/// The access token as a JWT (RFC 9068). Its signature is only there to look like one: nobody but this provider may
/// read an access token.
fn jwt(site: &Site, issued: &Issued) -> String {
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut claims = json!({
        "iss": site.base_url,
        "sub": format!("user-{}", issued.user),
        "iat": issued.now.seconds(),
        "jti": issued.access_token,
    });
    if let Some(seconds) = issued.expires_in {
        claims["exp"] = issued.now.plus_seconds(seconds.into()).seconds().into();
    }
    let signed = format!("{}.{}", encode(json!({ "alg": "HS256", "typ": "at+jwt" })), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(Sha256::digest(&signed));
    format!("{signed}.{signature}")
}
