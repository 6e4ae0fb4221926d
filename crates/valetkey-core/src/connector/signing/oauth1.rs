//! OAuth 1.0a (quirk 74).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::connector::Template;

/// A signature of OAuth 1.0a (RFC 5849 §3), in the `authorization` header. It is made for one address: where the provider
/// redirects, the caller is told, and a call to the new address is signed anew.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oauth1 {
    /// The consumer key, `oauth_consumer_key`.
    pub consumer_key: Template,
    /// The consumer secret.
    pub consumer_secret: Template,
    /// The token, `oauth_token`. Where it is absent or comes out empty, none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Template>,
    /// The token secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_secret: Option<Template>,
    /// The signature method.
    #[serde(default)]
    pub method: Oauth1Method,
    /// The realm, which is named and not signed, such as the account at `NetSuite`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<Template>,
}

/// A signature method.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Oauth1Method {
    /// RFC 5849 §3.4.2.
    #[default]
    #[serde(rename = "HMAC-SHA1")]
    HmacSha1,
    /// The same with SHA-256, which the RFC does not know and providers ask for.
    #[serde(rename = "HMAC-SHA256")]
    HmacSha256,
}

impl Oauth1Method {
    /// The name in `oauth_signature_method`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
        }
    }
}
