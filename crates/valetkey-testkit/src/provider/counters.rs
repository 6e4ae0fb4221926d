//! What the test provider counted.

use std::collections::BTreeMap;

use serde::Serialize;

/// What happened since the provider was started.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize)]
pub struct Counters {
    /// Token requests by grant type, refused ones among them. The exchange of an access token is `access_token`, and
    /// what the provider does not know is `other`.
    pub token_requests: BTreeMap<&'static str, u64>,
    /// The most token requests that were being answered at one time.
    pub most_at_once: u64,
    /// Grants that were opened, seeded ones among them.
    pub grants: u64,
    /// Refreshes for which an access token was issued or extended.
    pub refreshes_granted: u64,
    /// How often a spent refresh token was presented and refused.
    pub reuses_detected: u64,
    /// How often a spent refresh token was presented within its grace and accepted.
    pub reuses_in_grace: u64,
    /// Grants that were revoked because a spent token or code was presented.
    pub families_revoked: u64,
    /// Grants that the provider ended by itself: by policy, because the user wanted it, or by age.
    pub revoked_by_provider: u64,
    /// Grants that were revoked at the revocation endpoint.
    pub revocations: u64,
}

impl Counters {
    /// Token requests of every type.
    pub fn all_token_requests(&self) -> u64 {
        self.token_requests.values().sum()
    }
}
