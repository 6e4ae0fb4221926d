//! A token that a login yields and further requests use (quirks 71 to 73, 76, 77).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AwsSigv4, LoginDocument, LoginRequest};
use crate::connector::{BodyFormat, Method, Template, TokenAnswer};

/// A token that a login to the provider yields: for an assertion (RFC 7522 §2.1, RFC 7523 §2.1), the token of an
/// application, another token, or a password. It is kept in memory until shortly before it runs out, and forgotten where
/// the API refuses it; calls of the same account wait for one login.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mint {
    /// Requests that come before, at most four, each with what the ones before it have found (quirk 76).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<MintStep>,
    /// The address; its host must be one that the credential may be sent to. Placeholders are fields, and what steps have
    /// captured.
    pub url: Template,
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// Where the parameters go; with a `document`, into the query.
    #[serde(default)]
    pub body: BodyFormat,
    /// Parameters. Placeholders are those of other values, but nothing of the request, and what steps have captured.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Template>,
    /// A body that is more than parameters, with the same placeholders (quirk 77).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<LoginDocument>,
    /// Headers, with the same placeholders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// How the request is signed, with the same placeholders (quirk 73).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_sigv4: Option<AwsSigv4>,
    /// How the answer is read: the token, its lifetime, errors. A token of unknown lifetime is kept for five minutes. What
    /// is captured is kept with the token and is secret like it; others name it after the value, such as
    /// `session.secret_key`.
    #[serde(default)]
    pub answer: TokenAnswer,
    /// How long before its end a token is not used any more, in seconds.
    #[serde(default = "minute")]
    pub margin_seconds: i64,
    /// Statuses with which the API refuses a token that is not valid any more.
    #[serde(default = "unauthorized", skip_serializing_if = "is_unauthorized")]
    pub refused: Vec<u16>,
}

/// A request whose answer is for the requests that follow it, such as one that finds the address of a login.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MintStep {
    /// The address; its host must be one that the credential may be sent to. Placeholders are fields, and what steps have
    /// captured.
    pub url: Template,
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// Where the parameters go; with a `document`, into the query.
    #[serde(default)]
    pub body: BodyFormat,
    /// Parameters. Placeholders are those of other values, but nothing of the request, and what steps have captured.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Template>,
    /// A body that is more than parameters, with the same placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<LoginDocument>,
    /// Headers, with the same placeholders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// How the request is signed, with the same placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_sigv4: Option<AwsSigv4>,
    /// How the answer is read: its format, errors, and what is captured, by the name that the requests after it use. What
    /// is about tokens is not read.
    pub answer: TokenAnswer,
}

const fn post() -> Method {
    Method::Post
}

const fn minute() -> i64 {
    60
}

fn unauthorized() -> Vec<u16> {
    vec![401]
}

fn is_unauthorized(statuses: &[u16]) -> bool {
    statuses == [401]
}

impl Mint {
    /// The last request, which yields the token.
    pub const fn request(&self) -> LoginRequest<'_> {
        LoginRequest {
            url: &self.url,
            method: self.method,
            body: self.body,
            parameters: &self.parameters,
            document: self.document.as_ref(),
            headers: &self.headers,
            aws_sigv4: self.aws_sigv4.as_ref(),
            answer: &self.answer,
        }
    }

    /// The names that it is made of, besides those of addresses and without what its steps capture.
    pub fn names(&self) -> Vec<&str> {
        let steps = self.steps.iter().flat_map(|step| step.request().names());
        let own = |name: &&str| !self.steps.iter().any(|step| step.answer.capture.contains_key(*name));
        steps.chain(self.request().names()).filter(own).collect()
    }
}

impl MintStep {
    /// The request.
    pub const fn request(&self) -> LoginRequest<'_> {
        LoginRequest {
            url: &self.url,
            method: self.method,
            body: self.body,
            parameters: &self.parameters,
            document: self.document.as_ref(),
            headers: &self.headers,
            aws_sigv4: self.aws_sigv4.as_ref(),
            answer: &self.answer,
        }
    }
}
