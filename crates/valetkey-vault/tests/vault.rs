//! What the vault promises.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use proptest::prelude::*;
use valetkey_core::{
    Entropy,
    sealed::{SealContext, Sealed},
};
use valetkey_vault::{DataKey, Keyring, LocalKey, VaultError, key_version};

/// Distinct bytes for each call, the same in each run.
struct Sequence(AtomicU64);

impl Entropy for Sequence {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

fn entropy() -> Sequence {
    Sequence(AtomicU64::new(1))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

fn local(seed: u64) -> Arc<LocalKey> {
    let text = LocalKey::generate(&Sequence(AtomicU64::new(seed)));
    Arc::new(LocalKey::from_base64(&text).unwrap())
}

fn data_key(environment: &str, version: u32) -> DataKey {
    let ring = Keyring::new(local(7), vec![]);
    let wrapped = block_on(ring.create_data_key(environment, version, &entropy())).unwrap();
    block_on(ring.open_data_key(&wrapped)).unwrap()
}

const HERE: SealContext<'static> =
    SealContext { environment: "env_a", table: "credentials", row: "ca_1", field: "sealed" };

#[test]
fn a_value_opens_where_it_was_sealed() {
    let key = data_key("env_a", 3);
    let sealed = key.seal(HERE, b"refresh-token", &entropy());
    assert_eq!(key.open(HERE, &sealed).unwrap().as_slice(), b"refresh-token");
    assert_eq!(key_version(&sealed), Some(3));
}

#[test]
fn t83_a_value_moved_to_another_place_or_key_version_does_not_open() {
    let key = data_key("env_a", 1);
    let sealed = key.seal(HERE, b"secret", &entropy());
    let elsewhere = [
        SealContext { environment: "env_b", ..HERE },
        SealContext { table: "connections", ..HERE },
        SealContext { row: "ca_2", ..HERE },
        SealContext { field: "api_config", ..HERE },
    ];
    for context in elsewhere {
        assert!(matches!(key.open(context, &sealed), Err(VaultError::DoesNotOpen { .. })), "{context:?}");
    }
    let mut forged = sealed.as_bytes().to_vec();
    forged[4] = 2;
    assert!(data_key("env_a", 2).open(HERE, &Sealed::from_bytes(forged)).is_err());
}

#[test]
fn a_wrapped_data_key_moved_to_another_environment_does_not_open() {
    let ring = Keyring::new(local(7), vec![]);
    let mut wrapped = block_on(ring.create_data_key("env_a", 1, &entropy())).unwrap();
    wrapped.environment = "env_b".into();
    assert!(matches!(block_on(ring.open_data_key(&wrapped)), Err(VaultError::DataKeyDoesNotOpen { .. })));
}

#[test]
fn after_a_change_of_the_key_the_previous_one_still_opens_and_an_unknown_one_is_named() {
    let (old, new) = (local(1), local(2));
    let wrapped =
        block_on(Keyring::new(old.clone(), vec![]).create_data_key("env_a", 1, &entropy())).unwrap();
    assert!(block_on(Keyring::new(new.clone(), vec![old]).open_data_key(&wrapped)).is_ok());
    let error = block_on(Keyring::new(new, vec![]).open_data_key(&wrapped)).unwrap_err();
    assert!(error.to_string().contains("encryption.previous_key_files"), "{error}");
}

#[test]
fn t82_nonces_have_192_bits_and_do_not_repeat() {
    let (key, entropy) = (data_key("env_a", 1), entropy());
    let nonces: std::collections::HashSet<Vec<u8>> =
        (0..1000).map(|_| key.seal(HERE, b"same", &entropy).as_bytes()[5..29].to_vec()).collect();
    assert_eq!(nonces.len(), 1000);
}

#[test]
fn t86_debug_output_of_keys_shows_no_key() {
    let text = LocalKey::generate(&entropy());
    let key = LocalKey::from_base64(&text).unwrap();
    let shown = format!("{key:?} {:?}", data_key("env_a", 1));
    assert!(
        shown.contains("local-") && !shown.contains(text.as_str()) && !shown.contains("key: "),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn a_damaged_value_never_opens(plain in proptest::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let key = data_key("env_a", 1);
        let mut bytes = key.seal(HERE, &plain, &entropy()).as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(key.open(HERE, &Sealed::from_bytes(bytes)).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(data_key("env_a", 1).open(HERE, &Sealed::from_bytes(bytes)).is_err());
    }
}
