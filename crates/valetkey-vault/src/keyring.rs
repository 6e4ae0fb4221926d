//! The configured key-encryption keys: one that wraps, and those that may still unwrap.

use std::sync::Arc;

use valetkey_core::Entropy;
use zeroize::Zeroizing;

use crate::{DataKey, KeyEncryptionKey, VaultError, cipher};

/// A data key as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrappedDataKey {
    /// The environment that it belongs to, or `system`.
    pub environment: String,
    /// Its version within the environment, from 1.
    pub version: u32,
    /// The key-encryption key that wrapped it.
    pub kek_id: String,
    /// The ciphertext.
    pub wrapped: Vec<u8>,
}

/// Key-encryption keys by id.
#[derive(Clone)]
pub struct Keyring {
    primary: Arc<dyn KeyEncryptionKey>,
    previous: Vec<Arc<dyn KeyEncryptionKey>>,
}

fn context(environment: &str, version: u32, kek_id: &str) -> Vec<u8> {
    cipher::associated_data(&[
        b"valetkey data key",
        environment.as_bytes(),
        &version.to_be_bytes(),
        kek_id.as_bytes(),
    ])
}

impl Keyring {
    /// A ring whose `primary` wraps new data keys; `previous` keys only unwrap.
    pub fn new(primary: Arc<dyn KeyEncryptionKey>, previous: Vec<Arc<dyn KeyEncryptionKey>>) -> Self {
        Self { primary, previous }
    }

    /// Makes a data key and wraps it.
    pub async fn create_data_key(
        &self,
        environment: &str,
        version: u32,
        entropy: &dyn Entropy,
    ) -> Result<WrappedDataKey, VaultError> {
        let mut key = Zeroizing::new([0_u8; cipher::KEY]);
        entropy.fill(key.as_mut_slice());
        let kek_id = self.primary.id().to_owned();
        let wrapped = self.primary.wrap(&key, &context(environment, version, &kek_id), entropy).await?;
        Ok(WrappedDataKey { environment: environment.to_owned(), version, kek_id, wrapped })
    }

    /// Opens a stored data key.
    pub async fn open_data_key(&self, stored: &WrappedDataKey) -> Result<DataKey, VaultError> {
        let WrappedDataKey { environment, version, kek_id, wrapped } = stored;
        let kek = std::iter::once(&self.primary).chain(&self.previous).find(|kek| kek.id() == kek_id);
        let Some(kek) = kek else {
            return Err(VaultError::UnknownKek {
                environment: environment.clone(),
                version: *version,
                kek_id: kek_id.clone(),
            });
        };
        let plain = kek.unwrap(wrapped, &context(environment, *version, kek_id)).await?;
        let key = plain.and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or_else(|| {
            VaultError::DataKeyDoesNotOpen {
                environment: environment.clone(),
                version: *version,
                kek_id: kek_id.clone(),
            }
        })?;
        Ok(DataKey { environment: environment.clone(), version: *version, key: Zeroizing::new(key) })
    }
}
