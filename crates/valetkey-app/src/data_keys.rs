//! Joins vault and store: data keys are fetched or made once and kept in memory.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use valetkey_core::{
    Clock, Entropy,
    sealed::{SealContext, Sealed},
};
use valetkey_store::{Pool, data_key};
use valetkey_vault::{DataKey, Keyring, VaultError, WrappedDataKey, key_version};
use zeroize::Zeroizing;

use crate::Result;

/// The owner of secrets that belong to the installation, not to one environment.
pub(crate) const SYSTEM: &str = "system";

/// Data keys by environment and version.
///
/// A key is made in a transaction of its own. Callers seal before they open the transaction that stores the result,
/// because SQLite has one writer.
pub(crate) struct DataKeys {
    pool: Pool,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    cache: RwLock<HashMap<(String, u32), Arc<DataKey>>>,
    current: RwLock<HashMap<String, Arc<DataKey>>>,
}

fn stored(wrapped: &WrappedDataKey, created_at: valetkey_core::Timestamp) -> data_key::DataKey {
    data_key::DataKey {
        environment: wrapped.environment.clone(),
        version: i64::from(wrapped.version),
        kek_id: wrapped.kek_id.clone(),
        wrapped: wrapped.wrapped.clone(),
        created_at,
    }
}

fn wrapped(row: data_key::DataKey) -> WrappedDataKey {
    WrappedDataKey {
        environment: row.environment,
        version: u32::try_from(row.version).unwrap_or_default(),
        kek_id: row.kek_id,
        wrapped: row.wrapped,
    }
}

impl DataKeys {
    pub(crate) fn new(
        pool: Pool,
        keyring: Keyring,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { pool, keyring, clock, entropy, cache: RwLock::default(), current: RwLock::default() }
    }

    /// Seals `plaintext` with the current key of the environment that `context` names; makes the first key.
    pub(crate) async fn seal(&self, context: SealContext<'_>, plaintext: &[u8]) -> Result<Sealed> {
        let key = self.current(context.environment).await?;
        Ok(key.seal(context, plaintext, self.entropy.as_ref()))
    }

    /// Opens a sealed value.
    pub(crate) async fn open(&self, context: SealContext<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        let no_key = || VaultError::DoesNotOpen { table: context.table, field: context.field };
        let version = key_version(sealed).ok_or_else(no_key)?;
        let cached = read(&self.cache).get(&(context.environment.to_owned(), version)).cloned();
        let key = if let Some(key) = cached {
            key
        } else {
            let mut reader = self.pool.read().await?;
            let row = data_key::get(&mut reader, context.environment, i64::from(version)).await?;
            drop(reader);
            self.remember(wrapped(row.ok_or_else(no_key)?)).await?
        };
        Ok(key.open(context, sealed)?)
    }

    async fn current(&self, environment: &str) -> Result<Arc<DataKey>> {
        if let Some(key) = read(&self.current).get(environment).cloned() {
            return Ok(key);
        }
        let mut reader = self.pool.read().await?;
        let latest = data_key::latest(&mut reader, environment).await?;
        drop(reader);
        let row = match latest {
            Some(row) => row,
            None => self.make_first(environment).await?,
        };
        let key = self.remember(wrapped(row)).await?;
        write(&self.current).insert(environment.to_owned(), key.clone());
        Ok(key)
    }

    async fn make_first(&self, environment: &str) -> Result<data_key::DataKey> {
        let fresh = self.keyring.create_data_key(environment, 1, self.entropy.as_ref()).await?;
        let mut tx = self.pool.begin().await?;
        let winner = data_key::insert_if_absent(&mut tx, &stored(&fresh, self.clock.now())).await?;
        tx.commit().await?;
        Ok(winner)
    }

    async fn remember(&self, wrapped: WrappedDataKey) -> Result<Arc<DataKey>> {
        let key = Arc::new(self.keyring.open_data_key(&wrapped).await?);
        write(&self.cache).insert((wrapped.environment, wrapped.version), key.clone());
        Ok(key)
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(std::sync::PoisonError::into_inner)
}
