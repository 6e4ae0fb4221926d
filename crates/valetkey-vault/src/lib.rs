//! The vault: the only crate that sees a data key.
//!
//! Envelope encryption. Each environment has data keys; a data key seals the secrets of that environment and is
//! itself stored only wrapped by a key-encryption key, which lives outside the database (a file, a variable, later a
//! KMS behind [`KeyEncryptionKey`]). A sealed value is bound to the environment, table, row and field that it was
//! made for and to the version of its key, so that moving ciphertext around in the database opens nothing.
//!
//! The cipher is XChaCha20-Poly1305: its 192-bit nonces may be drawn at random without counting messages per key
//! (<https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03> §3.1). `docs/adr/0003-vault.md` has the choice.

mod cipher;
mod data_key;
mod kek;
mod keyring;

pub use data_key::{DataKey, key_version};
pub use kek::{BoxFuture, InvalidKey, KeyEncryptionKey, LocalKey};
pub use keyring::{Keyring, WrappedDataKey};

/// Why the vault could not do its work. No variant carries key material, plaintext or ciphertext.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A sealed value does not open under this key and context: it is damaged, was moved, or belongs to another key.
    #[error(
        "the value in {table}.{field} does not open: it is damaged, was moved, or was sealed with another key"
    )]
    DoesNotOpen {
        /// Table of the value.
        table: &'static str,
        /// Column of the value.
        field: &'static str,
    },
    /// A wrapped data key names a key-encryption key that is not configured.
    #[error(
        "data key {version} of environment {environment} is wrapped by key {kek_id}, which is not configured; \
         set encryption.key_file to that key or add it to encryption.previous_key_files"
    )]
    UnknownKek {
        /// Environment of the data key.
        environment: String,
        /// Version of the data key.
        version: u32,
        /// The key-encryption key it asks for.
        kek_id: String,
    },
    /// A wrapped data key does not open.
    #[error(
        "data key {version} of environment {environment} does not open under key {kek_id}: it is damaged or was moved"
    )]
    DataKeyDoesNotOpen {
        /// Environment of the data key.
        environment: String,
        /// Version of the data key.
        version: u32,
        /// The key-encryption key that was tried.
        kek_id: String,
    },
    /// The key-encryption service failed.
    #[error("the key service {kek_id} failed: {reason}")]
    KeyService {
        /// The key-encryption key.
        kek_id: String,
        /// What it said; without key material.
        reason: String,
    },
}
