//! Connector definitions: everything Valetkey knows about a provider, as data.
//!
//! A definition is a YAML file `connectors/<slug>/connector.yaml`, or the same shape stored in the database for a
//! custom provider. A quirk of a provider is a documented field here with one reader in `valetkey-provider`; there
//! is no code for a single provider. The JSON Schema of the format is derived from these types. Enums are written
//! with their variant as the only key (`auth: {oauth2: …}`), so that an error keeps its line.

mod api;
mod auth;
mod auth_patterns;
mod client_authentication;
mod definition;
mod field;
mod host;
mod oauth2;
mod rate_limit;
mod refresh;
mod relocation;
mod revocation;
mod session;
mod signing;
mod template;
mod token_answer;
mod validate;

pub use api::{Api, ApiErrors, BodyRule, CheckRequest, Method};
pub use auth::{ApiKeyAuth, AuthScheme, AuthType, BasicAuth, BearerAuth, Placement};
pub use auth_patterns::{from_auth_patterns, to_auth_patterns};
pub use client_authentication::{AssertionAlgorithm, ClientAssertion, ClientAuthentication};
pub use definition::{
    DefinitionError, Document, EXTENDS, Registry, builtin, check, json_schema, merge_patch, parse_yaml,
};
pub use field::{Field, FieldFormat, FieldOption, InputType, InvalidField};
pub use host::host_matches;
pub use oauth2::{
    AuthorizationEndpoint, BodyFormat, Callback, Discovery, Identity, Oauth2, Pkce, PushedAuthorization,
    ScopeInfo, Scopes, SecondaryScopes, TokenEndpoint,
};
pub use rate_limit::{RateLimit, RateLimitReset, RateLimitSign, ResetUnit};
pub use refresh::{Refresh, RefreshEndpoint, RefreshTokenLifetime, RefreshWay, TokenPlace};
pub use revocation::{Revocation, RevokedToken};
pub use session::Session;
use signing::texts as signing_texts;
pub use signing::{
    AwsPathEncoding, AwsSigv4, Computed, ComputedValue, Digest, Ed25519, Encoding, Fingerprint,
    HashAlgorithm, Hmac, Jwt, JwtAlgorithm, KeyEncoding, LoginDocument, LoginRequest, Mint, MintStep, Oauth1,
    Oauth1Method, Part, REQUEST_VALUES, Random, Saml, Text, TimeFormat,
};
pub use template::{MissingField, Template};
pub use token_answer::{
    AdditionalRefresh, AdditionalToken, AnswerFormat, ErrorMeaning, ErrorRule, Lifetime, LifetimeUnit,
    TokenAnswer,
};
pub use validate::{Violation, validate};

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The definition of a connector.
///
/// A template sees each declared field; an optional field without a value is empty text there.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// Lower-case name, unique among connectors; tool names start with it. Letters, digits, `_` and `-`.
    pub slug: String,
    /// The name on the wire (`provider` of an account, `provider_key` of a connection). Upper case for built-in ones.
    pub provider_key: String,
    /// The name shown to people.
    pub name: String,
    /// One sentence: what the service is.
    pub description: String,
    /// Where the provider documents its authentication. Every definition that comes with Valetkey says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Catalogue categories.
    #[serde(default)]
    pub categories: Vec<String>,
    /// From 0 to 10; tools of greater ones are found first where they fit a request equally well. For services that most
    /// people mean when they name no service.
    #[serde(default)]
    pub display_priority: u8,
    /// `https` address of an icon, for API clients. Hosted pages make no third-party request and do not load it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// What an operator has to do at the provider before the first connection works, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// Values that the operator sets once per connection, such as a tenant or a region.
    #[serde(default)]
    pub connection_fields: Vec<Field>,
    /// Values that each user gives before authorization, such as a subdomain. They are not secret.
    #[serde(default)]
    pub account_fields: Vec<Field>,
    /// Values that authorization yields, such as a cloud id or the host of the API; each is filled by a `capture` and
    /// checked like one that a user typed. The user is not asked for them.
    #[serde(default)]
    pub discovered_fields: Vec<Field>,
    /// How an account is authorized and how its credential travels.
    pub auth: AuthScheme,
    /// The API that the credential opens.
    pub api: Api,
    /// Keys that `api_config` always shows, `null` where unset. Published clients of some providers expect them.
    #[serde(default)]
    pub api_config_keys: Vec<String>,
    /// Whether its provider is one for tests: accounts may be test accounts, whose tokens are handed to whoever may change
    /// accounts, and which are authorized without a person (`prompt=none` with `login_hint`). Custom providers cannot say
    /// so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test_provider: bool,
    /// Free pairs kept for the caller of a custom provider.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

impl Connector {
    /// All declared fields: of the connection, of the account, and those that authorization yields.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.connection_fields.iter().chain(&self.account_fields).chain(&self.discovered_fields)
    }

    /// The declared field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().find(|field| field.name == name)
    }

    /// The scopes that an account can be asked to grant.
    pub fn offered_scopes(&self) -> BTreeSet<&str> {
        let AuthScheme::Oauth2(oauth2) = &self.auth else { return BTreeSet::new() };
        let scopes = &oauth2.scopes;
        let available = scopes.available.iter().map(|info| info.scope.as_str());
        scopes.always.iter().chain(&scopes.default).map(String::as_str).chain(available).collect()
    }

    /// What templates see: `given`, and for each declared field without a value its default, or empty text where it
    /// is optional. A required field without a value stays absent, so that a template names it as missing.
    pub fn complete(&self, mut given: BTreeMap<String, String>) -> BTreeMap<String, String> {
        for field in self.fields() {
            let absent = match &field.default {
                Some(default) => Some(default.clone()),
                None => (!field.required).then(String::new),
            };
            if let Some(value) = absent {
                given.entry(field.name.clone()).or_insert(value);
            }
        }
        given
    }

    /// What a callback, a token answer or a discovery request has brought, checked like values that a user typed.
    /// Values that no discovered field declares are dropped.
    pub fn discovered(
        &self,
        captured: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, InvalidField> {
        let mut values = BTreeMap::new();
        for field in &self.discovered_fields {
            let Some(value) = captured.get(&field.name) else { continue };
            if let Some(value) = field.normalize(Some(value))? {
                values.insert(field.name.clone(), value);
            }
        }
        Ok(values)
    }

    /// The discovered field that calls need and `values` does not have, if there is one.
    pub fn undiscovered(&self, values: &BTreeMap<String, String>) -> Option<&Field> {
        self.discovered_fields.iter().find(|field| field.required && !values.contains_key(&field.name))
    }
}
