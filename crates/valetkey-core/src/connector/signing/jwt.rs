//! A token that is signed with a key of the account (quirk 69).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::KeyEncoding;
use crate::connector::{Template, template::names_in};

/// A signed token (RFC 7519), made anew for each request that names it. `iat` and `exp` are always among its claims.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// The signature algorithm.
    pub algorithm: JwtAlgorithm,
    /// The key: for `HS256` and `HS512` a secret, else a private key as PEM. Line breaks may be written as `\n` or be
    /// lost, the first and last line may be missing, and the whole may be in base64.
    pub key: Template,
    /// How the bytes of a secret are written (quirk 70).
    #[serde(default)]
    pub key_encoding: KeyEncoding,
    /// The id of the key, `kid` in the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<Template>,
    /// A certificate as PEM, whose SHA-256 is `x5t#S256` in the header (RFC 7515 §4.1.8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Template>,
    /// Further parameters of the header.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<String, Template>,
    /// Further claims. Texts in them are templates; a text claim that comes out empty is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Value>,
    /// Whether it has an id of its own, `jti`, of 256 random bits.
    #[serde(default)]
    pub unique_id: bool,
    /// How long it works, in seconds, from 10 to 3600.
    #[serde(default = "minute")]
    pub lifetime_seconds: i64,
    /// How far before now `iat` is, in seconds, at most 300, for providers whose clock is behind.
    #[serde(default)]
    pub backdated_seconds: i64,
}

const fn minute() -> i64 {
    60
}

/// A signature algorithm (RFC 7518 §3.1, RFC 8037).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum JwtAlgorithm {
    /// HMAC with SHA-256.
    #[serde(rename = "HS256")]
    Hs256,
    /// HMAC with SHA-512.
    #[serde(rename = "HS512")]
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

impl Jwt {
    /// The names that it is made of.
    pub(super) fn names(&self) -> Vec<&str> {
        let own = [Some(&self.key), self.key_id.as_ref(), self.certificate.as_ref()];
        let mut names: Vec<&str> =
            own.into_iter().flatten().chain(self.header.values()).flat_map(Template::names).collect();
        names.extend(self.claims.values().flat_map(texts).flat_map(names_in));
        names
    }
}

/// All texts in `value`.
pub(in crate::connector) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
