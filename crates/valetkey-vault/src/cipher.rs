//! XChaCha20-Poly1305 with the nonce in front of the ciphertext.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use valetkey_core::Entropy;
use zeroize::Zeroizing;

/// Bytes of a key.
pub(crate) const KEY: usize = 32;
/// Bytes of a nonce.
pub(crate) const NONCE: usize = 24;

/// Nonce, then ciphertext and tag.
pub(crate) fn seal(key: &[u8; KEY], aad: &[u8], plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let mut nonce = [0_u8; NONCE];
    entropy.fill(&mut nonce);
    #[expect(clippy::expect_used, reason = "fails only above 256 GiB, and every caller is bounded far below")]
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad })
        .expect("plaintext is short");
    [nonce.as_slice(), &ciphertext].concat()
}

/// The plaintext of what [`seal`] made with the same key and associated data, else `None`.
pub(crate) fn open(key: &[u8; KEY], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad })
        .ok()
        .map(Zeroizing::new)
}

/// Joins parts so that no two different lists give the same bytes: each part follows its length.
pub(crate) fn associated_data(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().fold(Vec::new(), |mut out, part| {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
        out
    })
}
