//! SQLite, by rusqlite: a write-ahead log, one writer, several readers.
//!
//! A statement that finds its rows by an index takes microseconds, so it runs in the thread of its caller. What may
//! take longer, which is a statement marked as long, a script, a commit that waits for the disk, and the opening of a
//! connection, has a thread of the blocking pool, which the connection is moved to and back.

mod columns;
mod connections;
mod fault;
mod open;
mod run;
mod session;

use std::{
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
};

use super::ConnectOptions;
use crate::{Result, StoreError};
use connections::Connections;
use open::{Opener, Purpose};

pub(super) use columns::SqliteRow;
pub(super) use open::path;
pub(super) use session::Session;

/// The readers and the writer of one file.
pub(super) struct Engine {
    readers: Connections,
    writer: Connections,
    /// What [`run::foreign_version`] said last.
    foreign_version: AtomicI64,
}

impl Engine {
    /// Opens `path`; the file is made where it is missing.
    pub(super) async fn open(path: &Path, options: &ConnectOptions) -> Result<Self> {
        let fault = |source| StoreError::Connect { engine: "SQLite", source };
        open::create(path).map_err(|error| fault(error.into()))?;
        let patience = options.patience;
        let opener = |purpose| Opener { path: path.to_owned(), patience, purpose };
        let writer = Connections::new(opener(Purpose::Write), 1).await.map_err(fault)?;
        let readers = Connections::new(opener(Purpose::Read), options.connections.max(1));
        let readers = readers.await.map_err(fault)?;
        Ok(Self { readers, writer, foreign_version: AtomicI64::default() })
    }

    /// A connection for reading.
    pub(super) async fn read(&self, name: &'static str) -> Result<Session> {
        Ok(Session::new(self.readers.acquire(name).await?, self.readers.patience()))
    }

    /// The connection for writing, in a transaction.
    pub(super) async fn begin(&self, name: &'static str) -> Result<Session> {
        let mut session = Session::new(self.writer.acquire(name).await?, self.writer.patience());
        self.foreign_version.store(session.begin(name).await?, Ordering::Release);
        Ok(session)
    }

    /// A number that changes when another process writes to the file.
    pub(super) fn foreign_version(&self, name: &'static str) -> Result<i64> {
        // While this process writes, no other can, and it has asked when it began.
        if let Some(mut writer) = self.writer.acquire_idle() {
            self.foreign_version.store(run::foreign_version(writer.open(), name)?, Ordering::Release);
        }
        Ok(self.foreign_version.load(Ordering::Acquire))
    }

    /// Waits until all connections are given back, and closes them, the writer last: it folds the write-ahead log into
    /// the file.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
