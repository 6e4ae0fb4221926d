//! A second call that opens a session with each new access token.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BodyFormat, Method, Template, TokenAnswer};

/// A second call, made with each new access token, for providers whose API wants the token of a session (quirk 62).
/// What it yields is kept as a further token.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The name by which a placement names the token of the session.
    pub name: String,
    /// The address; its host must be one that the credential may be sent to.
    pub url: Template,
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// Where the parameters go.
    #[serde(default)]
    pub body: BodyFormat,
    /// Parameters. Placeholders are fields and `access_token`.
    #[serde(default)]
    pub parameters: BTreeMap<String, Template>,
    /// Headers. Placeholders are fields and `access_token`.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// How the answer is read: `access_token` is the place of the token of the session, and `capture` that of account
    /// fields such as the host of the API, read anew each time (quirk 63).
    pub answer: TokenAnswer,
}
