//! A credential and what belongs to it, as one text to seal.

use serde::{Serialize, de::DeserializeOwned};
use valetkey_core::credential::{Credential, UnreadableCredential};
use zeroize::Zeroizing;

use crate::{Error, Result};

/// The length of `head` in eight bytes, `head` as JSON, and the credential in its stored form.
pub(crate) fn pack(head: &impl Serialize, credential: &Credential) -> Result<Zeroizing<Vec<u8>>> {
    let head = serde_json::to_vec(head).map_err(Error::internal)?;
    let credential = credential.to_plaintext();
    let mut out = Zeroizing::new(Vec::with_capacity(8 + head.len() + credential.len()));
    out.extend_from_slice(&(head.len() as u64).to_be_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(&credential);
    Ok(out)
}

/// Reads what [`pack`] made.
pub(crate) fn unpack<Head: DeserializeOwned>(bytes: &[u8]) -> Result<(Head, Credential)> {
    let unreadable = || Error::internal(UnreadableCredential);
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(unreadable)?;
    let length = usize::try_from(u64::from_be_bytes(*length)).map_err(Error::internal)?;
    let (head, credential) = rest.split_at_checked(length).ok_or_else(unreadable)?;
    let head = serde_json::from_slice(head).map_err(Error::internal)?;
    Ok((head, Credential::from_plaintext(credential).map_err(Error::internal)?))
}
