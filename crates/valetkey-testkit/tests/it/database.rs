//! The database as somebody sees it who has stolen it.

use std::process::Command;

use rusqlite::ToSql;
use sqlx::{AssertSqlSafe, Connection, Row};
use valetkey_testkit::app::{Outcome, TestApp};

/// Everything that is stored: the files of SQLite, or the output of `pg_dump`.
pub(crate) fn dump(app: &TestApp) -> Outcome<Vec<u8>> {
    if let Some(file) = app.database.sqlite_file() {
        let mut bytes = std::fs::read(&file)?;
        bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
        return Ok(bytes);
    }
    let (url, schema) = app.database.address();
    let mut command = Command::new(pg_dump());
    command.args(["--dbname", &url, "--schema", &schema.unwrap_or_default()]);
    let output = command.output()?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}

/// The newest `pg_dump`, which can read every server that is installed.
fn pg_dump() -> std::path::PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> =
        installed.map(|version| version.path().join("bin/pg_dump")).filter(|file| file.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pg_dump".into())
}

/// The binary values of the first column, past the vault and the store.
pub(crate) async fn blobs(app: &TestApp, sql: &str) -> Outcome<Vec<Vec<u8>>> {
    let (url, schema) = app.database.address();
    if let Some(schema) = schema {
        let mut connection = postgres(&url, &schema).await?;
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await?;
        return Ok(rows.iter().map(|row| row.try_get_unchecked(0)).collect::<Result<_, _>>()?);
    }
    let connection = sqlite(&url)?;
    let mut statement = connection.prepare(sql)?;
    let values = statement.query_map([], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec()))?;
    Ok(values.collect::<Result<_, _>>()?)
}

/// Writes `blob` as `$1` and `id` as `$2`, past the vault and the store.
pub(crate) async fn overwrite(app: &TestApp, sql: &str, blob: &[u8], id: &str) -> Outcome<()> {
    let (url, schema) = app.database.address();
    let changed = if let Some(schema) = schema {
        let mut connection = postgres(&url, &schema).await?;
        let query = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(blob).bind(id);
        query.execute(&mut connection).await?.rows_affected()
    } else {
        sqlite(&url)?.execute(sql, &[("$1", &blob as &dyn ToSql), ("$2", &id)])? as u64
    };
    if changed == 1 { Ok(()) } else { Err(format!("{changed} rows changed").into()) }
}

/// Runs a statement, past the store.
pub(crate) async fn run(app: &TestApp, sql: &str) -> Outcome<()> {
    let (url, schema) = app.database.address();
    match schema {
        Some(schema) => {
            sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut postgres(&url, &schema).await?).await?;
        }
        None => drop(sqlite(&url)?.execute(sql, [])?),
    }
    Ok(())
}

/// A connection that keeps everybody else from writing until it is released.
pub(crate) enum Lock {
    Sqlite(rusqlite::Connection),
    Postgres(sqlx::PgConnection),
}

/// Keeps everybody else from writing. On PostgreSQL this is so for all tables of accounts.
pub(crate) async fn lock(app: &TestApp) -> Outcome<Lock> {
    let (url, schema) = app.database.address();
    let Some(schema) = schema else {
        let connection = sqlite(&url)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        return Ok(Lock::Sqlite(connection));
    };
    let mut connection = postgres(&url, &schema).await?;
    let tables = "accounts, credentials, refreshes, connections, token_hosts, events, clients, environments, \
                  tool_calls";
    for sql in ["BEGIN", &format!("LOCK TABLE {tables} IN EXCLUSIVE MODE")] {
        sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
    }
    Ok(Lock::Postgres(connection))
}

impl Lock {
    pub(crate) async fn release(self) -> Outcome<()> {
        match self {
            Self::Sqlite(connection) => connection.execute_batch("ROLLBACK")?,
            Self::Postgres(mut connection) => {
                sqlx::query(AssertSqlSafe("ROLLBACK".to_owned())).execute(&mut connection).await?;
            }
        }
        Ok(())
    }
}

fn sqlite(url: &str) -> Outcome<rusqlite::Connection> {
    Ok(rusqlite::Connection::open(url.trim_start_matches("sqlite:"))?)
}

async fn postgres(url: &str, schema: &str) -> Outcome<sqlx::PgConnection> {
    let mut connection = sqlx::PgConnection::connect(url).await?;
    sqlx::query(AssertSqlSafe(format!("SET search_path TO {schema}"))).execute(&mut connection).await?;
    Ok(connection)
}
