//! A database for one test.

use valetkey_store::{ConnectOptions, Pool};

use super::{postgres::PostgresDatabase, row::T0};

/// A migrated database of its own, gone when dropped.
pub(crate) struct Database {
    pub(crate) pool: Pool,
    pub(crate) url: String,
    _home: Home,
}

enum Home {
    Sqlite { _directory: tempfile::TempDir },
    Postgres { _database: PostgresDatabase },
}

/// The PostgreSQL server to test on, where one is named.
pub(crate) fn server() -> Option<String> {
    std::env::var("VALETKEY_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// The options of tests: few connections, because many tests run at once.
pub(crate) fn options() -> ConnectOptions {
    ConnectOptions { connections: 4, ..ConnectOptions::default() }
}

impl Database {
    pub(crate) async fn new() -> Self {
        Self::with(options()).await
    }

    pub(crate) async fn with(options: ConnectOptions) -> Self {
        let (url, home) = match server() {
            None => {
                let directory = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", directory.path().join("test.db").display());
                (url, Home::Sqlite { _directory: directory })
            }
            Some(server) => {
                let database = PostgresDatabase::cloned(&server).await;
                (database.url.clone(), Home::Postgres { _database: database })
            }
        };
        let pool = Pool::connect(&url, &options).await.unwrap();
        pool.migrate(T0).await.unwrap();
        Self { pool, url, _home: home }
    }

    /// An empty database that was never migrated.
    pub(crate) async fn blank() -> Self {
        let (url, home) = match server() {
            None => {
                let directory = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", directory.path().join("test.db").display());
                (url, Home::Sqlite { _directory: directory })
            }
            Some(server) => {
                let database = PostgresDatabase::empty(&server).await;
                (database.url.clone(), Home::Postgres { _database: database })
            }
        };
        let pool = Pool::connect(&url, &options()).await.unwrap();
        Self { pool, url, _home: home }
    }

    /// Runs SQL behind the back of the store, to put the database into states that it does not make itself.
    pub(crate) async fn tamper(&self, sql: &'static str) {
        use sqlx::Connection;
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
        } else {
            let mut conn = sqlx::PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        }
    }
}
