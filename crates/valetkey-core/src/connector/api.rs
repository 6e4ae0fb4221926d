//! The API that a credential opens.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RateLimit, Template};

/// The API of a provider.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// `https` address that paths are appended to, such as `https://{{domain}}/api`.
    pub base_url: Template,
    /// Further hosts that the credential may be sent to; `*.` stands for any one or more labels, and a placeholder for
    /// exactly the value of that field. The host of `base_url` is always allowed where it has no placeholder; where it
    /// has one, a pattern here must match it.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// Headers that each request carries, such as an API version.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// A cheap request that tells whether a credential works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckRequest>,
    /// How failures are told apart from answers, and where their code and message are.
    #[serde(default, skip_serializing_if = "ApiErrors::is_default")]
    pub errors: ApiErrors,
    /// How it says that it was asked too often, and when to go on.
    #[serde(default, skip_serializing_if = "RateLimit::is_default")]
    pub rate_limit: RateLimit,
}

/// How an API reports failures. Where a pointer finds nothing, the places that most providers use are looked at.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiErrors {
    /// What makes an answer a failure though its status is below 400; one rule that holds is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<BodyRule>,
    /// JSON Pointers to the code, the first that finds one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code: Vec<String>,
    /// JSON Pointers to the message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub message: Vec<String>,
    /// The HTTP status that a code amounts to, where that of the answer misleads.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub statuses: BTreeMap<String, u16>,
}

impl ApiErrors {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A rule about a JSON body.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyRule {
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What must be there; anything but null where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<serde_json::Value>,
}

impl BodyRule {
    /// Whether the rule holds for a body.
    pub fn holds(&self, body: &serde_json::Value) -> bool {
        let found = body.pointer(&self.pointer).filter(|found| !found.is_null());
        found.is_some_and(|found| self.equals.as_ref().is_none_or(|equals| equals == found))
    }
}

/// A request that checks a credential.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// Appended to `base_url`; or an absolute `https` address on an allowed host.
    pub path: Template,
    /// Statuses that mean the credential is good.
    #[serde(default = "ok")]
    pub success: Vec<u16>,
    /// Statuses that mean the credential is wrong. Any other answer leaves the question open.
    #[serde(default = "unauthorized")]
    pub refused: Vec<u16>,
}

fn ok() -> Vec<u16> {
    vec![200]
}

fn unauthorized() -> Vec<u16> {
    vec![401, 403]
}

/// An HTTP method that definitions may use.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET
    #[default]
    Get,
    /// POST
    Post,
    /// DELETE
    Delete,
}
