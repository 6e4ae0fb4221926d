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

/// How many connections a pool has: those that read on SQLite, which has one more that writes; all on PostgreSQL.
pub const CONNECTIONS: u32 = 4;

/// Where files are kept in memory only, on systems that have it.
const MEMORY: &str = "/dev/shm";

/// An empty, migrated database. A SQLite file goes away with it; a schema goes away with the server.
pub struct TestDatabase {
    directory: TempDir,
    /// The address of a database that is not the file in the directory.
    elsewhere: Option<(String, Option<String>)>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// A database of the engine that the test run is for.
    ///
    /// # Errors
    /// Where no temporary directory can be made.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self::within(TempDir::new()?))
    }

    /// The same where a SQLite file does not wait for a disk, on systems that can. What was written outlives the
    /// process that wrote it, though not the machine.
    ///
    /// # Errors
    /// Where no temporary directory can be made.
    pub fn without_disk() -> std::io::Result<Self> {
        let memory = std::path::Path::new(MEMORY);
        Ok(Self::within(if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? }))
    }

    fn within(directory: TempDir) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("t{}_{number}", std::process::id());
        let elsewhere = std::env::var("VALETKEY_TEST_DATABASE_URL").ok().map(|url| (url, Some(schema)));
        Self { directory, elsewhere }
    }

    /// A copy of a database that no server has open: its SQLite file, or on PostgreSQL a new, empty schema.
    ///
    /// # Errors
    /// Where the file cannot be copied.
    pub fn copy_of(other: &Self) -> std::io::Result<Self> {
        let copy = Self::new()?;
        if let (Some(from), Some(to)) = (other.sqlite_file(), copy.sqlite_file()) {
            std::fs::copy(from, to)?;
        }
        Ok(copy)
    }

    /// A database that another process has made, at its [address](Self::address).
    ///
    /// # Errors
    /// Where no temporary directory can be made.
    pub fn at(url: String, schema: Option<String>) -> std::io::Result<Self> {
        Ok(Self { directory: TempDir::new()?, elsewhere: Some((url, schema)) })
    }

    /// Where the SQLite file is; `None` on PostgreSQL.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        self.elsewhere.is_none().then(|| self.directory.path().join("valetkey.db"))
    }

    /// The address of the database and the schema in it.
    pub fn address(&self) -> (String, Option<String>) {
        match &self.elsewhere {
            Some(elsewhere) => elsewhere.clone(),
            None => (format!("sqlite:{}", self.directory.path().join("valetkey.db").display()), None),
        }
    }

    /// Opens and migrates it. `observer` is told of every write.
    ///
    /// # Errors
    /// Where the database cannot be opened.
    pub async fn open(
        &self,
        now: Timestamp,
        observer: Option<Arc<dyn WriteObserver>>,
    ) -> Result<Pool, StoreError> {
        let (url, schema) = self.address();
        let options =
            ConnectOptions { connections: CONNECTIONS, schema, observer, ..ConnectOptions::default() };
        let pool = Pool::connect(&url, &options).await?;
        pool.migrate(now).await?;
        Ok(pool)
    }
}
