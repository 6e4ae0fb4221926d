//! The list.

use super::{Place, catalogue::misbehaviours};

const CALLBACK: &[Place] = &[Place::Callback];
const PUSHED: &[Place] = &[Place::Pushed];
const TOKEN: &[Place] = &[Place::Exchange, Place::Refresh];
const USERINFO: &[Place] = &[Place::Userinfo];

misbehaviours! {
    /// Consent ends in this error, whatever the user presses.
    [] CALLBACK DenyConsent {
        /// The error code of RFC 6749 §4.1.2.1, or any other text.
        error: String = "access_denied".into(),
        /// The description, unchecked.
        description: Option<String> = None,
    }
    /// The callback names another issuer.
    [] CALLBACK WrongIss
    /// The callback names no issuer.
    [] CALLBACK NoIss
    /// Pushed authorization requests fail with this status.
    [] PUSHED PushedError {
        /// The status.
        status: u16 = 503,
    }
    /// The token endpoint answers with this status and no JSON.
    [] TOKEN TokenServerError {
        /// The status.
        status: u16 = 503,
    }
    /// The token endpoint answers with status 429 and this `Retry-After`.
    [82] TOKEN TokenRateLimited {
        /// Seconds.
        retry_after: u64 = 30,
    }
    /// The token endpoint answers with this error code and status.
    [] TOKEN TokenError {
        /// The status.
        status: u16 = 400,
        /// The error code.
        error: String = "invalid_grant".into(),
        /// The description, unchecked.
        description: Option<String> = None,
    }
    /// The token endpoint answers with a web page and status 200.
    [45] TOKEN TokenHtml200
    /// The token endpoint answers with more than 256 KiB.
    [53] TOKEN TokenOversize
    /// The token endpoint answers `{"ok": false, "error": …}` with status 200.
    [44] TOKEN TokenErrorIn200 {
        /// The error code.
        error: String = "invalid_auth".into(),
    }
    /// The token answer is form-encoded.
    [45] TOKEN TokenFormEncoded
    /// The token answer is below `data`.
    [46] TOKEN TokenNested
    /// The token endpoint redirects to another host.
    [43] TOKEN TokenRedirect
    /// The token endpoint answers after this time, and looks at the request only then.
    [] TOKEN SlowToken {
        /// Milliseconds.
        milliseconds: u64 = 1000,
    }
    /// The token request is carried out at once, and the answer comes after this time.
    [57] TOKEN AnswersLate {
        /// Milliseconds.
        milliseconds: u64 = 60_000,
    }
    /// The token request is carried out, and the connection is closed without an answer.
    [57] TOKEN DropsAnswer
    /// The connection is closed without an answer, and the token request is not looked at.
    [] TOKEN DropsRequest
    /// The token type is `mac`.
    [] TOKEN UnknownTokenType
    /// The token answer has no `expires_in`.
    [49] TOKEN NoExpiresIn
    /// The last of the requested scopes is not granted.
    [] TOKEN LessScopeThanAsked
    /// The token answer does not name the scopes.
    [] TOKEN NoScope
    /// The user information endpoint answers with status 500.
    [] USERINFO UserinfoError
}
