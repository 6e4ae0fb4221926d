//! How we authenticate as a client (RFC 6749 §2.3, RFC 7523).
//!
//! Quirks have the numbers of the list of provider quirks that a field answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Template;

/// How a client authenticates at the token endpoint (RFC 6749 §2.3).
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// `client_id` and `client_secret` in the body.
    #[default]
    ClientSecretPost,
    /// HTTP Basic with form-encoded id and secret, as RFC 6749 §2.3.1 says.
    ClientSecretBasic,
    /// HTTP Basic with id and secret as they are, as many providers expect (quirk 32).
    ClientSecretBasicRaw,
    /// HTTP Basic with the secret as user name and no password (quirk 31).
    SecretAsUsername,
    /// A JWT signed with the key that the client secret has as PEM (RFC 7523 §2.2) (quirk 31).
    PrivateKeyJwt,
    /// No client authentication; `client_id` in the body (a public client).
    None,
}

impl ClientAuthentication {
    /// Whether it leaves the `authorization` header to something else.
    pub const fn leaves_header_free(self) -> bool {
        match self {
            Self::ClientSecretPost | Self::PrivateKeyJwt | Self::None => true,
            Self::ClientSecretBasic | Self::ClientSecretBasicRaw | Self::SecretAsUsername => false,
        }
    }
}

/// What the assertion of `private_key_jwt` says. It works for a minute and once (RFC 7523 §3).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientAssertion {
    /// The signature algorithm (RFC 7518 §3.1).
    #[serde(default)]
    pub algorithm: AssertionAlgorithm,
    /// The id of the key, `kid` in the header. Usually a connection field, as a new key has a new id.
    pub key_id: Template,
    /// `aud`; absent: the address of the token endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Template>,
    /// `iss`; absent: the client id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Template>,
}

/// A signature algorithm (RFC 7518 §3.1).
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AssertionAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[default]
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
}
