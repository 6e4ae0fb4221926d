//! The connections of one kind to a file: up to a fixed number, opened when they are needed first, each lent to one
//! caller at a time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::Connection;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::{JoinError, spawn_blocking},
    time,
};

use super::{columns::Columns, open::Opener};
use crate::{Result, StoreError, error::Fault};

/// A connection with what is known of the answers of its statements.
pub(super) struct Open {
    pub(super) connection: Connection,
    pub(super) columns: Columns,
}

#[derive(Debug, thiserror::Error)]
enum Unavailable {
    #[error("no connection was given back in time")]
    TimedOut,
    #[error("the database was closed")]
    Closed,
}

pub(super) struct Connections(Arc<Shared>);

struct Shared {
    opener: Opener,
    count: u32,
    places: Semaphore,
    idle: Mutex<Vec<Open>>,
}

/// Runs `work` on a thread that may block. It goes on to its end when the caller is dropped.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::result::Result<T, JoinError> {
    match spawn_blocking(work).await.map_err(JoinError::try_into_panic) {
        Ok(done) => Ok(done),
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(cancelled)) => Err(cancelled),
    }
}

impl Connections {
    /// Opens the first of `count` connections.
    pub(super) async fn new(opener: Opener, count: u32) -> std::result::Result<Self, Fault> {
        let idle = Mutex::new(vec![open(opener.clone()).await?]);
        Ok(Self(Arc::new(Shared { opener, count, places: Semaphore::new(count as usize), idle })))
    }

    /// How long a caller waits for a connection.
    pub(super) fn patience(&self) -> Duration {
        self.0.opener.patience
    }

    /// A connection that nobody else has. Those who wait get one in the order in which they came.
    pub(super) async fn acquire(&self, name: &'static str) -> Result<Lease> {
        let shared = &self.0;
        let place = match shared.places.try_acquire() {
            Ok(place) => place,
            Err(_) => match time::timeout(self.patience(), shared.places.acquire()).await {
                Ok(Ok(place)) => place,
                Ok(Err(_)) => {
                    return Err(StoreError::Lost { statement: name, source: Unavailable::Closed.into() });
                }
                Err(_) => {
                    return Err(StoreError::Busy { statement: name, source: Unavailable::TimedOut.into() });
                }
            },
        };
        let mut lease = self.lease(place);
        if lease.open.is_none() {
            let opened = open(shared.opener.clone()).await;
            lease.open = Some(opened.map_err(|source| StoreError::Lost { statement: name, source })?);
        }
        Ok(lease)
    }

    /// A connection that is open and that nobody has; `None` where there is none.
    pub(super) fn acquire_idle(&self) -> Option<Lease> {
        let lease = self.lease(self.0.places.try_acquire().ok()?);
        lease.open.is_some().then_some(lease)
    }

    fn lease(&self, place: SemaphorePermit<'_>) -> Lease {
        place.forget();
        Lease { open: self.0.idle().pop(), home: self.0.clone() }
    }

    /// Waits until all connections are given back, and closes them.
    pub(super) async fn close(&self) {
        let shared = &self.0;
        // Fails where they are closed already.
        let all = shared.places.acquire_many(shared.count).await;
        shared.places.close();
        drop(all);
        let idle = std::mem::take(&mut *shared.idle());
        // Nothing is lost where this fails: what was committed is in the write-ahead log.
        drop(blocking(|| drop(idle)).await);
    }
}

async fn open(opener: Opener) -> std::result::Result<Open, Fault> {
    let connection = blocking(move || opener.open()).await??;
    Ok(Open { connection, columns: Columns::default() })
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that goes back when it is dropped, without a transaction.
pub(super) struct Lease {
    open: Option<Open>,
    home: Arc<Shared>,
}

impl Lease {
    #[expect(clippy::expect_used, reason = "nothing but drop takes the connection away")]
    pub(super) fn open(&mut self) -> &mut Open {
        self.open.as_mut().expect("the lease has its connection")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            let clean = open.connection.is_autocommit() || open.connection.execute_batch("ROLLBACK").is_ok();
            // One that cannot be cleaned is closed, and another is opened in its place.
            if clean {
                self.home.idle().push(open);
            }
        }
        self.home.places.add_permits(1);
    }
}
