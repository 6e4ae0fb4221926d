//! Authorization links and the flows that they start.

use serde::{Deserialize, Serialize};

use crate::account::stored_names;

stored_names! {
    /// The state of an authorization link. Expiry is a matter of time and not stored.
    LinkState {
        /// It can be opened.
        Usable = "usable",
        /// It has connected an account and does nothing more.
        Used = "used",
        /// It was revoked.
        Revoked = "revoked",
    }
}

stored_names! {
    /// How an authorization attempt ended. The names are stable: pages, journal and support refer to them.
    FlowOutcome {
        /// Not yet ended.
        Started = "started",
        /// The account has its credential.
        Completed = "completed",
        /// The credential is parked until the user is confirmed.
        AwaitingVerification = "awaiting_verification",
        /// The user said no (`access_denied`).
        Denied = "denied",
        /// The provider reported another error.
        ProviderError = "provider_error",
        /// The code could not be exchanged.
        ExchangeFailed = "exchange_failed",
        /// The callback did not come from the issuer (RFC 9207).
        IssuerMismatch = "issuer_mismatch",
        /// Another user of the provider authorized than the one whose credential the account has.
        AnotherUser = "another_user",
        /// The callback came from another browser than the one that started.
        WrongBrowser = "wrong_browser",
        /// The user came back too late.
        Expired = "expired",
        /// A newer attempt with the same link took over.
        Superseded = "superseded",
        /// Nobody who may confirm was signed in.
        NotSignedIn = "not_signed_in",
    }
}
