//! From an error answer to its class.

use http::header::RETRY_AFTER;
use serde_json::Value;
use valetkey_core::{
    Secret, Timestamp,
    connector::{ErrorMeaning, ErrorRule},
};

use super::{
    super::{
        error::{ErrorAnswer, TokenError, Unusable},
        safe_text::{safe_code, safe_text},
    },
    RawAnswer, json_of,
    retry_after::seconds_to_wait,
};
use crate::egress::Sent;

/// Whether `rule` finds an error in an answer with `status`.
pub(in super::super) fn applies(rule: &ErrorRule, status: u16, document: Option<&Value>) -> bool {
    if rule.status.is_some_and(|expected| expected != status) {
        return false;
    }
    if rule.pointer.is_empty() {
        return rule.status.is_some();
    }
    let Some(found) = document.and_then(|document| document.pointer(&rule.pointer)) else { return false };
    match (&rule.equals, &rule.unless) {
        (Some(expected), _) => found == expected,
        (None, Some(fine)) => found != fine,
        (None, None) => !is_empty(found),
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
pub(in super::super) fn failure_of(
    answer: &RawAnswer<'_>,
    now: Timestamp,
    secrets: &[&Secret],
) -> TokenError {
    error_in(&[ErrorRule::at("/error")], answer, json_of(answer).as_ref(), now, secrets)
}

/// The class of an error answer: by a rule of the definition that names the status; by the status, where it says that
/// the server is not able to answer; by another rule; by the code.
pub(in super::super) fn error_in(
    rules: &[ErrorRule],
    answer: &RawAnswer<'_>,
    document: Option<&Value>,
    now: Timestamp,
    secrets: &[&Secret],
) -> TokenError {
    let found = |exact: bool| {
        rules.iter().find(|rule| rule.status.is_some() == exact && applies(rule, answer.status, document))
    };
    let (exact, by_body) = (found(true), found(false));
    let said = said(answer, document, exact.or(by_body), secrets);
    let by_status = match answer.status {
        429 => Some(ErrorMeaning::RateLimited),
        408 | 425 | 500.. => Some(ErrorMeaning::Transient),
        _ => None,
    };
    let meaning = exact.map(|rule| rule.meaning).or(by_status).or(by_body.map(|rule| rule.meaning));
    let retry_after = seconds_to_wait(answer.header(RETRY_AFTER), now);
    let transient = |said: &ErrorAnswer| TokenError::Transient {
        reason: said.to_string(),
        retry_after,
        sent: Sent::Maybe,
    };
    match meaning.unwrap_or_default() {
        ErrorMeaning::GrantRevoked => TokenError::GrantInvalid(said),
        ErrorMeaning::RevokedAtProvider => TokenError::RevokedAtProvider(said),
        ErrorMeaning::ClientMisconfigured => TokenError::ClientMisconfigured(said),
        ErrorMeaning::ScopeProblem => TokenError::ScopeProblem(said),
        ErrorMeaning::RateLimited => TokenError::RateLimited { answer: said, retry_after },
        ErrorMeaning::Transient => transient(&said),
        ErrorMeaning::Standard => match said.code.as_deref() {
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
