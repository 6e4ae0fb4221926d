//! How long the steps of connecting an account may take.

use super::{
    kind::Seconds,
    section::{Check, section},
};

section! {
    /// How long the steps of connecting an account may take.
    links: Links {
        /// How long an authorization link can be opened.
        lifetime: Seconds [Default "24h"],
        /// How long the user may take at the provider.
        flow_lifetime: Seconds [Default "15m"],
        /// How long the application may take to confirm the user, where it does.
        verification_lifetime: Seconds [Default "10m"],
    }
}

impl Check for Links {}
