//! From an error answer to its class.

use serde_json::Value;
use valetkey_core::{
    Secret,
    connector::{ErrorMeaning, ErrorRule, TokenAnswer},
};

use super::{
    super::{
        error::{ErrorAnswer, TokenError, Unusable},
        safe_text::{safe_code, safe_text},
    },
    RawAnswer, json_of,
};
use crate::egress::Sent;

/// Whether `rule` finds an error in `document`.
pub(super) fn applies(rule: &ErrorRule, document: &Value) -> bool {
    match (document.pointer(&rule.pointer), &rule.equals) {
        (Some(found), Some(expected)) => found == expected,
        (Some(found), None) => !is_empty(found),
        (None, _) => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) => false,
    }
}

/// The class of an error answer by the rules of RFC 6749 alone.
pub(in super::super) fn failure_of(answer: &RawAnswer<'_>, secrets: &[&Secret]) -> TokenError {
    error_in(&TokenAnswer::default(), answer, json_of(answer).as_ref(), secrets)
}

/// The class of an error answer. The status decides where it says that the server is not able to answer; then the
/// definition's rules; then the code.
pub(super) fn error_in(
    rules: &TokenAnswer,
    answer: &RawAnswer<'_>,
    document: Option<&Value>,
    secrets: &[&Secret],
) -> TokenError {
    let rule = document.and_then(|document| rules.errors.iter().find(|rule| applies(rule, document)));
    let said = said(answer, document, rule, secrets);
    let retry_after = answer.retry_after.and_then(|seconds| seconds.trim().parse().ok());
    let transient = |said: &ErrorAnswer| TokenError::Transient {
        reason: said.to_string(),
        retry_after,
        sent: Sent::Maybe,
    };
    match answer.status {
        429 => return TokenError::RateLimited { answer: said, retry_after },
        408 | 425 | 500.. => return transient(&said),
        _ => {}
    }
    match rule.map(|rule| rule.meaning) {
        Some(ErrorMeaning::GrantRevoked) => TokenError::GrantInvalid(said),
        Some(ErrorMeaning::ClientMisconfigured) => TokenError::ClientMisconfigured(said),
        Some(ErrorMeaning::Transient) => transient(&said),
        Some(ErrorMeaning::Standard) | None => match said.code.as_deref() {
            Some("temporarily_unavailable" | "server_error") => transient(&said),
            Some("slow_down") => TokenError::RateLimited { answer: said, retry_after },
            _ => by_code(said, answer.status),
        },
    }
}

/// The codes of RFC 6749 §5.2 and of the extensions that have more (RFC 8628 §3.5, RFC 8707 §2).
fn by_code(said: ErrorAnswer, status: u16) -> TokenError {
    match said.code.as_deref() {
        Some("invalid_grant" | "access_denied" | "expired_token") => TokenError::GrantInvalid(said),
        Some(
            "invalid_client"
            | "unauthorized_client"
            | "invalid_request"
            | "unsupported_grant_type"
            | "invalid_target",
        ) => TokenError::ClientMisconfigured(said),
        Some("invalid_scope") => TokenError::ScopeProblem(said),
        None if status == 401 => TokenError::ClientMisconfigured(said),
        _ => Unusable::UnknownError(said).into(),
    }
}

fn said(
    answer: &RawAnswer<'_>,
    document: Option<&Value>,
    rule: Option<&ErrorRule>,
    secrets: &[&Secret],
) -> ErrorAnswer {
    let text =
        |pointer: &str| document.and_then(|document| document.pointer(pointer)).and_then(Value::as_str);
    let places =
        ["/error", rule.map_or("/error", |rule| &rule.pointer), "/error/code", "/error/status", "/code"];
    let descriptions = ["/error_description", "/message", "/error/message", "/errorDescription"];
    ErrorAnswer {
        status: Some(answer.status),
        code: places.into_iter().filter_map(text).find_map(|found| safe_code(found, secrets)),
        description: descriptions.into_iter().filter_map(text).find_map(|found| safe_text(found, secrets)),
    }
}
