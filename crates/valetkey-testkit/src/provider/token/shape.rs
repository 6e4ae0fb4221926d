//! The form in which a token answer is written.

use axum::{
    Json,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::provider::{Misbehaviour, misbehaviour::Plan};

/// Writes the members of an answer.
pub(super) fn shaped(plan: &Plan, members: Map<String, Value>) -> Response {
    match plan.find(|wrong| otherwise(wrong, &members)) {
        Some(response) => response,
        None => ([(header::CACHE_CONTROL, "no-store")], Json(Value::Object(members))).into_response(),
    }
}

fn otherwise(wrong: &Misbehaviour, members: &Map<String, Value>) -> Option<Response> {
    let whole = || Value::Object(members.clone());
    Some(match wrong {
        Misbehaviour::TokenFormEncoded => typed("application/x-www-form-urlencoded", form(members)),
        Misbehaviour::TokenFormAsText => typed("text/plain", form(members)),
        Misbehaviour::TokenJsonAsHtml => typed("text/html; charset=utf-8", whole().to_string()),
        Misbehaviour::TokenXml => typed("application/xml", xml(members)),
        Misbehaviour::TokenBare => typed("text/plain", text(&members["access_token"])),
        Misbehaviour::TokenCut => {
            let mut text = whole().to_string();
            text.truncate(text.len() / 2);
            typed("application/json", text)
        }
        Misbehaviour::TokenNested => Json(json!({ "data": whole() })).into_response(),
        Misbehaviour::TokenDeeplyNested => Json(deep(members)).into_response(),
        Misbehaviour::TokenRenamed => Json(renamed(members)).into_response(),
        Misbehaviour::TokenCreated => (StatusCode::CREATED, Json(whole())).into_response(),
        Misbehaviour::TokenAsCookie => {
            let cookie = format!("session={}; Path=/; HttpOnly", text(&members["access_token"]));
            ([(header::SET_COOKIE, cookie)], Json(json!({ "ok": true }))).into_response()
        }
        _ => return None,
    })
}

fn typed(content_type: &'static str, body: String) -> Response {
    let content_type: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, content_type)];
    (content_type, body).into_response()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn form(members: &Map<String, Value>) -> String {
    let pairs = members.iter().map(|(name, value)| (name, text(value)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// No value of a token answer needs escaping, except what the provider is told to grant.
fn xml(members: &Map<String, Value>) -> String {
    let escaped = |value: &Value| text(value).replace('&', "&amp;").replace('<', "&lt;");
    let member = |(name, value): (&String, &Value)| format!("<{name}>{}</{name}>", escaped(value));
    let members: String = members.iter().map(member).collect();
    format!("<?xml version=\"1.0\"?><token>{members}</token>")
}

fn deep(members: &Map<String, Value>) -> Value {
    let mut rest = members.clone();
    let mut take = |name: &str| rest.remove(name).unwrap_or_default();
    let tokens = json!({
        "access": { "token": take("access_token"), "expires_in": take("expires_in"), "scope": take("scope") },
        "refresh": { "token": take("refresh_token") },
    });
    rest.insert("tokens".to_owned(), tokens);
    Value::Object(rest)
}

fn renamed(members: &Map<String, Value>) -> Value {
    let rename = |(name, value): (&String, &Value)| {
        let (name, value) = match name.as_str() {
            "access_token" => ("accessToken", value.clone()),
            "refresh_token" => ("refreshToken", value.clone()),
            "expires_in" => ("expiresIn", value.clone()),
            "token_type" => ("tokenType", value.clone()),
            "scope" => ("scopes", text(value).split_whitespace().collect()),
            other => (other, value.clone()),
        };
        (name.to_owned(), value)
    };
    Value::Object(members.iter().map(rename).collect())
}
