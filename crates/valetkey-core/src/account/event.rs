//! What can happen to an account.

use super::Reason;

/// Something that happened. [`decide`](super::decide) says what follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AccountEvent {
    /// A working credential is at hand: consent, a filled form, an import.
    CredentialObtained,
    /// Consent was given, and the application has yet to confirm the user.
    ConsentAwaitsVerification,
    /// The application confirmed the user.
    VerificationPassed,
    /// The application named another user.
    VerificationRefused,
    /// The confirmation did not come in time.
    VerificationExpired,
    /// New tokens came by a refresh.
    TokenRefreshed,
    /// The provider refused to refresh, and does not say why.
    GrantRefused,
    /// The provider says that access was withdrawn.
    RevokedAtProvider,
    /// The provider refused the scopes of the grant.
    ScopeRefused,
    /// A refresh was sent, its outcome was lost, and it may not be repeated.
    RefreshOutcomeLost,
    /// The outcome of such a refresh came after all: no tokens were issued, and the refresh token is not spent.
    RefreshOutcomeKnown,
    /// Refreshing has failed for long and the access token has run out. It is tried on, at the longest pause.
    RefreshGivenUp,
    /// The access token has run out, and nothing renews it by itself.
    TokenRanOut,
    /// The provider's API refuses a fresh credential.
    CredentialRejected,
    /// The application or the user disconnects.
    DisconnectRequested,
    /// An operator switches the account off.
    SuspendRequested,
    /// An operator switches the account on again.
    ResumeRequested,
}

impl AccountEvent {
    /// Every event, for tables and tests.
    pub const ALL: &'static [Self] = &[
        Self::CredentialObtained,
        Self::ConsentAwaitsVerification,
        Self::VerificationPassed,
        Self::VerificationRefused,
        Self::VerificationExpired,
        Self::TokenRefreshed,
        Self::GrantRefused,
        Self::RevokedAtProvider,
        Self::ScopeRefused,
        Self::RefreshOutcomeLost,
        Self::RefreshOutcomeKnown,
        Self::RefreshGivenUp,
        Self::TokenRanOut,
        Self::CredentialRejected,
        Self::DisconnectRequested,
        Self::SuspendRequested,
        Self::ResumeRequested,
    ];

    /// Why the credential is of no use after this event, for those that say so of it.
    pub const fn ends_grant(self) -> Option<Reason> {
        match self {
            Self::GrantRefused => Some(Reason::RefreshFailed),
            Self::RevokedAtProvider => Some(Reason::RevokedAtProvider),
            Self::ScopeRefused => Some(Reason::ScopeMissing),
            Self::CredentialRejected => Some(Reason::CredentialRejected),
            Self::CredentialObtained
            | Self::ConsentAwaitsVerification
            | Self::VerificationPassed
            | Self::VerificationRefused
            | Self::VerificationExpired
            | Self::TokenRefreshed
            | Self::RefreshOutcomeLost
            | Self::RefreshOutcomeKnown
            | Self::RefreshGivenUp
            | Self::TokenRanOut
            | Self::DisconnectRequested
            | Self::SuspendRequested
            | Self::ResumeRequested => None,
        }
    }
}
