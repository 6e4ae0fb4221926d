//! Time that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use valetkey_core::{Clock, Timestamp};

/// 2026-11-21T00:00:00Z, when every test begins.
const START: i64 = 1_795_219_200_000;

/// A clock that a test moves.
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self::new(Timestamp::from_millis(START))
    }
}

impl TestClock {
    /// Stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.millis()))
    }

    /// Moves by `seconds`.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
