//! What the test provider can do wrong.

use serde::{Deserialize, Serialize};

/// What the test provider does wrong, from when it is set until [`behave`](super::TestProvider::behave).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misbehaviour {
    /// Consent ends in this error, whatever the user presses.
    DenyConsent {
        /// The error code of RFC 6749 §4.1.2.1, or any other text.
        error: String,
        /// The description, unchecked.
        description: Option<String>,
    },
    /// The callback names another issuer.
    WrongIss,
    /// The callback names no issuer.
    NoIss,
    /// Pushed authorization requests fail with this status.
    PushedError {
        /// The status.
        status: u16,
    },
    /// The token endpoint answers with this status and no JSON.
    TokenServerError {
        /// The status.
        status: u16,
    },
    /// The token endpoint answers with status 429 and this `Retry-After`.
    TokenRateLimited {
        /// Seconds.
        retry_after: u64,
    },
    /// The token endpoint answers with this error code and status.
    TokenError {
        /// The status.
        status: u16,
        /// The error code.
        error: String,
        /// The description, unchecked.
        description: Option<String>,
    },
    /// The token endpoint answers with a web page and status 200.
    TokenHtml200,
    /// The token endpoint answers with more than 256 KiB.
    TokenOversize,
    /// The token endpoint answers `{"ok": false, "error": …}` with status 200.
    TokenErrorIn200 {
        /// The error code.
        error: String,
    },
    /// The token answer is form-encoded.
    TokenFormEncoded,
    /// The token answer is below `data`.
    TokenNested,
    /// The token endpoint redirects to another host.
    TokenRedirect,
    /// The token endpoint answers after this time.
    SlowToken {
        /// Milliseconds.
        milliseconds: u64,
    },
    /// The token type is `mac`.
    UnknownTokenType,
    /// The token answer has no `expires_in`.
    NoExpiresIn,
    /// The last of the requested scopes is not granted.
    LessScopeThanAsked,
    /// The token answer does not name the scopes.
    NoScope,
    /// The user information endpoint answers with status 500.
    UserinfoError,
}
