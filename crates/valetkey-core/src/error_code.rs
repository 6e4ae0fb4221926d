//! The stable codes of errors, the same in every dialect. Each has a page in `docs/errors/`.

use serde::{Deserialize, Serialize};

use crate::account::stored_names;

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
        /// There is one already.
        ResourceAlreadyExists = "RESOURCE_ALREADY_EXISTS",
        /// The thing is in use and cannot be removed.
        ResourceInUse = "RESOURCE_IN_USE",
        /// Several accounts fit the request.
        AmbiguousAccount = "AMBIGUOUS_ACCOUNT",
        /// The account is not active.
        AccountNotActive = "ACCOUNT_NOT_ACTIVE",
        /// The connection is disabled.
        ConnectionDisabled = "CONNECTION_DISABLED",
        /// The connection lacks a setting that this needs.
        ConnectionIncomplete = "CONNECTION_INCOMPLETE",
        /// A scope is not one of the connection.
        InvalidScopeSelection = "INVALID_SCOPE_SELECTION",
        /// The environment requires `user_verify_url` and the request has none.
        UserVerifyUrlRequired = "USER_VERIFY_URL_REQUIRED",
        /// A return address is not on the environment's list.
        RedirectUrlNotAllowed = "REDIRECT_URL_NOT_ALLOWED",
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
