//! How the test provider behaves where nothing is wrong.

use serde::{Deserialize, Serialize};

/// What happens to a refresh token when it is used (quirk 57; RFC 9700 §4.14.2).
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// It is spent and a new one is issued. Presenting a spent one revokes everything that the grant has.
    #[default]
    Strict,
    /// As [`Strict`](Self::Strict), except that the token which was spent last may be presented again for a while: the
    /// answer then has a new access token and the newest refresh token.
    Grace {
        /// For how long after it was spent, in seconds.
        seconds: u32,
    },
    /// It stays valid, and the answer repeats it.
    None,
}

/// The settings of a test provider.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How long an access token works, in seconds.
    pub access_seconds: u32,
    /// What happens to a refresh token when it is used.
    pub rotation: Rotation,
    /// How long the token and the revocation endpoint take before they look at a request, in milliseconds.
    pub latency_milliseconds: u64,
    /// How many requests are recorded; older ones are dropped. Nothing is recorded at 0.
    pub records: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { access_seconds: 3600, rotation: Rotation::Strict, latency_milliseconds: 0, records: 1000 }
    }
}
