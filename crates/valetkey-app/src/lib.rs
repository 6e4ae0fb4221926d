//! The use cases: one file per verb. Each does its work in one transaction, with no network call inside it.
//!
//! Surfaces translate and call; here is where it is decided, with the pure laws of `valetkey-core`, and where vault,
//! store and provider are joined. To add a verb, add a file with an `impl App` block to the folder of its noun.

pub mod account;
pub mod api_token;
pub mod bulk;
pub mod call;
mod caller;
pub mod cleanup;
pub mod client;
pub mod connect;
pub mod connection;
pub mod credential;
mod data_keys;
pub mod doctor;
pub mod environment;
mod error;
pub mod event;
pub mod health;
pub mod idempotency;
pub mod job;
mod journal;
pub mod link;
pub mod operator;
pub mod organization;
mod packed;
pub mod page;
pub mod provider;
pub mod proxy;
mod recorder;
pub mod refresh;
mod revocation;
mod secrets;
mod settings;
pub mod token;
pub mod tool;
pub mod verification;
mod web_address;

use std::sync::Arc;

use valetkey_core::{Clock, Entropy, connector::Registry};
use valetkey_provider::Provider;
use valetkey_store::Pool;
use valetkey_vault::Keyring;

pub use caller::{Caller, permission};
pub use error::{Error, FieldViolation, Result};
pub use settings::Settings;

/// Everything the use cases work with.
pub struct Parts {
    /// The database, migrated.
    pub pool: Pool,
    /// The keys that wrap data keys.
    pub keyring: Keyring,
    /// The way out to third parties.
    pub provider: Provider,
    /// Built-in connectors with the operator's changes.
    pub registry: Registry,
    /// What the operator has set.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What [`App`] shares among its clones.
#[doc(hidden)]
pub struct Inner {
    pub(crate) pool: Pool,
    pub(crate) keys: data_keys::DataKeys,
    pub(crate) provider: Provider,
    pub(crate) registry: Registry,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) signing: token::SigningKeys,
    pub(crate) clients: client::ClientCache,
    pub(crate) api_tokens: api_token::ApiTokenCache,
    pub(crate) connections: connection::KnownConnections,
    pub(crate) targets: refresh::TokenTargets,
    pub(crate) rate_limits: call::RateLimits,
    pub(crate) flights: refresh::Flights,
    pub(crate) bulk: bulk::Flights,
    pub(crate) key_room: idempotency::KeyRoom,
    pub(crate) snapshots: credential::Snapshots,
    pub(crate) recorder: recorder::Recorder,
    pub(crate) last_event: journal::LastEvent,
    /// All tools, once somebody has asked for one.
    pub(crate) catalogue: std::sync::OnceLock<tool::Catalogue>,
    /// The name of this process where it holds something.
    pub(crate) process: String,
    pub(crate) winding_down: std::sync::atomic::AtomicBool,
    pub(crate) wound_down: tokio::sync::Notify,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Joins the parts.
    pub fn new(parts: Parts) -> Self {
        let Parts { pool, keyring, provider, registry, settings, clock, entropy } = parts;
        let keys = data_keys::DataKeys::new(pool.clone(), keyring, clock.clone(), entropy.clone());
        let process = secrets::random_token(entropy.as_ref()).expose().chars().take(16).collect();
        Self(Arc::new(Inner {
            pool,
            keys,
            provider,
            registry,
            settings,
            clock,
            entropy,
            signing: token::SigningKeys::default(),
            clients: client::ClientCache::default(),
            api_tokens: api_token::ApiTokenCache::default(),
            connections: connection::KnownConnections::default(),
            targets: refresh::TokenTargets::default(),
            rate_limits: call::RateLimits::default(),
            flights: refresh::Flights::default(),
            bulk: bulk::Flights::default(),
            key_room: idempotency::KeyRoom::default(),
            snapshots: credential::Snapshots::default(),
            recorder: recorder::Recorder::default(),
            last_event: journal::LastEvent::default(),
            catalogue: std::sync::OnceLock::new(),
            process,
            winding_down: false.into(),
            wound_down: tokio::sync::Notify::new(),
        }))
    }

    /// What the operator has set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The clock of the use cases.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// The name of this process where it holds something, such as the slot of an account.
    pub fn process(&self) -> &str {
        &self.process
    }

    /// The time, as the use cases see it.
    pub fn now(&self) -> valetkey_core::Timestamp {
        self.clock.now()
    }

    /// Built-in connectors with the operator's changes.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}
