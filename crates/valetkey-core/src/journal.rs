//! Journal events: the append-only record of what happened, written in the transaction of the change itself.

use serde::{Deserialize, Serialize};

use crate::account::stored_names;

stored_names! {
    /// What happened.
    EventKind {
        /// An account came into being.
        AccountCreated = "account.created",
        /// An account's settings changed.
        AccountUpdated = "account.updated",
        /// An account changed its state.
        AccountStateChanged = "account.state_changed",
        /// An account was deleted.
        AccountDeleted = "account.deleted",
        /// A credential was stored.
        CredentialStored = "credential.stored",
        /// A credential was used for a call or handed out for one.
        CredentialUsed = "credential.used",
        /// New tokens were stored by a refresh.
        TokenRefreshed = "token.refreshed",
        /// A refresh failed: one for each attempt that ended.
        TokenRefreshFailed = "token.refresh_failed",
        /// What became of the tokens of an account at the provider after they were destroyed here.
        TokenRevocation = "token.revocation",
        /// A connection cannot refresh any more, or can again.
        ConnectionFaultChanged = "connection.fault_changed",
        /// A credential was parked until the user is confirmed.
        CredentialParked = "credential.parked",
        /// Credentials were destroyed.
        CredentialDestroyed = "credential.destroyed",
        /// A credential was handed to an API client.
        CredentialRead = "credential.read",
        /// An authorization link was made.
        LinkCreated = "link.created",
        /// An authorization link was revoked.
        LinkRevoked = "link.revoked",
        /// A user was sent to the provider.
        FlowStarted = "flow.started",
        /// An authorization attempt ended.
        FlowEnded = "flow.ended",
        /// A callback was refused: unknown or spent state, wrong browser, wrong issuer.
        CallbackRefused = "callback.refused",
        /// The application confirmed the user.
        VerificationPassed = "verification.passed",
        /// The application named another user.
        VerificationRefused = "verification.refused",
        /// An API token was created.
        ApiTokenCreated = "api_token.created",
        /// An API token was revoked.
        ApiTokenRevoked = "api_token.revoked",
        /// A connection was created.
        ConnectionCreated = "connection.created",
        /// A connection changed.
        ConnectionUpdated = "connection.updated",
        /// A connection was deleted.
        ConnectionDeleted = "connection.deleted",
    }
}
