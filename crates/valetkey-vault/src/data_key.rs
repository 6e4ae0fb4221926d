//! Data keys: what seals the secrets of one environment.

use std::fmt;

use valetkey_core::{
    Entropy,
    sealed::{SealContext, Sealed},
};
use zeroize::Zeroizing;

use crate::{VaultError, cipher};

/// The layout of a sealed value: this byte, the key version as four bytes, nonce, ciphertext, tag.
const FORMAT: u8 = 1;
const HEADER: usize = 5;

/// A data key in memory. Wiped when dropped.
pub struct DataKey {
    pub(crate) environment: String,
    pub(crate) version: u32,
    pub(crate) key: Zeroizing<[u8; cipher::KEY]>,
}

/// The version of the data key that sealed a value; `None` where the bytes are no sealed value.
pub fn key_version(sealed: &Sealed) -> Option<u32> {
    let (header, _) = sealed.as_bytes().split_first_chunk::<HEADER>()?;
    (header[0] == FORMAT).then(|| u32::from_be_bytes([header[1], header[2], header[3], header[4]]))
}

impl DataKey {
    /// The environment whose secrets this key seals.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The version of this key within its environment, from 1.
    pub const fn version(&self) -> u32 {
        self.version
    }

    fn header(&self) -> [u8; HEADER] {
        let version = self.version.to_be_bytes();
        [FORMAT, version[0], version[1], version[2], version[3]]
    }

    /// Environment, table, row and field from the caller; format and key version from the value itself.
    fn associated_data(&self, context: SealContext<'_>) -> Vec<u8> {
        cipher::associated_data(&[
            &self.header(),
            context.environment.as_bytes(),
            context.table.as_bytes(),
            context.row.as_bytes(),
            context.field.as_bytes(),
        ])
    }

    /// Seals `plaintext` for one place in the database.
    pub fn seal(&self, context: SealContext<'_>, plaintext: &[u8], entropy: &dyn Entropy) -> Sealed {
        let body = cipher::seal(&self.key, &self.associated_data(context), plaintext, entropy);
        Sealed::from_bytes([self.header().as_slice(), &body].concat())
    }

    /// Opens a value sealed by this key for the same place.
    pub fn open(&self, context: SealContext<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        sealed
            .as_bytes()
            .strip_prefix(&self.header())
            .and_then(|body| cipher::open(&self.key, &self.associated_data(context), body))
            .ok_or(VaultError::DoesNotOpen { table: context.table, field: context.field })
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DataKey")
            .field("environment", &self.environment)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
