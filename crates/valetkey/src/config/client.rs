//! What holds for API clients.

use super::{
    kind::Seconds,
    section::{Check, section},
};

section! {
    /// What holds for API clients.
    client: Client {
        /// How long an access token from `/oauth/token` is valid.
        token_lifetime: Seconds [Default "1h"],
        /// How long the old secret keeps working after `valetkey client rotate`.
        rotation_overlap: Seconds [Default "24h"],
    }
}

impl Check for Client {}
