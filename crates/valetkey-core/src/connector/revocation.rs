//! How tokens are revoked (RFC 7009, or the provider's own call).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BodyFormat, ClientAuthentication, ErrorRule, Method, Template, TokenPlace, oauth2::post};

/// How tokens are revoked. Any status from 200 to 299 is a success, whatever the body says unless a rule finds an
/// error there.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The revocation endpoint (RFC 7009 §2). Placeholders are connection, account and discovered fields,
    /// `client_id`, and `token` where `token_place` is `path`.
    pub url: Template,
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// Where the token goes. In the header `authorization` it is the only authentication.
    #[serde(default)]
    pub token_place: TokenPlace,
    /// Which tokens are handed in, in this order. A provider that revokes the whole grant by one of them needs one.
    #[serde(default = "both")]
    pub tokens: Vec<RevokedToken>,
    /// How we authenticate there; absent: as at the token endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_authentication: Option<ClientAuthentication>,
    /// Where the parameters go.
    #[serde(default)]
    pub body: BodyFormat,
    /// Other names for the parameters `token`, `token_type_hint`, `client_id` and `client_secret`; an empty name
    /// leaves one out.
    #[serde(default)]
    pub parameter_names: BTreeMap<String, String>,
    /// Further parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, Template>,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// Signs of an error. `grant_revoked` and `revoked_at_provider` mean that the token does not work any more, which
    /// is what was wanted.
    #[serde(default = "standard_error")]
    pub errors: Vec<ErrorRule>,
}

/// A token that is handed in for revocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokedToken {
    /// The refresh token; with it an authorization server should revoke the access tokens of the grant too
    /// (RFC 7009 §2.1).
    RefreshToken,
    /// The access token.
    AccessToken,
}

impl RevokedToken {
    /// The value of `token_type_hint` (RFC 7009 §2.1).
    pub const fn hint(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh_token",
            Self::AccessToken => "access_token",
        }
    }
}

fn both() -> Vec<RevokedToken> {
    vec![RevokedToken::RefreshToken, RevokedToken::AccessToken]
}

fn standard_error() -> Vec<ErrorRule> {
    vec![ErrorRule::at("/error")]
}
