//! A value that is made for a request.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Jwt, Mint, Saml};
use crate::connector::Template;

/// How a value is made. A value is always text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ComputedValue {
    /// A text made of others, perhaps encoded.
    Text(Text),
    /// A part of a text, such as the id of a key that is entered as `id:secret` (quirk 70).
    Part(Part),
    /// Random bytes: a nonce.
    Random(Random),
    /// The time of the request. It is the same wherever the request names a time.
    Time(TimeFormat),
    /// A hash.
    Hash(Digest),
    /// A keyed hash (RFC 2104).
    Hmac(Hmac),
    /// A signature with Ed25519 (RFC 8032).
    Ed25519(Ed25519),
    /// A signed token (RFC 7519) that lives shortly.
    Jwt(Box<Jwt>),
    /// A signed assertion of SAML that lives shortly (quirk 71).
    Saml(Box<Saml>),
    /// `SHA256:` and the base64 of the SHA-256 of the public key that belongs to a private one, as DER (RFC 5280 §4.1).
    Fingerprint(Fingerprint),
    /// A token that a login yields and further requests use (quirks 71 to 73, 76, 77).
    Mint(Box<Mint>),
}

/// A text made of others.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The text.
    pub of: Template,
    /// How it is encoded; absent: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// Whether it is changed to upper case, as some providers compare names of accounts.
    #[serde(default)]
    pub upper_case: bool,
}

/// A part of a text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The text.
    pub of: Template,
    /// What stands between the parts.
    pub separator: String,
    /// Which part, from 1. There must be as many.
    pub number: usize,
}

/// Random bytes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Random {
    /// How many, from 8 to 64.
    #[serde(default = "sixteen")]
    pub bytes: usize,
    /// How they are written.
    #[serde(default)]
    pub encoding: Encoding,
}

const fn sixteen() -> usize {
    16
}

/// How a time is written, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// `2012-08-21T17:29:18Z` (RFC 3339).
    Rfc3339,
    /// `2012-08-21T17:29:18.000Z` (RFC 3339).
    Rfc3339Milliseconds,
    /// `Tue, 21 Aug 2012 17:29:18 GMT` (RFC 9110 §5.6.7).
    HttpDate,
    /// `Tue, 21 Aug 2012 17:29:18 -0000` (RFC 5322 §3.3).
    Rfc5322,
}

/// A hash.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// What is hashed.
    pub of: Template,
    /// The algorithm.
    #[serde(default)]
    pub algorithm: HashAlgorithm,
    /// How the result is written.
    #[serde(default)]
    pub encoding: Encoding,
}

/// A keyed hash.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// The key.
    pub key: Template,
    /// How the bytes of the key are written (quirk 70).
    #[serde(default)]
    pub key_encoding: KeyEncoding,
    /// What is signed, such as `"{{date}}\n{{request.method}}\n{{request.target}}"`.
    pub of: Template,
    /// The algorithm.
    #[serde(default)]
    pub algorithm: HashAlgorithm,
    /// How the result is written.
    #[serde(default)]
    pub encoding: Encoding,
}

/// A signature with Ed25519.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ed25519 {
    /// The private key: PKCS #8 as PEM, or its 32 bytes (or 64, with the public key) in hexadecimal or base64.
    pub key: Template,
    /// What is signed.
    pub of: Template,
    /// How the result is written.
    #[serde(default)]
    pub encoding: Encoding,
}

/// The fingerprint of a key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// The private key (RSA) as PEM.
    pub key: Template,
}

/// A hash algorithm (FIPS 180-4).
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HashAlgorithm {
    /// SHA-1, for providers that take nothing better.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How bytes are written as text (RFC 4648).
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Hexadecimal digits in lower case.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
    /// Base64 for URLs, without padding.
    Base64url,
}

/// How the bytes of a key are written.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyEncoding {
    /// The text itself.
    #[default]
    Utf8,
    /// Hexadecimal digits.
    Hex,
    /// Base64, either alphabet, with or without padding.
    Base64,
}

impl ComputedValue {
    /// The names that it is made of, with repetitions.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Random(_) | Self::Time(_) => Vec::new(),
            Self::Jwt(jwt) => jwt.names(),
            Self::Saml(saml) => saml.names(),
            Self::Mint(mint) => mint.names(),
            Self::Text(Text { of, .. }) | Self::Part(Part { of, .. }) | Self::Hash(Digest { of, .. }) => {
                of.names().collect()
            }
            Self::Hmac(Hmac { key, of, .. }) | Self::Ed25519(Ed25519 { key, of, .. }) => {
                key.names().chain(of.names()).collect()
            }
            Self::Fingerprint(Fingerprint { key }) => key.names().collect(),
        }
    }
}
