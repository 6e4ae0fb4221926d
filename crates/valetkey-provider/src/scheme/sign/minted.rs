//! Tokens that a credential was exchanged for, in memory until shortly before their end.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use aws_lc_rs::digest::{Context, SHA256};
use http::StatusCode;
use tokio::sync::Mutex;
use valetkey_core::{
    Secret, Timestamp,
    connector::{Computed, Mint},
};

use crate::{Access, oauth::MintedToken};

/// How many tokens are kept. Where there are more, those that nobody uses at the moment are minted anew.
const MOST: usize = 10_000;

/// The tokens of this process. A token is found by what it was made of, so that a credential that changes has another.
#[derive(Default)]
pub(crate) struct Minted {
    slots: std::sync::Mutex<HashMap<Key, Arc<Mutex<Slot>>>>,
}

type Key = [u8; 32];

/// The place of a token. Whoever holds its lock mints, and the others wait.
#[derive(Default)]
pub(super) struct Slot {
    token: Option<Arc<MintedToken>>,
}

/// What a token is made of.
pub(super) struct Source(Key);

/// A token that a request carried.
pub(super) struct Kept {
    key: Key,
    /// The token, where it was there before the request.
    old: Option<Secret>,
    /// The statuses with which the API refuses it.
    refused: Vec<u16>,
}

impl Kept {
    /// Whether the token was there before the request.
    pub(super) const fn is_old(&self) -> bool {
        self.old.is_some()
    }

    /// Whether `status` is the API's refusal of the token.
    pub(super) fn is_refused_by(&self, status: StatusCode) -> bool {
        self.refused.contains(&status.as_u16())
    }
}

impl Source {
    /// The definition, the credential and the fields that `mint` works with.
    pub(super) fn of(mint: &Mint, computed: &Computed, access: &Access<'_>) -> Self {
        let mut digest = Context::new(&SHA256);
        let mut add = |text: &[u8]| {
            digest.update(&(text.len() as u64).to_be_bytes());
            digest.update(text);
        };
        add(&serde_json::to_vec(mint).unwrap_or_default());
        add(&serde_json::to_vec(computed).unwrap_or_default());
        for (name, value) in access.fields {
            add(name.as_bytes());
            add(value.as_bytes());
        }
        // No field has an empty name.
        add(b"");
        for (name, value) in access.credential.template_values() {
            add(name.as_bytes());
            add(value.expose().as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(digest.finish().as_ref());
        Self(key)
    }

    pub(super) fn kept(&self, old: Option<Secret>, mint: &Mint) -> Kept {
        Kept { key: self.0, old, refused: mint.refused.clone() }
    }
}

impl Slot {
    /// The token, where it can be used at `now`.
    pub(super) fn usable(&self, now: Timestamp) -> Option<Arc<MintedToken>> {
        self.token.clone().filter(|minted| now < minted.until)
    }

    /// Keeps a token.
    pub(super) fn keep(&mut self, minted: Arc<MintedToken>) {
        self.token = Some(minted);
    }
}

impl Minted {
    /// The place for the token of `source`.
    pub(super) fn slot(&self, source: &Source) -> Arc<Mutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(&source.0) {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        slots.entry(source.0).or_default().clone()
    }

    /// Forgets an old token, unless another one is in its place already, or that it is new: the API
    /// would not like another one better.
    pub(super) async fn forget(&self, kept: &Kept) {
        let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).get(&kept.key).cloned();
        let Some(slot) = slot else { return };
        let mut slot = slot.lock().await;
        if slot.token.as_ref().map(|minted| &minted.token) == kept.old.as_ref() {
            slot.token = None;
        }
    }
}
