//! Data keys, wrapped: the keys that seal the secrets of one environment, or of the installation (`system`).

use valetkey_core::Timestamp;

use crate::{
    Conn, Result, StoreError, Tx,
    sql::{Row, args, statements},
};

/// A wrapped data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataKey {
    /// The id of the environment whose secrets it seals, or `system`.
    pub environment: String,
    /// Counts from 1 in each environment.
    pub version: i64,
    /// The key-encryption key that wraps it.
    pub kek_id: String,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

statements! { "data_key";
    write INSERT = "
        INSERT INTO data_keys (environment, version, kek_id, wrapped, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (environment, version) DO NOTHING";
    read GET = "SELECT * FROM data_keys WHERE environment = $1 AND version = $2";
    read LATEST = "SELECT * FROM data_keys WHERE environment = $1 ORDER BY version DESC LIMIT 1";
}

fn read(row: &Row) -> Result<DataKey> {
    Ok(DataKey {
        environment: row.text("environment")?,
        version: row.int("version")?,
        kek_id: row.text("kek_id")?,
        wrapped: row.blob("wrapped")?,
        created_at: row.time("created_at")?,
    })
}

/// Adds a key unless its version exists, and returns the one that is stored: of several that are made at the same
/// time, the first wins and the others read it.
pub async fn insert_if_absent(tx: &mut Tx, row: &DataKey) -> Result<DataKey> {
    let inserted = args![&row.environment, row.version, &row.kek_id, &row.wrapped, row.created_at];
    tx.execute(&INSERT, inserted).await?;
    let gone = StoreError::Conflict { statement: INSERT.name, constraint: "data_keys".into() };
    get(tx, &row.environment, row.version).await?.ok_or(gone)
}

/// The key of an environment with this version.
pub async fn get(conn: &mut Conn, environment: &str, version: i64) -> Result<Option<DataKey>> {
    conn.optional(&GET, args![environment, version], read).await
}

/// The newest key of an environment.
pub async fn latest(conn: &mut Conn, environment: &str) -> Result<Option<DataKey>> {
    conn.optional(&LATEST, args![environment], read).await
}
