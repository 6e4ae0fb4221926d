//! What of an answer is passed on, and what in it is a failure.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Tool;
use crate::connector::ApiErrors;

/// What of an answer is passed on.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// JSON Pointer (RFC 6901) of what is meant; the whole where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Names of what is passed on, each with the JSON Pointer below `root` of its value. Everything where empty; a value
    /// that is absent is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pick: BTreeMap<String, String>,
}

/// An answer of a provider.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// The status.
    pub status: u16,
    /// The media type; empty where the provider named none.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// A failure that a provider has reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The HTTP status it amounts to.
    pub status: u16,
    /// The code of the provider, or `HTTP_<status>`.
    pub code: String,
    /// The message of the provider, or one of ours.
    pub message: String,
}

impl Reply<'_> {
    fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }

    /// The failure that this answer reports, if it is one, read as the connector says.
    pub fn failure(&self, errors: &ApiErrors) -> Option<Failure> {
        let body = self.json().unwrap_or(Value::Null);
        if self.status < 400 && !errors.failed.iter().any(|rule| rule.holds(&body)) {
            return None;
        }
        let first = |own: &[String], common: &[&str]| {
            let own = own.iter().map(String::as_str);
            own.chain(common.iter().copied()).find_map(|pointer| scalar(body.pointer(pointer)?))
        };
        let code = first(&errors.code, COMMON_CODES).unwrap_or_else(|| format!("HTTP_{}", self.status));
        let unknown = if self.status < 400 { 400 } else { self.status };
        let status = errors.statuses.get(&code).copied().unwrap_or(unknown);
        let message = first(&errors.message, COMMON_MESSAGES)
            .unwrap_or_else(|| format!("the provider answered with status {}", self.status));
        Some(Failure { status, code, message: message.chars().take(MESSAGE_CHARS).collect() })
    }
}

/// How much of the message of a provider is passed on.
const MESSAGE_CHARS: usize = 1_000;

/// Where providers usually put their codes and messages.
const COMMON_CODES: &[&str] =
    &["/error/code", "/error/status", "/code", "/error_code", "/errors/0/code", "/error/type", "/error"];
const COMMON_MESSAGES: &[&str] = &[
    "/error/message",
    "/error_description",
    "/message",
    "/errors/0/message",
    "/errors/0/detail",
    "/errors/0",
    "/error/msg",
    "/detail",
    "/description",
    "/title",
    "/error",
];

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Tool {
    /// What is passed on of an answer that is no failure. Never empty: clients take an empty object for nothing.
    pub fn shape(&self, reply: Reply<'_>) -> Map<String, Value> {
        let found = match reply.json() {
            Some(body) => self.answer.of(&body),
            None if reply.body.is_empty() => Map::new(),
            None => not_json(reply),
        };
        if found.is_empty() { Map::from_iter([("status".to_owned(), json!(reply.status))]) } else { found }
    }
}

impl Shape {
    fn of(&self, body: &Value) -> Map<String, Value> {
        let root = self.root.as_ref().map_or(Some(body), |pointer| body.pointer(pointer));
        let Some(root) = root else { return Map::new() };
        if !self.pick.is_empty() {
            let picked = self.pick.iter().filter_map(|(name, pointer)| {
                let value = root.pointer(pointer).filter(|value| !value.is_null())?;
                Some((name.clone(), value.clone()))
            });
            return picked.collect();
        }
        match root {
            Value::Object(object) => object.clone(),
            other => Map::from_iter([("result".to_owned(), other.clone())]),
        }
    }
}

fn not_json(reply: Reply<'_>) -> Map<String, Value> {
    let (name, content) = match std::str::from_utf8(reply.body) {
        Ok(text) => ("content", text.to_owned()),
        Err(_) => ("content_base64", STANDARD.encode(reply.body)),
    };
    Map::from_iter([
        (name.to_owned(), Value::String(content)),
        ("content_type".to_owned(), json!(reply.content_type)),
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn reply(status: u16, body: &str) -> Reply<'_> {
        Reply { status, content_type: "application/json", body: body.as_bytes() }
    }

    fn slack() -> ApiErrors {
        serde_json::from_value(json!({
            "failed": [{"pointer": "/ok", "equals": false}],
            "code": ["/error"],
            "statuses": {"invalid_auth": 401},
        }))
        .unwrap()
    }

    #[test]
    fn quirk_82_a_failure_may_come_with_status_200() {
        let failure = reply(200, r#"{"ok":false,"error":"invalid_auth"}"#).failure(&slack()).unwrap();
        assert_eq!((failure.status, failure.code.as_str()), (401, "invalid_auth"));
        let other = reply(200, r#"{"ok":false,"error":"channel_not_found"}"#).failure(&slack()).unwrap();
        assert_eq!(other.status, 400);
        assert_eq!(reply(200, r#"{"ok":true}"#).failure(&slack()), None);
    }

    #[test]
    fn code_and_message_are_found_where_providers_usually_put_them() {
        let body = r#"{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}"#;
        let failure = reply(403, body).failure(&ApiErrors::default()).unwrap();
        assert_eq!((failure.status, failure.code.as_str(), failure.message.as_str()), (403, "403", "no"));
        let page = Reply { status: 502, content_type: "text/html", body: b"<html>" };
        assert_eq!(page.failure(&ApiErrors::default()).unwrap().code, "HTTP_502");
    }

    #[test]
    fn an_answer_is_never_passed_on_as_an_empty_object() {
        let shape = Shape::default();
        assert!(shape.of(&json!({})).is_empty());
        assert_eq!(shape.of(&json!([1])), *json!({"result": [1]}).as_object().unwrap());
        let picked = Shape { root: Some("/data".into()), pick: [("id".into(), "/id".into())].into() };
        assert_eq!(picked.of(&json!({"data": {"id": 1, "x": 2}})), *json!({"id": 1}).as_object().unwrap());
    }
}
