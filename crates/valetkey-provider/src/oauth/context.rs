//! What every request to an authorization server is made with.

use valetkey_core::{Entropy, Timestamp};

use crate::egress::EgressClient;

/// The way out, the time and the randomness of one operation.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) client: &'a EgressClient,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) now: Timestamp,
}
