//! Opening a connection to a file.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{Result, StoreError, sql::STATEMENT_CACHE};

/// Every connection.
const COMMON: &str = "PRAGMA foreign_keys = ON;";

/// `synchronous` is FULL, because NORMAL may lose the last commits at a power failure, and a refresh token that was
/// rotated and lost cannot be had again. The write-ahead log is folded into the file each 8,000 pages, 32 MB, and not
/// each 1,000, which the log of calls fills several times a second.
///
/// It keeps up to 64 MiB of the file in memory, so that the pages of the log of calls that belong to very many accounts
/// are not read anew for each of its transactions.
const WRITE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000;
    PRAGMA cache_size = -65536;";

/// The first 2 GiB of the file, which is as much as SQLite does, are mapped into memory: with a million accounts most
/// pages that a request needs are in no cache of a connection, and mapped they are neither asked of the system nor
/// copied. Where the disk fails to give a page, that ends the process, as it does for the index of the write-ahead log,
/// which is always mapped (<https://www.sqlite.org/mmap.html>).
///
/// Each keeps up to 16 MiB of the file in memory besides.
const READ: &str = "PRAGMA query_only = ON; PRAGMA mmap_size = 2147418112; PRAGMA cache_size = -16384;";

/// The file that a `sqlite:` URL names.
pub(in crate::sql) fn path(rest: &str) -> Result<PathBuf> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() || path.starts_with(":memory:") {
        let reason =
            "name a file, such as sqlite:valetkey.db; a database in memory cannot have several connections";
        return Err(StoreError::Url { reason: reason.into() });
    }
    Ok(PathBuf::from(path))
}

/// Makes the file, readable by its owner only. SQLite gives the files beside it the same permissions.
pub(super) fn create(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// What a connection is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// Opens connections of one kind. Waits as long as `patience` for another process that holds the file.
#[derive(Clone)]
pub(super) struct Opener {
    pub(super) path: PathBuf,
    pub(super) patience: Duration,
    pub(super) purpose: Purpose,
}

impl Opener {
    /// May take long, so it is for a thread that may block.
    pub(super) fn open(&self) -> rusqlite::Result<Connection> {
        // A connection belongs to one caller at a time, so that it needs no lock of its own.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        // Plans that do not depend on the values of parameters: otherwise SQLite compiles a statement again each time it
        // is used (<https://www.sqlite.org/queryplanner-ng.html#qpstab>).
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.busy_timeout(self.patience)?;
        connection.execute_batch(match self.purpose {
            Purpose::Read => READ,
            Purpose::Write => WRITE,
        })?;
        connection.execute_batch(COMMON)?;
        // From here on nothing waits within SQLite, which would hold a thread of the runtime.
        connection.busy_timeout(Duration::ZERO)?;
        Ok(connection)
    }
}
