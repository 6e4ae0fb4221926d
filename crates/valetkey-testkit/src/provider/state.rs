//! What the test provider remembers.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use valetkey_core::{Clock, Entropy, Timestamp};

use super::{Misbehaviour, RecordedRequest, TEST_CLIENT_ID, TEST_CLIENT_SECRET};

/// The test provider. Clones share their memory.
#[derive(Clone)]
pub struct TestProvider {
    memory: Arc<Mutex<Memory>>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
}

/// Everything that the test provider remembers.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) clients: BTreeMap<String, Client>,
    /// Authorization requests that wait for the user, or were pushed, by id.
    pub(super) requests: BTreeMap<String, Authorization>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) access_tokens: BTreeMap<String, AccessToken>,
    pub(super) refresh_tokens: BTreeMap<String, RefreshToken>,
    pub(super) misbehaviours: Vec<Misbehaviour>,
    pub(super) requests_seen: VecDeque<RecordedRequest>,
}

/// A registered application.
#[derive(Clone)]
pub(super) struct Client {
    /// Absent for a public client.
    pub(super) secret: Option<String>,
    /// Empty: any https or loopback address.
    pub(super) redirect_uris: Vec<String>,
}

/// What an application asked for.
#[derive(Clone)]
pub(super) struct Authorization {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) state: Option<String>,
    pub(super) code_challenge: String,
}

/// An authorization code.
pub(super) struct Code {
    pub(super) authorization: Authorization,
    pub(super) user: String,
    pub(super) expires_at: Timestamp,
    /// The grant that it was exchanged for.
    pub(super) spent_for: Option<String>,
}

/// A grant: who let which application do what.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
}

/// An access token.
pub(super) struct AccessToken {
    pub(super) grant: Grant,
    pub(super) expires_at: Timestamp,
}

/// A refresh token; each works once.
pub(super) struct RefreshToken {
    pub(super) grant: Grant,
    pub(super) spent: bool,
}

impl Memory {
    /// Revokes every token of a grant.
    pub(super) fn revoke(&mut self, grant: &str) {
        self.access_tokens.retain(|_, token| token.grant.id != grant);
        self.refresh_tokens.retain(|_, token| token.grant.id != grant);
    }
}

impl TestProvider {
    /// A provider with one client, [`TEST_CLIENT_ID`], which may use any https or loopback redirect URI.
    pub fn new(entropy: Arc<dyn Entropy>, clock: Arc<dyn Clock>) -> Self {
        let provider = Self { memory: Arc::default(), entropy, clock };
        provider.register_client(TEST_CLIENT_ID, Some(TEST_CLIENT_SECRET), &[]);
        provider
    }

    /// Registers an application, or replaces it. Without a secret it is a public client; without redirect URIs it may
    /// use any https or loopback address.
    pub fn register_client(&self, id: &str, secret: Option<&str>, redirect_uris: &[&str]) {
        let client = Client {
            secret: secret.map(ToOwned::to_owned),
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
        };
        self.memory().clients.insert(id.to_owned(), client);
    }

    /// Starts to misbehave, besides what was set before.
    pub fn misbehave(&self, misbehaviour: Misbehaviour) {
        self.memory().misbehaviours.push(misbehaviour);
    }

    /// Stops all misbehaviour.
    pub fn behave(&self) {
        self.memory().misbehaviours.clear();
    }

    /// The requests received so far, oldest first; at most the last thousand.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.memory().requests_seen.iter().cloned().collect()
    }

    /// The requests that the token endpoint received.
    pub fn token_requests(&self) -> Vec<RecordedRequest> {
        self.requests().into_iter().filter(|request| request.path == "/token").collect()
    }

    pub(super) fn remember(&self, request: RecordedRequest, kept: usize) {
        let seen = &mut self.memory().requests_seen;
        seen.push_back(request);
        while seen.len() > kept {
            seen.pop_front();
        }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether a misbehaviour is set.
    pub(super) fn does(&self, misbehaviour: &Misbehaviour) -> bool {
        self.memory().misbehaviours.contains(misbehaviour)
    }

    /// The first misbehaviour that `pick` accepts.
    pub(super) fn wrong<T>(&self, pick: impl FnMut(&Misbehaviour) -> Option<T>) -> Option<T> {
        self.memory().misbehaviours.iter().find_map(pick)
    }

    /// A prefix and 128 random bits.
    pub(super) fn random(&self, prefix: &str) -> String {
        let mut bytes = [0_u8; 16];
        self.entropy.fill(&mut bytes);
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}
