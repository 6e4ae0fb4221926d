//! The time and the randomness of this machine.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use valetkey_core::{Clock, Entropy, Timestamp};

/// The clock of this machine, because caches have to run out while they are measured.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The random generator of the operating system, because request ids are paid for with it.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::expect_used, reason = "without randomness there is nothing to measure")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
pub(crate) struct Numbers(AtomicU64);

impl Numbers {
    /// The sequence of `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// A number below `end`.
    pub(crate) fn below(&self, end: u64) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

impl Entropy for Numbers {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.below(256).to_le_bytes()[0]);
    }
}
