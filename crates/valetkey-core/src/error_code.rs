//! The stable codes of errors. Each has a page in `docs/errors/`.
//!
//! Use cases name what failed as precisely as they know it. Each dialect of the API answers with the codes that its
//! clients know: [`ErrorCode::in_dialect`].

use serde::{Deserialize, Serialize};

use crate::account::{State, stored_names};

/// Whose codes an answer uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// `scalekit.v1`, which published clients speak.
    Scalekit,
    /// `valetkey.v1`, which is `/v1/connect` over REST.
    Valetkey,
}

stored_names! {
    /// A stable error code.
    ErrorCode {
        /// A field breaks a rule.
        InvalidArgument = "INVALID_ARGUMENT",
        /// No valid token was presented.
        Unauthenticated = "UNAUTHENTICATED",
        /// The token does not permit this.
        PermissionDenied = "PERMISSION_DENIED",
        /// There is no such thing, or the caller may not see it.
        ResourceNotFound = "RESOURCE_NOT_FOUND",
        /// There is no such account, or the caller may not see it.
        AccountNotFound = "ACCOUNT_NOT_FOUND",
        /// There is no such connection, or the caller may not see it.
        ConnectionNotFound = "CONNECTION_NOT_FOUND",
        /// There is no such authorization link, or it can no longer be used.
        LinkNotFound = "LINK_NOT_FOUND",
        /// There is no such bulk operation, or the caller may not see it.
        OperationNotFound = "OPERATION_NOT_FOUND",
        /// There is one already.
        ResourceAlreadyExists = "RESOURCE_ALREADY_EXISTS",
        /// The identifier has an account on the connection already.
        AccountAlreadyExists = "ACCOUNT_ALREADY_EXISTS",
        /// The thing is in use and cannot be removed.
        ResourceInUse = "RESOURCE_IN_USE",
        /// Several accounts fit the request.
        AmbiguousAccount = "AMBIGUOUS_ACCOUNT",
        /// The account is not active.
        AccountNotActive = "ACCOUNT_NOT_ACTIVE",
        /// Nobody has authorized the account yet, or the user is not confirmed yet.
        AccountPending = "ACCOUNT_PENDING",
        /// The credential of the account has run out or was invalidated.
        AccountExpired = "ACCOUNT_EXPIRED",
        /// Access was withdrawn, or the account was disconnected.
        AccountRevoked = "ACCOUNT_REVOKED",
        /// Something is wrong with what the account or its connection is set up with.
        AccountError = "ACCOUNT_ERROR",
        /// The account is switched off for a while.
        AccountSuspended = "ACCOUNT_SUSPENDED",
        /// The account is not switched off.
        AccountNotSuspended = "ACCOUNT_NOT_SUSPENDED",
        /// The account has no token that could be refreshed.
        NotRefreshable = "NOT_REFRESHABLE",
        /// The cleanup policy does not find the account any more.
        CleanupNotNeeded = "CLEANUP_NOT_NEEDED",
        /// The connection is disabled.
        ConnectionDisabled = "CONNECTION_DISABLED",
        /// The connection lacks a setting that this needs.
        ConnectionIncomplete = "CONNECTION_INCOMPLETE",
        /// A scope is not one of the connection.
        InvalidScopeSelection = "INVALID_SCOPE_SELECTION",
        /// The same, in `valetkey.v1`.
        InvalidScope = "INVALID_SCOPE",
        /// A permission of the token or a scope of the account is missing, in `valetkey.v1`.
        InvalidPermissions = "INVALID_PERMISSIONS",
        /// The key of an earlier request came with another request.
        IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
        /// The environment requires `user_verify_url` and the request has none.
        UserVerifyUrlRequired = "USER_VERIFY_URL_REQUIRED",
        /// A return address is not on the environment's list.
        RedirectUrlNotAllowed = "REDIRECT_URL_NOT_ALLOWED",
        /// The state of a callback is unknown, was used, or is too old.
        InvalidState = "INVALID_STATE",
        /// A callback does not come from the issuer that was asked.
        IssuerMismatch = "ISSUER_MISMATCH",
        /// The provider gave no token for a code.
        ExchangeFailed = "EXCHANGE_FAILED",
        /// The connection cannot work as it is configured.
        ConnectionMisconfigured = "CONNECTION_MISCONFIGURED",
        /// The connection does not lead to a test provider, so it has no test accounts.
        TestModeUnavailable = "TEST_MODE_UNAVAILABLE",
        /// The account is not a test account.
        NotATestAccount = "NOT_A_TEST_ACCOUNT",
        /// The user who authorized is not the one the application named.
        UserMismatch = "USER_MISMATCH",
        /// The provider refused or failed.
        ProviderError = "PROVIDER_ERROR",
        /// No connection to the provider came about, or it broke before the answer.
        ProviderUnreachable = "PROVIDER_UNREACHABLE",
        /// The answer of the provider did not begin in time.
        ProviderTimeout = "PROVIDER_TIMEOUT",
        /// The provider refused or failed at a tool.
        ToolError = "TOOL_ERROR",
        /// The account has not granted a scope that a tool needs.
        ScopeMissing = "SCOPE_MISSING",
        /// The answer is longer than may be passed on.
        AnswerTooLong = "ANSWER_TOO_LONG",
        /// The call is not built yet.
        NotImplemented = "NOT_IMPLEMENTED",
        /// Too many requests.
        RateLimited = "RATE_LIMITED",
        /// Somebody else changed the same thing at the same time.
        Conflict = "CONFLICT",
        /// The server cannot do its work at the moment.
        Unavailable = "UNAVAILABLE",
        /// A fault of this server.
        Internal = "INTERNAL",
    }
}

