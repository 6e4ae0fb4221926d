//! A place for tests to watch writes, and to end the process at any of them.

/// A moment around a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WritePoint {
    /// A statement that changes data is about to run.
    Write {
        /// The statement.
        statement: &'static str,
    },
    /// A transaction is about to be committed.
    BeforeCommit,
    /// A transaction was committed.
    AfterCommit,
}

/// Told of every write before it happens, and of every commit before and after. Production has none.
pub trait WriteObserver: Send + Sync {
    /// Called in order, from the task that writes.
    fn observe(&self, point: WritePoint);
}
