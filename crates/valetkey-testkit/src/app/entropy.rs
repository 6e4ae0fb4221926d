//! Randomness that a test can repeat.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use valetkey_core::Entropy;

/// A stream of bytes that its seed decides: SHA-256 over the seed and a counter.
pub struct SeededEntropy {
    seed: AtomicU64,
    counter: AtomicU64,
}

impl SeededEntropy {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed: AtomicU64::new(seed), counter: AtomicU64::new(0) }
    }

    /// Begins the stream of another seed.
    pub fn reseed(&self, seed: u64) {
        self.seed.store(seed, Ordering::SeqCst);
        self.counter.store(0, Ordering::SeqCst);
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.counter.fetch_add(1, Ordering::SeqCst);
            let digest = Sha256::new()
                .chain_update(self.seed.load(Ordering::SeqCst).to_be_bytes())
                .chain_update(block.to_be_bytes())
                .finalize();
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
    }
}
