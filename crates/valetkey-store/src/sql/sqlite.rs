//! Opening SQLite: write-ahead log, one writer, several readers.

use std::path::{Path, PathBuf};

use sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};

use super::{ConnectOptions, readers::Readers};
use crate::{Result, StoreError};

/// Statements kept prepared per connection: all of this crate.
pub(super) const STATEMENT_CACHE: usize = 256;

/// The readers and the writer of one file.
pub(super) struct SqliteEngine {
    pub(super) readers: Readers,
    pub(super) writer: SqlitePool,
}

/// The file that a `sqlite:` URL names.
pub(super) fn path(rest: &str) -> Result<PathBuf> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() || path.starts_with(":memory:") {
        let reason =
            "name a file, such as sqlite:valetkey.db; a database in memory cannot have several connections";
        return Err(StoreError::Url { reason: reason.into() });
    }
    Ok(PathBuf::from(path))
}

fn fault(source: impl Into<crate::error::Fault>) -> StoreError {
    StoreError::Connect { engine: "SQLite", source: source.into() }
}

/// Makes the file, readable by its owner only. SQLite gives the files beside it the same permissions.
fn create(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(fault)
}

/// Opens `path`; the file is made where it is missing.
///
/// `synchronous` is FULL, because NORMAL may lose the last commits at a power failure, and a refresh token that was
/// rotated and lost cannot be had again.
pub(super) async fn open(path: &Path, options: &ConnectOptions) -> Result<SqliteEngine> {
    create(path)?;
    let common = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(options.patience)
        .statement_cache_capacity(STATEMENT_CACHE)
        .pragma("cache_size", "-16384")
        .disable_statement_logging();
    let for_writing =
        common.clone().journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(options.patience)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None);
    let writer = writer.connect_with(for_writing).await.map_err(fault)?;
    let for_reading = common.pragma("query_only", "ON");
    let readers =
        Readers::open(for_reading, options.connections.max(1), options.patience).await.map_err(fault)?;
    Ok(SqliteEngine { readers, writer })
}
