//! State, nonce and code verifier.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use valetkey_core::{Entropy, Secret};

/// 256 random bits as 43 characters of base64url, which is also a code verifier of RFC 7636 §4.1.
pub(crate) fn random_text(entropy: &dyn Entropy) -> Secret {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes);
    Secret::from(URL_SAFE_NO_PAD.encode(bytes))
}

/// The S256 code challenge of a verifier (RFC 7636 §4.2).
pub(crate) fn code_challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Mutex};

    use super::*;

    struct Counter(Mutex<u64>);

    impl Entropy for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            let mut next = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *next += 1;
            bytes.fill(0);
            bytes[..8].copy_from_slice(&next.to_le_bytes());
        }
    }

    #[test]
    fn the_challenge_is_that_of_the_example_in_rfc_7636_appendix_b() {
        let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(code_challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn t02_verifiers_carry_all_bits_of_the_source_and_never_repeat() {
        let source = Counter(Mutex::new(0));
        let mut seen = HashSet::new();
        for _ in 0..100_000 {
            let verifier = random_text(&source);
            assert_eq!(verifier.expose().len(), 43);
            assert!(seen.insert(verifier.expose().to_owned()));
        }
    }
}
