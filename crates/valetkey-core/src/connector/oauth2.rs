//! OAuth 2.0 as providers really speak it.
//!
//! Quirks have the numbers of the list of provider quirks that a field answers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ClientAssertion, ClientAuthentication, Method, Placement, Refresh, Revocation, Session, Template,
    TokenAnswer,
};
use crate::scope::ScopeSet;

/// The authorization code grant of a provider (RFC 6749 §4.1).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oauth2 {
    /// The authorization endpoint.
    pub authorization: AuthorizationEndpoint,
    /// The redirect back to us.
    #[serde(default)]
    pub callback: Callback,
    /// The token endpoint.
    pub token: TokenEndpoint,
    /// How a new access token is obtained once there is a grant.
    #[serde(default)]
    pub refresh: Refresh,
    /// A second call that opens a session with each new access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    /// Scopes.
    #[serde(default)]
    pub scopes: Scopes,
    /// Who has authorized, asked with the new token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Requests made with the new token whose answers fill account fields, such as a cloud id.
    #[serde(default)]
    pub discovery: Vec<Discovery>,
    /// How a token is revoked (RFC 7009 or the provider's own call).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Revocation>,
    /// Where the access token goes in an API request (quirk 78). Placeholders: `access_token`, names of additional
    /// tokens, fields.
    #[serde(default = "bearer")]
    pub place: Vec<Placement>,
}

impl Oauth2 {
    /// Whether both endpoints are open. A connection to a custom provider then has to give them.
    pub fn has_no_endpoints(&self) -> bool {
        self.authorization.url.as_str().is_empty() && self.token.url.as_str().is_empty()
    }
}

fn bearer() -> Vec<Placement> {
    vec![Placement::Header { name: "authorization".into(), value: Template::new("Bearer {{access_token}}") }]
}

/// The authorization endpoint (RFC 6749 §3.1).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationEndpoint {
    /// Its address. Placeholders are connection and account fields (quirk 19). A query after a `#` route is kept
    /// there (quirk 11).
    pub url: Template,
    /// The value of `response_type`; empty leaves the parameter out (quirk 4).
    #[serde(default = "code")]
    pub response_type: String,
    /// Other names for standard parameters, such as `client_id: client_key` (quirks 2, 3). An empty name leaves the
    /// parameter out (quirk 12).
    #[serde(default)]
    pub parameter_names: BTreeMap<String, String>,
    /// Further parameters, such as `access_type: offline` or `audience: api.example.com` (quirks 5, 6, 8, 18). An
    /// operator may override their values on the connection. Parameters that render empty are left out (quirk 10).
    #[serde(default)]
    pub parameters: BTreeMap<String, Template>,
    /// Proof key for code exchange (RFC 7636) (quirk 14).
    #[serde(default)]
    pub pkce: Pkce,
    /// Whether a fresh `nonce` goes with each request (quirk 9).
    #[serde(default)]
    pub nonce: bool,
    /// The issuer identifier. Where it is given, a callback must carry the same `iss` (RFC 9207).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Pushed authorization requests (RFC 9126).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<PushedAuthorization>,
}

impl AuthorizationEndpoint {
    /// An endpoint with the defaults of the format.
    pub fn at(url: &str) -> Self {
        Self {
            url: Template::new(url),
            response_type: code(),
            parameter_names: BTreeMap::new(),
            parameters: BTreeMap::new(),
            pkce: Pkce::default(),
            nonce: false,
            issuer: None,
            pushed: None,
        }
    }
}

fn code() -> String {
    "code".into()
}

/// Whether requests carry a code challenge.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pkce {
    /// `code_challenge_method=S256`.
    #[default]
    S256,
    /// No code challenge, for the given reason.
    Disabled(String),
}

/// Pushed authorization requests (RFC 9126).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushedAuthorization {
    /// The endpoint.
    pub url: Template,
    /// Whether the provider accepts pushed requests only. A failed push then ends the flow; otherwise it also does,
    /// because a silent fall back would hide an attack.
    #[serde(default)]
    pub required: bool,
}

/// The redirect back to us (RFC 6749 §4.1.2).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// The parameter that carries the code (quirk 21).
    #[serde(default = "code")]
    pub code_parameter: String,
    /// The parameter that carries our state (quirk 3).
    #[serde(default = "state")]
    pub state_parameter: String,
    /// Account fields taken from parameters of the redirect: field name to parameter (quirk 23). A field that a URL
    /// uses is checked like one that the user typed (quirk 24).
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
}

fn state() -> String {
    "state".into()
}

impl Default for Callback {
    fn default() -> Self {
        Self { code_parameter: code(), state_parameter: state(), capture: BTreeMap::new() }
    }
}

