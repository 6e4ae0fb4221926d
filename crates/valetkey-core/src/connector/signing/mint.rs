//! A token that one request yields and further ones use (quirks 72, 76).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::connector::{BodyFormat, Method, Template, TokenAnswer};

/// A token that one request to the provider yields: for a signed assertion (RFC 7523 §2.1), the token of an application,
/// or another token. It is kept in memory until shortly before it runs out, and forgotten where the API refuses it; calls
/// of the same account wait for one request.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mint {
    /// The address; its host must be one that the credential may be sent to. Placeholders are fields.
    pub url: Template,
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// Where the parameters go.
    #[serde(default)]
    pub body: BodyFormat,
    /// Parameters. Placeholders are those of other values, but nothing of the request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Template>,
    /// Headers, with the same placeholders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// How the answer is read: the token, its lifetime, errors. A token of unknown lifetime is kept for five minutes.
    #[serde(default)]
    pub answer: TokenAnswer,
    /// How long before its end a token is not used any more, in seconds.
    #[serde(default = "minute")]
    pub margin_seconds: i64,
}

const fn post() -> Method {
    Method::Post
}

const fn minute() -> i64 {
    60
}

impl Mint {
    /// The names that it is made of, besides those of the address.
    pub fn names(&self) -> Vec<&str> {
        self.parameters.values().chain(self.headers.values()).flat_map(Template::names).collect()
    }
}
