//! Key-encryption keys: what wraps a data key and never meets a secret of a user.

use std::{fmt, future::Future, pin::Pin};

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use valetkey_core::Entropy;
use zeroize::Zeroizing;

use crate::{VaultError, cipher};

/// A boxed future that borrows for `'a`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that wraps and unwraps data keys: a key in memory, or a key service.
pub trait KeyEncryptionKey: Send + Sync {
    /// A stable name of the key, stored beside what it wraps. Not secret.
    fn id(&self) -> &str;

    /// Encrypts `data_key`, bound to `context`.
    fn wrap<'a>(
        &'a self,
        data_key: &'a [u8; 32],
        context: &'a [u8],
        entropy: &'a dyn Entropy,
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>>;

    /// Decrypts what [`wrap`](Self::wrap) made with the same context; `Ok(None)` where it does not open.
    fn unwrap<'a>(
        &'a self,
        wrapped: &'a [u8],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, VaultError>>;
}

/// A key-encryption key held in memory, read from a file or a variable.
pub struct LocalKey {
    id: String,
    key: Zeroizing<[u8; cipher::KEY]>,
}

/// A text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an encryption key is 32 random bytes in base64; make one with `openssl rand -base64 32`")]
pub struct InvalidKey;

impl LocalKey {
    /// Reads 32 bytes in base64; white space around them is ignored.
    pub fn from_base64(text: &str) -> Result<Self, InvalidKey> {
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(text.trim()).map_err(|_| InvalidKey)?);
        Ok(Self::from_bytes(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| InvalidKey)?)))
    }

    /// A key from its bytes. Its id is a hash, so that two installations that share a key agree on its name.
    pub fn from_bytes(key: Zeroizing<[u8; 32]>) -> Self {
        let digest = Sha256::new().chain_update(b"valetkey key id").chain_update(key.as_slice()).finalize();
        let id = digest[..8].iter().fold("local-".to_owned(), |id, byte| id + &format!("{byte:02x}"));
        Self { id, key }
    }

    /// The text of a new key, as [`LocalKey::from_base64`] reads it.
    pub fn generate(entropy: &dyn Entropy) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0_u8; cipher::KEY]);
        entropy.fill(bytes.as_mut_slice());
        Zeroizing::new(BASE64_STANDARD.encode(bytes.as_slice()))
    }
}

impl KeyEncryptionKey for LocalKey {
    fn id(&self) -> &str {
        &self.id
    }

    fn wrap<'a>(
        &'a self,
        data_key: &'a [u8; 32],
        context: &'a [u8],
        entropy: &'a dyn Entropy,
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        Box::pin(async move { Ok(cipher::seal(&self.key, context, data_key, entropy)) })
    }

    fn unwrap<'a>(
        &'a self,
        wrapped: &'a [u8],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, VaultError>> {
        Box::pin(async move { Ok(cipher::open(&self.key, context, wrapped)) })
    }
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LocalKey").field("id", &self.id).finish_non_exhaustive()
    }
}
