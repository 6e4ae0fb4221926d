//! What became of a token request, in the words that journals, metrics and errors use.

use serde::{Deserialize, Serialize};

use crate::account::stored_names;

stored_names! {
    /// The class of an outcome. Each has its own law for retry, state and event: see [`follow`](super::follow).
    OutcomeClass {
        /// Tokens were issued.
        Success = "success",
        /// The provider could not answer: 5xx, DNS, connection or TLS failure, a request that certainly was not sent.
        Transient = "transient",
        /// The provider limits requests: 429 or its own sign of it.
        RateLimited = "rate_limited",
        /// The provider does not accept the grant (any more): `invalid_grant`.
        GrantRevoked = "grant_revoked",
        /// The provider says in so many words that the user or an administrator has withdrawn access.
        RevokedAtProvider = "revoked_at_provider",
        /// The provider does not accept our client: `invalid_client`, `unauthorized_client`.
        ClientMisconfigured = "client_misconfigured",
        /// The provider does not accept the scopes: `invalid_scope`.
        ScopeProblem = "scope_problem",
        /// An answer came, and nothing can be made of it: HTML, a redirect, an unknown error code.
        UnusableAnswer = "unusable_answer",
        /// The request may have been sent, and no complete answer came.
        Unknown = "unknown",
    }
}
