//! A database of a test's own: a SQLite file, or a schema of the PostgreSQL server that
//! `VALETKEY_TEST_DATABASE_URL` names.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;
use valetkey_core::Timestamp;
use valetkey_store::{ConnectOptions, Pool, StoreError, WriteObserver};

/// An empty, migrated database. A SQLite file goes away with it; a schema goes away with the server.
pub struct TestDatabase {
    directory: TempDir,
    postgres: Option<(String, String)>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// A database of the engine that the test run is for.
    ///
    /// # Errors
    /// Where no temporary directory can be made.
    pub fn new() -> std::io::Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("t{}_{number}", std::process::id());
        let postgres = std::env::var("VALETKEY_TEST_DATABASE_URL").ok().map(|url| (url, schema));
        Ok(Self { directory: TempDir::new()?, postgres })
    }

    /// Where the SQLite file is; `None` on PostgreSQL.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        self.postgres.is_none().then(|| self.directory.path().join("valetkey.db"))
    }

    /// The address of the database and the schema in it.
    pub fn address(&self) -> (String, Option<String>) {
        match &self.postgres {
            Some((url, schema)) => (url.clone(), Some(schema.clone())),
            None => (format!("sqlite:{}", self.directory.path().join("valetkey.db").display()), None),
        }
    }

    /// Opens and migrates it. `observer` is told of every write.
    ///
    /// # Errors
    /// Where the database cannot be opened.
    pub async fn open(&self, now: Timestamp, observer: Option<Arc<dyn WriteObserver>>) -> Result<Pool, StoreError> {
        let (url, schema) = self.address();
        let options = ConnectOptions { connections: 4, schema, observer, ..ConnectOptions::default() };
        let pool = Pool::connect(&url, &options).await?;
        pool.migrate(now).await?;
        Ok(pool)
    }
}
