//! Problems at the provider. Its own words are never shown.

use std::fmt;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Explanation, FlowProblem, Names};

/// What the provider did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ProviderProblem {
    /// It ended the authorization with an error code.
    Error(ProviderCode),
    /// It did not exchange the code for a token.
    ExchangeFailed,
    /// The answer names another issuer (RFC 9207).
    IssuerMismatch,
    /// Somebody else is signed in to it than the user who has connected the account.
    AnotherUser,
    /// It granted less than the connection requires.
    ScopesMissing,
    /// It cannot be reached or answers with server errors.
    Unavailable,
}

/// The `error` of an authorization error response (RFC 6749 §4.1.2.1): at most 40 characters of those that the RFC
/// allows; others are dropped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ProviderCode(String);

const MAX_CODE: usize = 40;

impl ProviderCode {
    /// Whether nothing of what the provider sent may be shown.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for ProviderCode {
    fn from(raw: &str) -> Self {
        let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        Self(raw.chars().filter(allowed).take(MAX_CODE).collect())
    }
}

impl From<String> for ProviderCode {
    fn from(raw: String) -> Self {
        raw.as_str().into()
    }
}

impl From<ProviderCode> for String {
    fn from(code: ProviderCode) -> Self {
        code.0
    }
}

impl fmt::Display for ProviderCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl ProviderProblem {
    pub(super) fn explain(&self, names: &Names<'_>) -> Explanation {
        let Names { application, connector } = names;
        match self {
            Self::Error(code) => code.explain(names),
            Self::ExchangeFailed => Explanation::new(
                StatusCode::BAD_GATEWAY,
                format!("{connector} did not complete the connection"),
                format!("You gave your consent, but {connector} then refused to hand over access. Nothing was connected."),
                format!("Try again. If it happens again, give {application} the reference below."),
            )
            .with_retry(),
            Self::IssuerMismatch => Explanation::new(
                StatusCode::BAD_REQUEST,
                "The answer came from the wrong place",
                format!("It did not come from {connector}, so we stopped to protect your account. Nothing was connected."),
                format!("Try again. If it happens again, give {application} the reference below."),
            )
            .with_retry(),
            Self::AnotherUser => Explanation::new(
                StatusCode::CONFLICT,
                format!("You are signed in to {connector} as somebody else"),
                format!("Another user of {connector} is connected to {application} here. That connection was left as it is."),
                format!("Sign in to {connector} as the user of before and try again. To connect another one, have {application} disconnect the old one first."),
            )
            .with_retry(),
            Self::ScopesMissing => Explanation::new(
                StatusCode::FORBIDDEN,
                "A needed permission was not given",
                format!("{connector} granted less than {application} needs to work. The account is not ready to use."),
                "Try again and leave all boxes of the consent page checked.",
            )
            .with_retry(),
            Self::Unavailable => unavailable(connector),
        }
    }
}

impl ProviderCode {
    /// The codes of RFC 6749 §4.1.2.1, RFC 8707 §2 and Core §3.1.2.6 of `OpenID Connect`.
    fn explain(&self, names: &Names<'_>) -> Explanation {
        let Names { application, connector } = names;
        match self.0.as_str() {
            "access_denied" => FlowProblem::Denied.explain(names),
            "server_error" | "temporarily_unavailable" => unavailable(connector),
            "consent_required" | "interaction_required" | "login_required" | "account_selection_required" => {
                Explanation::new(
                    StatusCode::FORBIDDEN,
                    format!("{connector} needs an answer from you"),
                    format!("{connector} could not go on without asking you, or an administrator of your organization, for permission."),
                    "Try again and answer what it asks. If it says that an administrator has to approve, ask yours to do so first.",
                )
                .with_retry()
            }
            "invalid_scope" => Explanation::new(
                StatusCode::BAD_GATEWAY,
                format!("{connector} refused what was asked for"),
                format!("{application} asked for a permission that {connector} does not know or does not give. Nothing was connected."),
                format!("You cannot change this yourself. Give {application} the reference below."),
            ),
            "invalid_request" | "unauthorized_client" | "unsupported_response_type" | "invalid_client"
            | "invalid_target" | "redirect_uri_mismatch" | "invalid_request_uri" | "invalid_request_object"
            | "request_not_supported" | "request_uri_not_supported" | "registration_not_supported" => Explanation::new(
                StatusCode::BAD_GATEWAY,
                format!("{connector} does not accept {application}"),
                format!("{application} is not set up correctly at {connector}. Nothing was connected."),
                format!("You cannot change this yourself. Give {application} the reference below."),
            ),
            _ => Explanation::new(
                StatusCode::BAD_GATEWAY,
                format!("{connector} reported an error"),
                format!("{connector} ended the sign-in with an error that we do not know. Nothing was connected."),
                format!("Try again. If it happens again, give {application} the reference below."),
            )
            .with_retry(),
        }
    }
}

fn unavailable(connector: &str) -> Explanation {
    Explanation::new(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("{connector} does not answer"),
        format!("{connector} is not working at the moment. Nothing was connected."),
        "Wait a few minutes, then try again.",
    )
    .with_retry()
}
