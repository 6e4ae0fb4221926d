//! The form of a token answer (RFC 6749 §5.1).

use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::granting::Issued;
use crate::provider::{Misbehaviour, misbehaviour::Plan};

/// Writes what was issued, in the form that the plan wants.
pub(super) fn answer(plan: &Plan, issued: &Issued) -> Response {
    let mut answer = json!({
        "access_token": issued.access_token,
        "token_type": if plan.has(&Misbehaviour::UnknownTokenType) { "mac" } else { "Bearer" },
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh_token,
        "scope": issued.scopes.join(" "),
    });
    if let Some(members) = answer.as_object_mut() {
        if plan.has(&Misbehaviour::NoExpiresIn) {
            members.remove("expires_in");
        }
        if plan.has(&Misbehaviour::NoScope) {
            members.remove("scope");
        }
    }
    deformed(plan, answer)
}

fn deformed(plan: &Plan, answer: Value) -> Response {
    if plan.has(&Misbehaviour::TokenFormEncoded) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let members = answer.as_object().into_iter().flatten();
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(members.map(|(name, value)| (name, text(value))))
            .finish();
        return ([(header::CONTENT_TYPE, "application/x-www-form-urlencoded")], form).into_response();
    }
    if plan.has(&Misbehaviour::TokenNested) {
        return Json(json!({ "data": answer })).into_response();
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}
