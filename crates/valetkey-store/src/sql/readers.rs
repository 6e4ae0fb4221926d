//! The connections that read from SQLite.
//!
//! They are kept here and not in a pool of sqlx, which pings a connection each time it comes back: every connection has
//! a thread of its own, and waking it twice costs more than most queries. A connection that comes back needs no
//! cleaning, because readers have no transactions, and a statement that was given up is reset by its thread.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, Connection as _, Error,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

type Opened<T> = std::result::Result<T, Error>;

/// Up to a fixed number of connections, opened when they are needed first.
pub(super) struct Readers {
    options: SqliteConnectOptions,
    patience: Duration,
    count: u32,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<SqliteConnection>>>,
}

impl Readers {
    /// Opens the first of `count` connections. A caller waits for one as long as `patience`.
    pub(super) async fn open(options: SqliteConnectOptions, count: u32, patience: Duration) -> Opened<Self> {
        let first = options.connect().await?;
        Ok(Self {
            options,
            patience,
            count,
            places: Arc::new(Semaphore::new(count as usize)),
            idle: Arc::new(Mutex::new(vec![first])),
        })
    }

    /// A connection that nobody else has.
    pub(super) async fn acquire(&self) -> Opened<Lease> {
        let place = time::timeout(self.patience, self.places.clone().acquire_owned());
        let place = place.await.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Lease { connection: Some(connection), idle: self.idle.clone(), _place: place })
    }

    /// Waits until all connections are given back, and closes them.
    pub(super) async fn close(&self) {
        // Fails where they are closed already.
        let all = self.places.acquire_many(self.count).await;
        self.places.close();
        drop(all);
        let idle = std::mem::take(&mut *lock(&self.idle));
        for connection in idle {
            // The file is whole, whatever SQLite says about a connection that only read.
            drop(connection.close().await);
        }
    }
}

fn lock(idle: &Mutex<Vec<SqliteConnection>>) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that goes back when it is dropped.
pub(super) struct Lease {
    connection: Option<SqliteConnection>,
    idle: Arc<Mutex<Vec<SqliteConnection>>>,
    _place: OwnedSemaphorePermit,
}

impl Deref for Lease {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "nothing but drop takes the connection away")]
    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("the lease has its connection")
    }
}

impl DerefMut for Lease {
    #[expect(clippy::expect_used, reason = "nothing but drop takes the connection away")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("the lease has its connection")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        lock(&self.idle).extend(self.connection.take());
    }
}
