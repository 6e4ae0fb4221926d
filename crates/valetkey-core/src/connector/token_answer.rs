//! How the answer of a token endpoint is read (RFC 6749 §5.1, and what providers send instead).
//!
//! Quirks have the numbers of the list of provider quirks that a field answers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the answer of a token endpoint is read. Places are JSON pointers (RFC 6901); a form-encoded answer is read as
/// an object of its parameters.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenAnswer {
    /// The format (quirk 45).
    pub format: AnswerFormat,
    /// Statuses of a success (quirk 44).
    pub success: Vec<u16>,
    /// Signs of an error in an answer with a success status (quirk 44).
    pub errors: Vec<ErrorRule>,
    /// The access token (quirks 46, 47).
    pub access_token: String,
    /// The refresh token (quirks 46, 47).
    pub refresh_token: String,
    /// The token type. Absent in the answer means `bearer`.
    pub token_type: String,
    /// Token types that may be used; compared without regard to case. Any other is refused.
    pub accepted_token_types: Vec<String>,
    /// The granted scopes, as text or list. Absent in the answer means: as requested (RFC 6749 §5.1).
    pub scope: String,
    /// Where the lifetime is and in what form.
    pub lifetime: Lifetime,
    /// Account fields taken from the answer: name to JSON pointer (quirk 52).
    pub capture: BTreeMap<String, String>,
    /// Further tokens in the same answer (quirk 51).
    pub additional_tokens: BTreeMap<String, AdditionalToken>,
    /// The longest token that is accepted, in bytes (quirk 53).
    pub max_token_bytes: usize,
}

impl Default for TokenAnswer {
    fn default() -> Self {
        Self {
            format: AnswerFormat::Auto,
            success: vec![200, 201],
            errors: vec![ErrorRule::at("/error")],
            access_token: "/access_token".into(),
            refresh_token: "/refresh_token".into(),
            token_type: "/token_type".into(),
            accepted_token_types: vec!["bearer".into()],
            scope: "/scope".into(),
            lifetime: Lifetime::default(),
            capture: BTreeMap::new(),
            additional_tokens: BTreeMap::new(),
            max_token_bytes: 16 * 1024,
        }
    }
}

/// The format of an answer.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    /// By content type; JSON where that says nothing useful and the body looks like it.
    #[default]
    Auto,
    /// JSON.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// The body is the access token.
    Text,
    /// The cookies that the answer sets, as an object of texts; the body does not matter (quirk 54).
    Cookies,
    /// XML: an element is an object of the elements in it, by their names without prefixes, or the text where it has none,
    /// so that `/response/session/id` leads to a text. Of elements with the same name the first counts; attributes are not
    /// read (quirks 45, 77).
    Xml,
    /// An object of three: `headers` by their names in lower case, `cookies` that the answer sets, and `body`, which may
    /// be JSON, a form or XML, and be absent. `cookie` is all cookies as a request sends them back (quirk 77).
    Message,
}

/// A sign of an error in an answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// The status that the answer must have; absent: any. A rule with a status comes before what the status means
    /// otherwise, so that a 403 can be a rate limit and a 500 a dead token (quirks 44, 82).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Where to look in the body. Empty, which needs a status: the body does not matter.
    #[serde(default)]
    pub pointer: String,
    /// The value that means an error; absent: any value that is there and not empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<serde_json::Value>,
    /// The value that means no error, where any other does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<serde_json::Value>,
    /// What kind of error.
    #[serde(default)]
    pub meaning: ErrorMeaning,
}

impl ErrorRule {
    /// Any value at `pointer` is an error of the standard.
    pub fn at(pointer: &str) -> Self {
        Self {
            status: None,
            pointer: pointer.into(),
            equals: None,
            unless: None,
            meaning: ErrorMeaning::Standard,
        }
    }
}

/// What an error in an answer means.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorMeaning {
    /// The value at `/error` (or at the rule's pointer, where it is text) is a code of RFC 6749 §5.2.
    #[default]
    Standard,
    /// The grant is not valid any more.
    GrantRevoked,
    /// The user, or somebody for them, has withdrawn access: only for codes that prove it (quirk 68).
    RevokedAtProvider,
    /// The client is not accepted.
    ClientMisconfigured,
    /// The scopes are not accepted.
    ScopeProblem,
    /// Too many requests.
    RateLimited,
    /// Try again later.
    Transient,
}

/// The lifetime of an access token.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lifetime {
    /// Where it is.
    pub pointer: String,
    /// Its unit (quirk 48).
    pub unit: LifetimeUnit,
    /// Seconds where the answer has none (quirk 49). Absent: the `exp` of the token where that is a JWT, else unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_seconds: Option<i64>,
    /// The provider documents that its tokens do not expire (quirk 50). A lifetime in the answer still counts.
    pub never_expires: bool,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self {
            pointer: "/expires_in".into(),
            unit: LifetimeUnit::Seconds,
            default_seconds: None,
            never_expires: false,
        }
    }
}

/// The unit of a lifetime. Numbers may come as text.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LifetimeUnit {
    /// Seconds from now.
    #[default]
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// A text such as `2h`, `30m`, `1d`.
    Duration,
    /// Seconds since the Unix epoch.
    EpochSeconds,
    /// Milliseconds since the Unix epoch.
    EpochMilliseconds,
    /// A date and time of RFC 3339.
    Rfc3339,
}

/// A further token in the same answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdditionalToken {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The granted scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Its lifetime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
    /// How it is renewed (quirk 61).
    #[serde(default)]
    pub refresh: AdditionalRefresh,
}

/// How a further token is renewed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdditionalRefresh {
    /// The answer to the refresh of the first token has it too.
    #[default]
    WithMain,
    /// By a request of its own with its own refresh token; the answer has it where the first token stands otherwise.
    /// A refresh token that both have in common is presented once, and both get what comes back.
    Own,
}
