//! The free-form `auth_patterns` of published clients, and what they mean as a definition.
//!
//! A pattern has one of the types `OAUTH`, `BASIC`, `BEARER`, `API_KEY` and `NO_AUTH`. Keys that are not listed in [`Pattern`]
//! have no meaning here; who stores the pattern keeps them.
//!
//! - A field that `proxy_url` or an endpoint names becomes an account field with a checked format; so does every
//!   field of OAUTH. A placeholder that no field declares becomes a required account field.
//! - The other fields are the credential. What a template needs is required, whatever the pattern says.
//! - Where no `allowed_proxy_domains` matches, the credential may go to the host of `proxy_url` only. A single
//!   pattern there such as `*.example.com` also bounds the hosts that users may enter.
//! - OAUTH without endpoints, as MCP servers have it, gets empty ones: the connection has to give them, or discovery
//!   has to find them.

mod credential;
mod fields;
mod read;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use read::from_auth_patterns;
pub use write::to_auth_patterns;

/// One pattern.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Pattern {
    r#type: String,
    display_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    fields: Vec<PatternField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    account_fields: Vec<PatternField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_config: Option<OauthConfig>,
    #[serde(skip_serializing_if = "String::is_empty")]
    auth_header_key_override: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    auth_field_mutations: BTreeMap<String, Mutation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_proxy_domains: Vec<String>,
}

/// One input.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct PatternField {
    field_name: String,
    label: String,
    input_type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    hint: String,
    required: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<PatternOption>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_path_param: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    header_name: String,
}

/// One choice.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct PatternOption {
    value: String,
    display_name: String,
    default: bool,
}

/// Settings of OAUTH.
#[derive(Serialize, Deserialize)]
#[serde(default)]
struct OauthConfig {
    authorize_uri: String,
    token_uri: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    user_info_uri: String,
    available_scopes: Vec<PatternScope>,
    pkce_enabled: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    custom_scope_name: String,
}

impl Default for OauthConfig {
    fn default() -> Self {
        Self {
            authorize_uri: String::new(),
            token_uri: String::new(),
            user_info_uri: String::new(),
            available_scopes: vec![],
            pkce_enabled: true,
            custom_scope_name: String::new(),
        }
    }
}

/// One scope.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct PatternScope {
    scope: String,
    display_name: String,
    description: String,
    required: bool,
}

/// What is done to a value before it is placed: the default where it is absent, then prefix and suffix.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Mutation {
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suffix: Option<String>,
}
