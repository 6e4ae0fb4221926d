//! PostgreSQL, by sqlx.

mod fault;
mod session;

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};

use super::{ConnectOptions, STATEMENT_CACHE};
use crate::{Result, StoreError};

pub(super) use session::Session;

/// A connection that rested longer than this is tried before it is handed out, so that those cut off by a restart or
/// a firewall are replaced; one in steady use is not, which saves a round trip.
const RESTED: Duration = Duration::from_secs(5);

/// Opens the database that `url` names. `sslmode` and `sslrootcert` in the URL say whether and how TLS is used
/// (<https://www.postgresql.org/docs/current/libpq-connect.html>).
pub(super) async fn open(url: &str, options: &ConnectOptions) -> Result<PgPool> {
    let malformed = |_| StoreError::Url {
        reason: "is not of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE".into(),
    };
    let mut connect = PgConnectOptions::from_str(url)
        .map_err(malformed)?
        .application_name("valetkey")
        .statement_cache_capacity(STATEMENT_CACHE)
        .disable_statement_logging();
    if let Some(schema) = &options.schema {
        check_schema(schema)?;
        connect = connect.options([("search_path", schema)]);
    }
    PgPoolOptions::new()
        .max_connections(options.connections.max(1))
        .acquire_timeout(options.patience)
        .test_before_acquire(false)
        .before_acquire(|conn, about| {
            Box::pin(async move {
                if about.idle_for > RESTED {
                    conn.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(connect)
        .await
        .map_err(|source| StoreError::Connect { engine: "PostgreSQL", source: source.into() })
}

/// The name goes into SQL that takes no parameters, so nothing but a plain identifier is let through.
fn check_schema(schema: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if schema.is_empty() || schema.len() > 63 || !schema.chars().all(plain) {
        let reason = "the schema must be 1 to 63 lower-case letters, digits and underscores";
        return Err(StoreError::Url { reason: reason.into() });
    }
    Ok(())
}
