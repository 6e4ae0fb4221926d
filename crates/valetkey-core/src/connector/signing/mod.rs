//! Credentials that are made for each request: signatures over it, signed tokens, and tokens that another credential is
//! exchanged for.
//!
//! Quirks have the numbers of the list of provider quirks that a field answers.

mod aws;
mod jwt;
mod login;
mod mint;
mod oauth1;
mod saml;
mod value;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use aws::{AwsPathEncoding, AwsSigv4};
pub(super) use jwt::texts;
pub use jwt::{Jwt, JwtAlgorithm};
pub use login::{LoginDocument, LoginRequest};
pub use mint::{Mint, MintStep};
pub use oauth1::{Oauth1, Oauth1Method};
pub use saml::Saml;
pub use value::{
    ComputedValue, Digest, Ed25519, Encoding, Fingerprint, HashAlgorithm, Hmac, KeyEncoding, Part, Random,
    Text, TimeFormat,
};

use super::Placement;

/// What a value may name of the request that it is made for.
///
/// - `request.method`, `request.host` (with the port where it is not the usual one), `request.path`
/// - `request.query`: as it is sent; `request.sorted_query`: each name and value escaped as RFC 3986 §2.1 says, in order
/// - `request.parameters`: the same of the query and of a form in the body together
/// - `request.target`: path and query as they are sent; `request.url`: scheme, host and path
/// - `request.body`: the body, in `of` of `hash`, `hmac` and `ed25519` only
///
/// Parameters that the same place adds are not among them.
pub const REQUEST_VALUES: [&str; 9] = [
    "request.body",
    "request.host",
    "request.method",
    "request.parameters",
    "request.path",
    "request.query",
    "request.sorted_query",
    "request.target",
    "request.url",
];

/// Values that are made for each request, and where they stand (quirks 69 to 73, 75 to 77).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Computed {
    /// The values by name. Each may name the credential, fields, other values, and of the request: `request.method`,
    /// `request.host`, `request.path`, `request.query`, `request.sorted_query`, `request.parameters` (query and form),
    /// `request.target`, `request.url` and, where bytes are hashed or signed, `request.body`. What nothing names is not
    /// made.
    pub values: BTreeMap<String, ComputedValue>,
    /// Where they stand: `header`, `query`, `basic`, and last perhaps `aws_sigv4`, which then signs with what was made.
    pub place: Vec<Placement>,
}

impl Computed {
    /// The value of `name`, or the token together with which `name` was captured: `session` for `session.secret_key`.
    pub fn source_of(&self, name: &str) -> Option<(&str, &ComputedValue)> {
        let own = name.split('.').next().unwrap_or_default();
        let (own, value) = self.values.get_key_value(own)?;
        let fits = match value {
            ComputedValue::Mint(mint) if own != name => {
                mint.answer.capture.contains_key(&name[own.len() + 1..])
            }
            _ => own == name,
        };
        fits.then_some((own.as_str(), value))
    }
}

impl Placement {
    /// Whether it depends on the request, or on what is made for it, so that it comes last.
    pub const fn is_signing(&self) -> bool {
        match self {
            Self::Header { .. } | Self::Query { .. } | Self::Basic { .. } => false,
            Self::Computed(_) | Self::AwsSigv4(_) | Self::Oauth1(_) => true,
        }
    }

    /// Whether it signs the whole request, so that nothing may come after it.
    pub fn signs_everything(&self) -> bool {
        match self {
            Self::Header { .. } | Self::Query { .. } | Self::Basic { .. } => false,
            Self::Computed(computed) => computed.place.iter().any(Self::signs_everything),
            Self::AwsSigv4(_) | Self::Oauth1(_) => true,
        }
    }

    /// Whether it cannot be made before the whole body is known; `form`: the body is a form.
    pub fn needs_body(&self, form: bool) -> bool {
        match self {
            Self::Header { .. } | Self::Query { .. } | Self::Basic { .. } => false,
            Self::Computed(computed) => {
                let mut names = computed.values.values().flat_map(ComputedValue::names);
                names.any(|name| name == "request.body" || form && name == "request.parameters")
                    || computed.place.iter().any(|place| place.needs_body(form))
            }
            Self::AwsSigv4(aws) => !aws.unsigned_streams,
            // Of a body only the parameters of a form are signed.
            Self::Oauth1(_) => form,
        }
    }
}
