//! The pool: where connections and transactions come from.

use std::{fmt, sync::Arc};

use sqlx::postgres::PgPool;

use super::{Conn, ConnectOptions, Reader, Tx, WriteObserver, conn::Wire, postgres, sqlite};
use crate::{Result, StoreError};

/// An open database. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    engine: Engine,
    schema: Option<String>,
    observer: Option<Arc<dyn WriteObserver>>,
}

enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(PgPool),
}

impl Pool {
    /// Opens the database that `url` names: `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE` with
    /// `?sslmode=verify-full&sslrootcert=FILE` for TLS. A missing SQLite file is made. The schema is left as it is:
    /// see [`Pool::migrate`].
    pub async fn connect(url: &str, options: &ConnectOptions) -> Result<Self> {
        let engine = match url.split_once(':') {
            Some(("sqlite", rest)) => {
                Engine::Sqlite(sqlite::Engine::open(&sqlite::path(rest)?, options).await?)
            }
            Some(("postgres" | "postgresql", _)) => Engine::Postgres(postgres::open(url, options).await?),
            _ => {
                let reason = "must start with sqlite: or postgres://".into();
                return Err(StoreError::Url { reason });
            }
        };
        Ok(Self(Arc::new(Inner {
            engine,
            schema: options.schema.clone(),
            observer: options.observer.clone(),
        })))
    }

    /// A connection for reading, one statement at a time, each of which sees what is committed by then.
    pub async fn read(&self) -> Result<Reader> {
        const NAME: &str = "read";
        let wire = match &self.0.engine {
            Engine::Sqlite(engine) => Wire::Sqlite(engine.read(NAME).await?),
            Engine::Postgres(pool) => {
                let free = pool.acquire().await.map_err(|error| StoreError::of_postgres(NAME, error))?;
                Wire::Postgres(postgres::Session::Free(free))
            }
        };
        Ok(Reader(Conn { wire, observer: None }))
    }

    /// A transaction, which is undone when it is dropped without [`Tx::commit`]. On SQLite there is one at a time, and
    /// a second one waits; on PostgreSQL the isolation is READ COMMITTED.
    pub async fn begin(&self) -> Result<Tx> {
        const NAME: &str = "begin";
        let wire = match &self.0.engine {
            Engine::Sqlite(engine) => Wire::Sqlite(engine.begin(NAME).await?),
            Engine::Postgres(pool) => {
                let begun = pool.begin().await.map_err(|error| StoreError::of_postgres(NAME, error))?;
                Wire::Postgres(postgres::Session::Transaction(begun))
            }
        };
        Ok(Tx(Conn { wire, observer: self.0.observer.clone() }))
    }

    /// A number that changes when another process writes to the database; `None` where the engine does not tell, as
    /// PostgreSQL.
    pub fn foreign_version(&self) -> Result<Option<i64>> {
        match &self.0.engine {
            Engine::Sqlite(engine) => engine.foreign_version("foreign_version").map(Some),
            Engine::Postgres(_) => Ok(None),
        }
    }

    /// Closes all connections once they are given back. SQLite folds its write-ahead log into the file.
    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(pool) => pool.close().await,
        }
    }

    /// The name of the engine: `SQLite` or `PostgreSQL`.
    pub fn engine(&self) -> &'static str {
        match self.0.engine {
            Engine::Sqlite(_) => "SQLite",
            Engine::Postgres(_) => "PostgreSQL",
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.0.engine, Engine::Postgres(_))
    }

    pub(crate) fn schema(&self) -> Option<&str> {
        self.0.schema.as_deref()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pool({})", self.engine())
    }
}
