//! Why an account is in its state, and what ends it.

use serde::{Deserialize, Serialize};

use super::{State, stored_names};

stored_names! {
    /// The cause of a state.
    Reason {
        /// Nothing to explain: the account is active and whole.
        None = "none",
        /// Nobody has authorized yet.
        NotAuthorized = "not_authorized",
        /// The application has not yet confirmed who authorized.
        AwaitingVerification = "awaiting_verification",
        /// Another person authorized than the one the application named.
        VerificationRefused = "verification_refused",
        /// The confirmation did not come in time.
        VerificationExpired = "verification_expired",
        /// The access token has run out and can be refreshed.
        AccessTokenExpired = "access_token_expired",
        /// The provider refused to refresh.
        RefreshFailed = "refresh_failed",
        /// The access token has run out and there is no refresh token.
        NoRefreshToken = "no_refresh_token",
        /// A refresh was sent and its outcome was lost.
        RefreshOutcomeUnknown = "refresh_outcome_unknown",
        /// The provider refused the credential.
        CredentialRejected = "credential_rejected",
        /// The provider says that access was withdrawn.
        RevokedAtProvider = "revoked_at_provider",
        /// The connection is misconfigured.
        ConnectionMisconfigured = "connection_misconfigured",
        /// A scope that was asked for was not granted, or is not any more.
        ScopeMissing = "scope_missing",
        /// An operator has suspended the account.
        SuspendedByOperator = "suspended_by_operator",
        /// The application or the user has disconnected the account.
        DisconnectedOnRequest = "disconnected_on_request",
    }
}

stored_names! {
    /// What brings an account back to work.
    NextAction {
        /// Nothing is needed.
        None = "none",
        /// A refresh without the user.
        Refresh = "refresh",
        /// The user has to authorize again: make a new authorization link.
        Reauthorize = "reauthorize",
        /// An operator has to correct the connection.
        FixConnection = "fix_connection",
        /// The application has to confirm the user.
        Verify = "verify",
        /// An operator has to resume the account.
        Resume = "resume",
    }
}

impl NextAction {
    /// The action that ends `state`, given why the account is in it.
    pub const fn of(state: State, reason: Reason) -> Self {
        match state {
            State::Active => match reason {
                Reason::ScopeMissing | Reason::RefreshOutcomeUnknown => Self::Reauthorize,
                _ => Self::None,
            },
            State::PendingAuth | State::Revoked | State::Disconnected => Self::Reauthorize,
            State::PendingVerification => Self::Verify,
            State::Expired => match reason {
                Reason::AccessTokenExpired => Self::Refresh,
                _ => Self::Reauthorize,
            },
            State::Error => match reason {
                Reason::ScopeMissing => Self::Reauthorize,
                _ => Self::FixConnection,
            },
            State::Suspended => Self::Resume,
        }
    }
}