/// Scopes of a provider (RFC 6749 §3.3).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scopes {
    /// The name of the request parameter.
    #[serde(default = "scope")]
    pub parameter: String,
    /// What stands between two scopes, in the request and in the answer (quirk 1).
    #[serde(default = "space")]
    pub separator: String,
    /// Whether scopes are sent; some providers take them from the registered application and refuse them (quirk 13).
    #[serde(default = "yes")]
    pub sent: bool,
    /// Scopes that every request has, such as `openid` or `offline_access` (quirk 7).
    #[serde(default)]
    pub always: Vec<String>,
    /// Scopes of a connection that names none.
    #[serde(default)]
    pub default: Vec<String>,
    /// Scopes in plain words, for the consent page and the operator.
    #[serde(default)]
    pub available: Vec<ScopeInfo>,
    /// Scopes that the provider grants without listing them in its answer. Their absence there means nothing.
    #[serde(default)]
    pub unlisted: Vec<String>,
    /// A second set in a parameter of its own, such as Slack's `user_scope` (quirk 15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary: Option<SecondaryScopes>,
}

fn scope() -> String {
    "scope".into()
}

fn space() -> String {
    " ".into()
}

const fn yes() -> bool {
    true
}

impl Default for Scopes {
    fn default() -> Self {
        Self {
            parameter: scope(),
            separator: space(),
            sent: true,
            always: vec![],
            default: vec![],
            available: vec![],
            unlisted: vec![],
            secondary: None,
        }
    }
}

impl Scopes {
    /// What was granted where the provider has answered with `listed`: that, and those of `requested` that it never
    /// lists.
    pub fn granted(&self, requested: &ScopeSet, listed: &ScopeSet) -> ScopeSet {
        let silent: ScopeSet =
            self.unlisted.iter().filter(|scope| requested.contains(scope)).cloned().collect();
        listed.union(&silent)
    }

    /// The description of a scope, where there is one.
    pub fn describe(&self, scope: &str) -> Option<&str> {
        self.available.iter().find(|info| info.scope == scope).map(|info| info.description.as_str())
    }
}

/// A second set of scopes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondaryScopes {
    /// The name of the request parameter.
    pub parameter: String,
    /// Scopes of a connection that names none.
    #[serde(default)]
    pub default: Vec<String>,
}

/// One scope in plain words.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeInfo {
    /// The scope.
    pub scope: String,
    /// What it allows, as the end of "will be able to …", such as `read your messages`.
    pub description: String,
}

/// The token endpoint (RFC 6749 §3.2).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenEndpoint {
    /// Its address. Placeholders are connection and account fields (quirks 20, 42).
    pub url: Template,
    /// The method (quirk 34).
    #[serde(default = "post")]
    pub method: Method,
    /// How we authenticate (quirks 31, 32). A connection may choose another.
    #[serde(default)]
    pub client_authentication: ClientAuthentication,
    /// What an assertion says, where we authenticate by `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_assertion: Option<ClientAssertion>,
    /// Where the parameters go (quirk 33).
    #[serde(default)]
    pub body: BodyFormat,
    /// Other names for standard parameters; an empty name leaves one out (quirks 35, 37).
    #[serde(default)]
    pub parameter_names: BTreeMap<String, String>,
    /// Further parameters (quirks 35, 41).
    #[serde(default)]
    pub parameters: BTreeMap<String, Template>,
    /// Further headers (quirk 39).
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// The value of `grant_type` for the code exchange where it is not `authorization_code` (quirk 35).
    #[serde(default = "authorization_code")]
    pub grant_type: String,
    /// Whether `state` goes with the exchange (quirk 38).
    #[serde(default)]
    pub send_state: bool,
    /// How the answer is read.
    #[serde(default)]
    pub answer: TokenAnswer,
}

impl TokenEndpoint {
    /// An endpoint with the defaults of the format.
    pub fn at(url: &str) -> Self {
        Self {
            url: Template::new(url),
            method: post(),
            client_authentication: ClientAuthentication::default(),
            client_assertion: None,
            body: BodyFormat::default(),
            parameter_names: BTreeMap::new(),
            parameters: BTreeMap::new(),
            headers: BTreeMap::new(),
            grant_type: authorization_code(),
            send_state: false,
            answer: TokenAnswer::default(),
        }
    }
}

pub(super) const fn post() -> Method {
    Method::Post
}

fn authorization_code() -> String {
    "authorization_code".into()
}

/// Where the parameters of a request go.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`.
    #[default]
    Form,
    /// `application/json`.
    Json,
    /// The query of the URL.
    Query,
}

/// Who has authorized. A failure here does not fail the authorization.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The request; its host must be one that the credential may be sent to. Absent: read the token answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Template>,
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// A JSON body, for providers whose user query is GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// JSON pointer (RFC 6901) of the provider's own id of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// JSON pointer of the e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Identity {
    /// A user info endpoint with the standard claims (`OpenID` Connect Core §5.3).
    pub fn at(url: &str) -> Self {
        Self {
            url: Some(Template::new(url)),
            method: Method::Get,
            body: None,
            account_id: Some("/sub".into()),
            email: Some("/email".into()),
        }
    }
}

/// A request whose answer fills account fields.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Discovery {
    /// The request, a GET with the new token; its host must be one that the credential may be sent to.
    pub url: Template,
    /// Account fields: name to JSON pointer in the answer.
    pub capture: BTreeMap<String, String>,
}
