//! Why a token request gave no grant.

use std::fmt;

use valetkey_core::refresh::OutcomeClass;

use crate::egress::Sent;

/// What a provider said about an error, made safe to show: short, printable, without tokens.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ErrorAnswer {
    /// The status, where there was an HTTP answer.
    pub status: Option<u16>,
    /// The code, of RFC 6749 or the provider's own.
    pub code: Option<String>,
    /// The description.
    pub description: Option<String>,
}

impl fmt::Display for ErrorAnswer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code.as_deref().unwrap_or("no error code"))?;
        if let Some(description) = &self.description {
            write!(out, ": {description}")?;
        }
        self.status.map_or(Ok(()), |status| write!(out, " (status {status})"))
    }
}

/// Why a token request gave no grant. Each class has its own law: a grant is dead, a connection is misconfigured, or
/// a later attempt may succeed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenError {
    /// The code or refresh token is not valid (any more).
    #[error("the provider does not accept the grant: {0}")]
    GrantInvalid(ErrorAnswer),
    /// The provider says that the user, or somebody for them, has withdrawn access.
    #[error("access was withdrawn at the provider: {0}")]
    RevokedAtProvider(ErrorAnswer),
    /// There is nothing to present: no refresh token, or the definition has no way to renew.
    #[error("the tokens cannot be renewed: {0}")]
    NotRenewable(&'static str),
    /// The provider does not accept our client: a fault of the connection, not of the account.
    #[error("the provider does not accept the OAuth client: {0}; check client id, secret and redirect URI")]
    ClientMisconfigured(ErrorAnswer),
    /// The provider does not accept the requested scopes.
    #[error("the provider does not accept the requested scopes: {0}")]
    ScopeProblem(ErrorAnswer),
    /// A later attempt may succeed: the request certainly did not arrive, or an answer says that the server is not
    /// able to answer.
    #[error("the token endpoint is not available: {reason}")]
    Transient {
        /// What happened.
        reason: String,
        /// Seconds that the provider asks to wait.
        retry_after: Option<u64>,
        /// Whether the provider may have received the request and spent the grant.
        sent: Sent,
    },
    /// The request may have arrived and taken effect, and no complete answer came.
    #[error("what became of the token request is not known: {reason}")]
    Unknown {
        /// What happened.
        reason: String,
    },
    /// Too many requests.
    #[error("the token endpoint limits requests: {answer}")]
    RateLimited {
        /// What the provider said.
        answer: ErrorAnswer,
        /// Seconds that the provider asks to wait.
        retry_after: Option<u64>,
    },
    /// The answer cannot be used.
    #[error("the answer of the token endpoint cannot be used: {0}")]
    Unusable(#[from] Unusable),
    /// The request was not made: the definition, the connection or the egress policy does not allow it.
    #[error("the token request was not made: {reason}")]
    Setup {
        /// What is missing or refused, and what to set.
        reason: String,
    },
}

/// Why an answer of the token endpoint cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unusable {
    /// A web page.
    #[error("it is an HTML page")]
    Html,
    /// Longer than may be read.
    #[error("it is longer than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Not in the expected format.
    #[error("it is not {0}")]
    NotReadable(&'static str),
    /// A token type that the definition does not accept.
    #[error("the token type \"{0}\" is not one that the connector accepts")]
    UnknownTokenType(String),
    /// No access token where the definition looks for it.
    #[error("it has no access token at \"{0}\"")]
    MissingToken(String),
    /// A token longer than the definition accepts.
    #[error("a token is longer than {limit} bytes")]
    TokenTooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A token with characters that RFC 6749 appendix A.12 does not allow.
    #[error("a token has characters that tokens must not have")]
    MalformedToken,
    /// A redirect, which is never followed.
    #[error("it redirects to {0}; token requests are never redirected")]
    Redirected(String),
    /// An error without a standard meaning.
    #[error("it is an error without a standard meaning: {0}")]
    UnknownError(ErrorAnswer),
}

impl TokenError {
    /// The class, which decides what follows.
    pub const fn class(&self) -> OutcomeClass {
        match self {
            Self::GrantInvalid(_) | Self::NotRenewable(_) => OutcomeClass::GrantRevoked,
            Self::RevokedAtProvider(_) => OutcomeClass::RevokedAtProvider,
            Self::ClientMisconfigured(_) | Self::Setup { .. } => OutcomeClass::ClientMisconfigured,
            Self::ScopeProblem(_) => OutcomeClass::ScopeProblem,
            Self::Transient { .. } => OutcomeClass::Transient,
            Self::RateLimited { .. } => OutcomeClass::RateLimited,
            Self::Unusable(_) => OutcomeClass::UnusableAnswer,
            Self::Unknown { .. } => OutcomeClass::Unknown,
        }
    }

    /// Whether the provider may have issued tokens that did not arrive in a form that can be used.
    pub const fn maybe_issued(&self) -> bool {
        match self {
            Self::Unknown { .. } => true,
            Self::Unusable(why) => why.maybe_issued(),
            Self::GrantInvalid(_)
            | Self::RevokedAtProvider(_)
            | Self::NotRenewable(_)
            | Self::ClientMisconfigured(_)
            | Self::ScopeProblem(_)
            | Self::Transient { .. }
            | Self::RateLimited { .. }
            | Self::Setup { .. } => false,
        }
    }

    /// Seconds that the provider asks to wait.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Transient { retry_after, .. } | Self::RateLimited { retry_after, .. } => *retry_after,
            Self::GrantInvalid(_)
            | Self::RevokedAtProvider(_)
            | Self::NotRenewable(_)
            | Self::ClientMisconfigured(_)
            | Self::ScopeProblem(_)
            | Self::Unusable(_)
            | Self::Unknown { .. }
            | Self::Setup { .. } => None,
        }
    }

    pub(crate) fn setup(reason: impl fmt::Display) -> Self {
        Self::Setup { reason: reason.to_string() }
    }
}

impl Unusable {
    /// Whether the answer had the status of a success and may have had tokens. A web page stands where something else
    /// than the token endpoint has answered.
    const fn maybe_issued(&self) -> bool {
        match self {
            Self::TooLarge { .. }
            | Self::NotReadable(_)
            | Self::UnknownTokenType(_)
            | Self::MissingToken(_)
            | Self::TokenTooLong { .. }
            | Self::MalformedToken => true,
            Self::Html | Self::Redirected(_) | Self::UnknownError(_) => false,
        }
    }
}
