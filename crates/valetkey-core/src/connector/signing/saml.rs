//! An assertion of SAML that is signed with a key of the account (quirk 71).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Encoding;
use crate::connector::Template;

/// A bearer assertion of SAML 2.0 as RFC 7522 §3 has it, signed with RSA and SHA-256, made anew for each request that
/// names it. It stands in a parameter of a `mint`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Saml {
    /// The private key (RSA) as PEM. Line breaks may be written as `\n` or be lost, the first and last line may be missing,
    /// and the whole may be in base64.
    pub key: Template,
    /// A certificate as PEM, which goes along with the signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Template>,
    /// Who has made it.
    pub issuer: Template,
    /// Whom it is about: the name of a user.
    pub subject: Template,
    /// What kind of name that is.
    #[serde(default = "unspecified")]
    pub subject_format: String,
    /// Whom it is for: the entity id of the authorization server.
    pub audience: Template,
    /// The address of the token endpoint.
    pub recipient: Template,
    /// How the subject has signed in, as the URI of a context class. Absent: nothing is said about it, as RFC 7522 §3 wants
    /// it where the client acts without the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication_context: Option<String>,
    /// Attributes by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Template>,
    /// How long it works, in seconds, from 10 to 3600.
    #[serde(default = "ten_minutes")]
    pub lifetime_seconds: i64,
    /// How far before now it begins to work, in seconds, at most 300, for providers whose clock is behind.
    #[serde(default = "minute")]
    pub backdated_seconds: i64,
    /// How it is written: RFC 7522 §2.1 wants base64 for URLs, some providers plain base64.
    #[serde(default = "base64url")]
    pub encoding: Encoding,
}

fn unspecified() -> String {
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".into()
}

const fn ten_minutes() -> i64 {
    600
}

const fn minute() -> i64 {
    60
}

const fn base64url() -> Encoding {
    Encoding::Base64url
}

impl Saml {
    /// What it is made of besides the key, each with its key in the definition.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &Template)> {
        let needed = [
            ("issuer", &self.issuer),
            ("subject", &self.subject),
            ("audience", &self.audience),
            ("recipient", &self.recipient),
        ];
        let certificate = self.certificate.iter().map(|part| ("certificate", part));
        needed.into_iter().chain(certificate).chain(self.attributes.values().map(|part| ("attributes", part)))
    }

    /// The names that it is made of.
    pub(super) fn names(&self) -> Vec<&str> {
        let parts = self.parts().map(|(_, part)| part);
        std::iter::once(&self.key).chain(parts).flat_map(Template::names).collect()
    }
}
