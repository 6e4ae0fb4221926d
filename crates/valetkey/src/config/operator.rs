//! What holds for operators in a browser.

use super::{
    kind::Seconds,
    section::{Check, section},
};

section! {
    /// What holds for operators who sign in with `valetkey operator sign-in-link`.
    operator: Operator {
        /// How long an operator stays signed in to a browser.
        session_lifetime: Seconds [Default "12h"],
    }
}

impl Check for Operator {}
