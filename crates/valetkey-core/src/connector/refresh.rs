//! How a new access token is obtained once there is a grant (RFC 6749 §6, and what providers want instead).
//!
//! Quirks have the numbers of the list of provider quirks that a field answers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BodyFormat, ClientAuthentication, LifetimeUnit, Method, Oauth2, Template, TokenAnswer};
use crate::{Timestamp, credential::OauthCredential};

/// How a new access token is obtained. What is absent is as at the token endpoint.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Refresh {
    /// What is presented (quirk 55).
    pub way: RefreshWay,
    /// The address, where it is not that of the token endpoint (quirk 59). Placeholders are connection, account and
    /// discovered fields, and `token` where `token_place` is `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Template>,
    /// The method (quirks 34, 55).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// How we authenticate (quirk 31).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_authentication: Option<ClientAuthentication>,
    /// Where the parameters go (quirk 33).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyFormat>,
    /// The value of `grant_type` where it is not that of the way; `exchange_access_token` has none of its own
    /// (quirks 35, 55).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<String>,
    /// Other names for standard parameters, such as `access_token: fb_exchange_token`; an empty name leaves one out
    /// (quirks 35, 55).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_names: Option<BTreeMap<String, String>>,
    /// Further parameters (quirks 35, 41).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<BTreeMap<String, Template>>,
    /// Further headers (quirk 39).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<BTreeMap<String, Template>>,
    /// Where the presented token goes (quirk 59).
    pub token_place: TokenPlace,
    /// Whether the granted scopes are sent again (quirk 40). Never more than was granted.
    pub send_scope: bool,
    /// Authorization parameters that are sent again with the value that they had there (quirk 40; RFC 8707 §2.2).
    pub repeat_parameters: Vec<String>,
    /// How the answer is read, where it is not like the one to a code. It takes the place of `token.answer` as a
    /// whole, captures included (quirk 63).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<TokenAnswer>,
    /// A success without a token means that the old one lives on, with the lifetime that the answer or the definition
    /// tells (quirk 58).
    pub extends_token: bool,
    /// The provider refuses to refresh earlier than so many seconds before expiry (quirk 60).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_near_expiry: Option<i64>,
    /// Whether the same token may be presented a second time when the answer to the first request was lost. True only
    /// where the provider documents that its refresh tokens do not rotate or stay usable for a while (quirk 57).
    pub repeat_tolerated: bool,
    /// How long a refresh token works (quirk 64).
    pub refresh_token_lifetime: RefreshTokenLifetime,
}

impl Default for Refresh {
    fn default() -> Self {
        Self {
            way: RefreshWay::default(),
            url: None,
            method: None,
            client_authentication: None,
            body: None,
            grant_type: None,
            parameter_names: None,
            parameters: None,
            headers: None,
            token_place: TokenPlace::default(),
            send_scope: false,
            repeat_parameters: vec!["resource".into()],
            answer: None,
            extends_token: false,
            only_near_expiry: None,
            repeat_tolerated: false,
            refresh_token_lifetime: RefreshTokenLifetime::default(),
        }
    }
}

impl Refresh {
    /// Whether `credential` has what the way presents.
    pub fn can_renew(&self, credential: &OauthCredential) -> bool {
        match self.way {
            RefreshWay::RefreshToken => {
                credential.refresh_token.as_ref().is_some_and(|token| !token.is_empty())
            }
            RefreshWay::ExchangeAccessToken => !credential.access_token.is_empty(),
            RefreshWay::ClientCredentials => true,
            RefreshWay::None => false,
        }
    }

    /// The first moment at which the provider accepts a refresh of a token that runs out at `expires_at` (quirk 60);
    /// `None` where it accepts one at any time.
    pub fn earliest(&self, expires_at: Timestamp) -> Option<Timestamp> {
        self.only_near_expiry.map(|seconds| expires_at.plus_seconds(seconds.saturating_neg()))
    }
}

/// What is presented for a new access token.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefreshWay {
    /// The refresh token (RFC 6749 §6).
    #[default]
    RefreshToken,
    /// The access token itself, while it works (quirk 55).
    ExchangeAccessToken,
    /// Only our own client authentication (RFC 6749 §4.4), for grants that belong to a tenant (quirk 55).
    ClientCredentials,
    /// Nothing: the user has to authorize again when the token runs out.
    None,
}

/// Where a token goes in a request about itself.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// A parameter.
    #[default]
    Parameter,
    /// The header `authorization: Bearer …` (RFC 6750 §2.1).
    Bearer,
    /// The path of the address, at the placeholder `{{token}}`.
    Path,
}

/// How long a refresh token works. Absent: until it is revoked.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RefreshTokenLifetime {
    /// JSON pointer of the lifetime in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Its unit there.
    pub unit: LifetimeUnit,
    /// Seconds from its issue, where the answer has no lifetime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
    /// Seconds without use after which it stops working: it has to be used before, even if nobody needs the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_seconds: Option<i64>,
}

/// The refresh request of a definition, with what it has in common with the token endpoint filled in.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RefreshEndpoint<'a> {
    /// The address.
    pub url: &'a Template,
    /// The method.
    pub method: Method,
    /// Where the parameters go.
    pub body: BodyFormat,
    /// The value of `grant_type`; empty leaves it out.
    pub grant_type: &'a str,
    /// Other names for standard parameters.
    pub parameter_names: &'a BTreeMap<String, String>,
    /// Further parameters.
    pub parameters: &'a BTreeMap<String, Template>,
    /// Further headers.
    pub headers: &'a BTreeMap<String, Template>,
    /// How the answer is read.
    pub answer: &'a TokenAnswer,
}

impl Oauth2 {
    /// The refresh request, with what it has in common with the token endpoint filled in.
    pub fn refresh_endpoint(&self) -> RefreshEndpoint<'_> {
        let (refresh, token) = (&self.refresh, &self.token);
        RefreshEndpoint {
            url: refresh.url.as_ref().unwrap_or(&token.url),
            method: refresh.method.unwrap_or(token.method),
            body: refresh.body.unwrap_or(token.body),
            grant_type: refresh.grant_type.as_deref().unwrap_or(match refresh.way {
                RefreshWay::RefreshToken => "refresh_token",
                RefreshWay::ClientCredentials => "client_credentials",
                RefreshWay::ExchangeAccessToken | RefreshWay::None => "",
            }),
            parameter_names: refresh.parameter_names.as_ref().unwrap_or(&token.parameter_names),
            parameters: refresh.parameters.as_ref().unwrap_or(&token.parameters),
            headers: refresh.headers.as_ref().unwrap_or(&token.headers),
            answer: refresh.answer.as_ref().unwrap_or(&token.answer),
        }
    }

    /// How we authenticate in a refresh request, where `connection` is the way of the connection.
    pub fn refresh_authentication(&self, connection: ClientAuthentication) -> ClientAuthentication {
        self.refresh.client_authentication.unwrap_or(connection)
    }
}
