//! The ways in which an account authenticates.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AwsSigv4, Computed, Field, Oauth1, Oauth2, Template};
use crate::account::stored_names;

/// The authentication scheme of a connector.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AuthScheme {
    /// OAuth 2.0 authorization code grant (RFC 6749 §4.1).
    Oauth2(Box<Oauth2>),
    /// HTTP Basic (RFC 7617) with values that the user fills in.
    Basic(BasicAuth),
    /// A bearer token (RFC 6750) that the user fills in.
    Bearer(BearerAuth),
    /// One or several keys that the user fills in, in headers or query parameters.
    ApiKey(ApiKeyAuth),
    /// No credential.
    None,
}

stored_names! {
    /// The kind of a scheme.
    AuthType {
        /// See [`AuthScheme::Oauth2`].
        Oauth2 = "oauth2",
        /// See [`AuthScheme::Basic`].
        Basic = "basic",
        /// See [`AuthScheme::Bearer`].
        Bearer = "bearer",
        /// See [`AuthScheme::ApiKey`].
        ApiKey = "api_key",
        /// See [`AuthScheme::None`].
        None = "none",
    }
}

impl AuthScheme {
    /// The kind of this scheme.
    pub const fn kind(&self) -> AuthType {
        match self {
            Self::Oauth2(_) => AuthType::Oauth2,
            Self::Basic(_) => AuthType::Basic,
            Self::Bearer(_) => AuthType::Bearer,
            Self::ApiKey(_) => AuthType::ApiKey,
            Self::None => AuthType::None,
        }
    }

    /// What the user fills in on the hosted page as the credential itself; empty for OAuth and for no credential.
    pub fn credential_fields(&self) -> &[Field] {
        match self {
            Self::Basic(auth) => &auth.fields,
            Self::Bearer(auth) => &auth.fields,
            Self::ApiKey(auth) => &auth.fields,
            Self::Oauth2(_) | Self::None => &[],
        }
    }

    /// The names by which a placement may name the credential: tokens, or the fields that the user fills in.
    pub fn credential_names(&self) -> BTreeSet<&str> {
        match self {
            Self::Oauth2(oauth2) => std::iter::once("access_token")
                .chain(oauth2.token.answer.additional_tokens.keys().map(String::as_str))
                .chain(oauth2.session.iter().map(|session| session.name.as_str()))
                .collect(),
            _ => self.credential_fields().iter().map(|field| field.name.as_str()).collect(),
        }
    }

    /// Where the credential goes in a request to the API.
    pub fn placements(&self) -> Vec<Placement> {
        match self {
            Self::Oauth2(oauth2) => oauth2.place.clone(),
            Self::Basic(auth) => {
                vec![Placement::Basic { username: auth.username.clone(), password: auth.password.clone() }]
            }
            Self::Bearer(auth) => vec![Placement::Header {
                name: auth.header.clone(),
                value: Template::new(format!("Bearer {}", auth.token)),
            }],
            Self::ApiKey(auth) => auth.place.clone(),
            Self::None => Vec::new(),
        }
    }
}

/// HTTP Basic from fields.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// What the user fills in.
    pub fields: Vec<Field>,
    /// The user name, such as `{{api_key}}` or `{{email}}/token`.
    pub username: Template,
    /// The password, such as `{{password}}` or the constant `X`.
    pub password: Template,
}

/// A bearer token from fields.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BearerAuth {
    /// What the user fills in.
    pub fields: Vec<Field>,
    /// The token, without `Bearer`.
    pub token: Template,
    /// The request header.
    #[serde(default = "authorization")]
    pub header: String,
}

fn authorization() -> String {
    "authorization".into()
}

/// Keys from fields.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyAuth {
    /// What the user fills in.
    pub fields: Vec<Field>,
    /// Where each key goes.
    pub place: Vec<Placement>,
}

/// A place for a credential in a request. Only here may a template name a credential field.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Placement {
    /// A request header.
    Header {
        /// Header name.
        name: String,
        /// Header value, such as `Token {{api_key}}`.
        value: Template,
    },
    /// A query parameter.
    Query {
        /// Parameter name.
        name: String,
        /// Parameter value.
        value: Template,
    },
    /// The `Authorization: Basic` header.
    Basic {
        /// The user name.
        username: Template,
        /// The password.
        password: Template,
    },
    /// Values that are made for each request, such as a signature or a signed token.
    Computed(Computed),
    /// AWS Signature Version 4.
    AwsSigv4(Box<AwsSigv4>),
    /// OAuth 1.0a.
    Oauth1(Box<Oauth1>),
}
