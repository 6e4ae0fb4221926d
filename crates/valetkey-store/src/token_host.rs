//! Hosts of token endpoints: which are asked at the moment. They belong to the installation, because a provider counts
//! all requests that come from it.

use valetkey_core::Timestamp;

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// A host of token endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHost {
    /// Its name and port.
    pub host: String,
    /// Failures in a row, of whichever account.
    pub failures: i64,
    /// Until when it is left alone.
    pub paused_until: Option<Timestamp>,
}

statements! { "token_host";
    write ADD = "
        INSERT INTO token_hosts (host, claims, failures) VALUES ($1, 0, 0) ON CONFLICT (host) DO NOTHING";
    read ALL = "SELECT * FROM token_hosts ORDER BY host";
    read GET = "SELECT * FROM token_hosts WHERE host = $1";
    write LOCK = "UPDATE token_hosts SET claims = claims + 1 WHERE host = $1";
    write PAUSE = "UPDATE token_hosts SET failures = $2, paused_until = $3 WHERE host = $1";
    write RECOVER = "UPDATE token_hosts SET failures = 0, paused_until = NULL WHERE host = $1 AND failures > 0";
}

fn read(row: &Row) -> Result<TokenHost> {
    Ok(TokenHost {
        host: row.text("host")?,
        failures: row.int("failures")?,
        paused_until: row.time_opt("paused_until")?,
    })
}

/// Adds a host where it is missing.
pub async fn add(tx: &mut Tx, host: &str) -> Result<()> {
    tx.execute(&ADD, args![host]).await.map(drop)
}

/// Every host.
pub async fn all(conn: &mut Conn) -> Result<Vec<TokenHost>> {
    conn.list(&ALL, args![], read).await
}

/// The host of this name.
pub async fn get(conn: &mut Conn, host: &str) -> Result<Option<TokenHost>> {
    conn.optional(&GET, args![host], read).await
}

/// Keeps other processes from claiming work for a host until the transaction ends, so that they can count together.
pub async fn lock(tx: &mut Tx, host: &str) -> Result<()> {
    tx.execute(&LOCK, args![host]).await.map(drop)
}

/// Leaves a host alone for a while.
pub async fn pause(tx: &mut Tx, host: &str, failures: i64, until: Timestamp) -> Result<()> {
    tx.execute(&PAUSE, args![host, failures, until]).await.map(drop)
}

/// Ends the pauses of a host; writes nothing where there was no failure.
pub async fn recover(tx: &mut Tx, host: &str) -> Result<()> {
    tx.execute(&RECOVER, args![host]).await.map(drop)
}
