//! How to open a database.

use std::{fmt, sync::Arc, time::Duration};

use super::WriteObserver;

/// How to open a database, apart from its URL.
#[derive(Clone)]
pub struct ConnectOptions {
    /// The number of connections: those that read on SQLite, which has one more that writes; all on PostgreSQL.
    pub connections: u32,
    /// How long a caller waits for a free connection, or for another writer, before the answer is
    /// [`StoreError::Busy`](crate::StoreError::Busy).
    pub patience: Duration,
    /// The schema to live in on PostgreSQL, made by [`Pool::migrate`](super::Pool::migrate) where it is missing; the
    /// server's default where absent. No meaning on SQLite.
    pub schema: Option<String>,
    /// Told of every write. For tests; `None` in production.
    pub observer: Option<Arc<dyn WriteObserver>>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self { connections: 8, patience: Duration::from_secs(10), schema: None, observer: None }
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ConnectOptions")
            .field("connections", &self.connections)
            .field("patience", &self.patience)
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}
