//! Time that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use valetkey_core::{Clock, Timestamp};

/// A clock that a test moves.
pub struct TestClock(AtomicI64);

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
