//! The states in which an account is stored.

use serde::{Deserialize, Serialize};

macro_rules! stored_names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum $name {$(
            $(#[$variant_doc])*
            #[serde(rename = $text)]
            $variant,
        )*}

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the database, in journal entries and in our own API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value with this name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}
pub(crate) use stored_names;

stored_names! {
    /// The state of an account. Only [`Active`](State::Active) lets a tool run.
    State {
        /// Nobody has authorized yet.
        PendingAuth = "pending_auth",
        /// Somebody has authorized; the application has not yet confirmed that it was the right person.
        PendingVerification = "pending_verification",
        /// The credential works.
        Active = "active",
        /// The credential has run out or was invalidated.
        Expired = "expired",
        /// Access was withdrawn at the provider.
        Revoked = "revoked",
        /// Something is wrong with the configuration.
        Error = "error",
        /// An operator has switched the account off for a while.
        Suspended = "suspended",
        /// The application or the user has disconnected the account; its credentials are destroyed.
        Disconnected = "disconnected",
    }
}
