//! Waiting for what a node writes.

use tokio::sync::watch;
use valetkey_store::{WriteObserver, WritePoint};

/// Counts the transactions that a node has committed.
pub(crate) struct Commits(watch::Sender<u64>);

impl Commits {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Follows the count.
    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

impl WriteObserver for Commits {
    fn observe(&self, point: WritePoint) {
        if point == WritePoint::AfterCommit {
            self.0.send_modify(|count| *count += 1);
        }
    }
}
