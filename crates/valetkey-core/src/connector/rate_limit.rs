//! How an API says that it was asked too often.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an API says that it was asked too often (quirk 82), besides status 429, and for how long it wants to be left
/// alone, besides `Retry-After`.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Answers other than 429 that mean it; one that fits is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<RateLimitSign>,
    /// Headers that say when to go on. Where there are several, as for several windows, the longest wait counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resets: Vec<RateLimitReset>,
}

/// An answer that means "too often". What is given must hold all together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitSign {
    /// The status, such as 403.
    pub status: u16,
    /// A header that the answer has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The value of that header; any where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// A text that stands in the first 16 KiB of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A header that says when to go on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitReset {
    /// Its name, such as `x-ratelimit-reset`.
    pub header: String,
    /// What its number means.
    pub unit: ResetUnit,
}

/// What the number of a header means. Fractions are allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetUnit {
    /// Seconds from now.
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
}

impl RateLimit {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