impl ErrorCode {
    /// The code for what only an active account can do, where the account is in `state`.
    pub const fn of_state(state: State) -> Self {
        match state {
            State::PendingAuth | State::PendingVerification => Self::AccountPending,
            State::Active => Self::AccountNotActive,
            State::Expired => Self::AccountExpired,
            State::Revoked | State::Disconnected => Self::AccountRevoked,
            State::Error => Self::AccountError,
            State::Suspended => Self::AccountSuspended,
        }
    }

    /// The code by which the clients of a dialect know this one.
    #[must_use]
    pub const fn in_dialect(self, dialect: Dialect) -> Self {
        match dialect {
            Dialect::Scalekit => self.in_scalekit(),
            Dialect::Valetkey => self.in_valetkey(),
        }
    }

    /// Published clients know fewer codes.
    const fn in_scalekit(self) -> Self {
        match self {
            Self::AccountNotFound
            | Self::ConnectionNotFound
            | Self::LinkNotFound
            | Self::OperationNotFound => Self::ResourceNotFound,
            Self::AccountAlreadyExists => Self::ResourceAlreadyExists,
            Self::AccountPending
            | Self::AccountExpired
            | Self::AccountRevoked
            | Self::AccountError
            | Self::AccountSuspended
            | Self::AccountNotSuspended
            | Self::NotRefreshable => Self::AccountNotActive,
            Self::InvalidScope => Self::InvalidScopeSelection,
            Self::InvalidPermissions => Self::PermissionDenied,
            Self::IdempotencyKeyReused => Self::Conflict,
            same => same,
        }
    }

    const fn in_valetkey(self) -> Self {
        match self {
            Self::PermissionDenied | Self::ScopeMissing => Self::InvalidPermissions,
            Self::InvalidScopeSelection => Self::InvalidScope,
            same => same,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dialect_calls_an_error_it_calls_so_again() {
        for &code in ErrorCode::ALL {
            for dialect in [Dialect::Scalekit, Dialect::Valetkey] {
                let once = code.in_dialect(dialect);
                assert_eq!(once.in_dialect(dialect), once, "{}", code.as_str());
            }
        }
    }
}
