//! Live credentials, sealed: at most one for each account.

use valetkey_core::{
    Timestamp,
    id::{AccountId, EnvironmentId},
    sealed::Sealed,
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// The live credential of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Whose it is.
    pub account_id: AccountId,
    /// Counts from 1; each new credential of the account has the next one.
    pub generation: i64,
    /// The credential.
    pub sealed: Sealed,
    /// When the access token runs out, where that is known.
    pub expires_at: Option<Timestamp>,
    /// When it was stored.
    pub updated_at: Timestamp,
}

statements! { "credential";
    read GET = "SELECT * FROM credentials WHERE environment_id = $1 AND account_id = $2";
    write INSERT = "
        INSERT INTO credentials (environment_id, account_id, generation, sealed, expires_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (environment_id, account_id) DO NOTHING";
    write REPLACE = "
        UPDATE credentials SET generation = $3, sealed = $4, expires_at = $5, updated_at = $6
        WHERE environment_id = $1 AND account_id = $2 AND generation = $7";
    write DELETE = "DELETE FROM credentials WHERE environment_id = $1 AND account_id = $2";
}

fn read(row: &Row) -> Result<Credential> {
    Ok(Credential {
        account_id: row.id("account_id")?,
        generation: row.int("generation")?,
        sealed: row.sealed("sealed")?,
        expires_at: row.time_opt("expires_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// The live credential of an account.
pub async fn get(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
) -> Result<Option<Credential>> {
    conn.optional(&GET, args![environment, account], read).await
}

/// Stores a credential where the account has that of generation `expected`, or none for `None`; `false`, and nothing
/// is stored, where it has another.
pub async fn put(
    tx: &mut Tx,
    environment: &EnvironmentId,
    row: &Credential,
    expected: Option<i64>,
) -> Result<bool> {
    let mut values =
        args![environment, &row.account_id, row.generation, &row.sealed, row.expires_at, row.updated_at];
    match expected {
        None => tx.changes(&INSERT, values).await,
        Some(generation) => {
            values.extend(args![generation]);
            tx.changes(&REPLACE, values).await
        }
    }
}

/// Destroys the live credential of an account; `false` where there is none.
pub async fn delete(tx: &mut Tx, environment: &EnvironmentId, account: &AccountId) -> Result<bool> {
    tx.changes(&DELETE, args![environment, account]).await
}
