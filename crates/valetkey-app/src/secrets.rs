//! Random values of our own that others present to us, and the hashes under which we store them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use valetkey_core::{Entropy, Secret};

/// A new unguessable text of 256 random bits in base64url, 43 characters.
pub(crate) fn random_token(entropy: &dyn Entropy) -> Secret {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes);
    Secret::from(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Prefix, random part, and six characters of a checksum over both, so that a scanner can tell a leaked secret from
/// a text that only looks like one.
pub(crate) fn with_checksum(prefix: &str, random: &Secret) -> Secret {
    let body = format!("{prefix}{}", random.expose());
    let sum = hash("checksum", &body);
    Secret::from(format!("{body}{:02x}{:02x}{:02x}", sum[0], sum[1], sum[2]))
}

/// The hash under which a random text is stored. The text has 256 random bits, so that neither a salt nor a slow
/// hash would add anything. `purpose` keeps a text made for one use from being accepted for another.
pub(crate) fn hash(purpose: &str, text: &str) -> Vec<u8> {
    Sha256::new().chain_update(purpose).chain_update([0]).chain_update(text).finalize().to_vec()
}

/// Whether two hashes are equal, in time that does not depend on where they differ.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(left, right).into()
}
