//! Tokens whose signature was found to be good, because checking one costs more than all else about a call.
//!
//! What changes is checked each time: whether the token has run out, whether its key is still one of ours, and,
//! elsewhere, whether its client was revoked. A token is known by its hash, so that none is in memory that could be used.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};
use valetkey_core::{Timestamp, id::SigningKeyId};

use super::Claims;

/// How many tokens are remembered, some 200 bytes each.
const KEPT: usize = 10_000;

type Hash = [u8; 32];

/// A token whose signature is good.
#[derive(Clone)]
pub(super) struct Verified {
    /// The key that signed it.
    pub(super) key: SigningKeyId,
    /// What it says.
    pub(super) claims: Claims,
}

/// The hash that a token is known by.
pub(super) fn hash(token: &str) -> Hash {
    Sha256::digest(token).into()
}

#[derive(Default)]
pub(crate) struct VerifiedTokens(Mutex<HashMap<Hash, Verified>>);

impl VerifiedTokens {
    pub(super) fn get(&self, hash: &Hash) -> Option<Verified> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    /// Remembers a token. Those that have run out make room first.
    pub(super) fn put(&self, hash: Hash, verified: Verified, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.retain(|_, verified| verified.claims.valid_at(now));
        }
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(hash, verified);
    }
}
