//! Verifications: credentials that are parked until the application confirms the user.

use valetkey_core::{
    Timestamp,
    id::{AccountId, EnvironmentId, LinkId, VerificationId},
    sealed::Sealed,
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// A verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// The account that was authorized.
    pub account_id: AccountId,
    /// The link that was used.
    pub link_id: LinkId,
    /// The hash of the token that the application presents.
    pub token_hash: Vec<u8>,
    /// The credential that waits, while it waits.
    pub parked: Option<Sealed>,
    /// Where the browser goes afterwards.
    pub details: Sealed,
    /// `pending`, or how it was closed: `passed`, `refused`, `expired`, `superseded`, `cancelled`.
    pub state: String,
    /// When it began.
    pub created_at: Timestamp,
    /// Until when it can pass.
    pub expires_at: Timestamp,
}

statements! { "verification";
    write INSERT = "
        INSERT INTO verifications (environment_id, id, account_id, link_id, token_hash, parked, details, state,
            created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    read BY_TOKEN_HASH = "SELECT * FROM verifications WHERE environment_id = $1 AND token_hash = $2";
    read GET = "SELECT * FROM verifications WHERE environment_id = $1 AND id = $2";
    write CLOSE = "
        UPDATE verifications SET state = $3, parked = NULL, closed_at = $4
        WHERE environment_id = $1 AND id = $2 AND state = 'pending'";
    write CLOSE_ALL = "
        UPDATE verifications SET state = $3, parked = NULL, closed_at = $4
        WHERE environment_id = $1 AND account_id = $2 AND state = 'pending'";
    scan EXPIRED_ANY_ENVIRONMENT = "
        SELECT * FROM verifications WHERE state = 'pending' AND expires_at <= $1 ORDER BY expires_at LIMIT CAST($2 AS BIGINT)";
}

fn read(row: &Row) -> Result<Verification> {
    Ok(Verification {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        account_id: row.id("account_id")?,
        link_id: row.id("link_id")?,
        token_hash: row.blob("token_hash")?,
        parked: row.sealed_opt("parked")?,
        details: row.sealed("details")?,
        state: row.text("state")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

/// Adds a verification and closes the one that its account has pending as superseded. Of two that begin for the same
/// account at the same time, one may get a [`Conflict`](crate::StoreError::Conflict).
pub async fn insert(tx: &mut Tx, row: &Verification) -> Result<()> {
    tx.execute(&CLOSE_ALL, args![&row.environment_id, &row.account_id, "superseded", row.created_at]).await?;
    let inserted = args![
        &row.environment_id,
        &row.id,
        &row.account_id,
        &row.link_id,
        &row.token_hash,
        &row.parked,
        &row.details,
        &row.state,
        row.created_at,
        row.expires_at
    ];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// The verification of the environment with this hash of its token.
pub async fn by_token_hash(
    conn: &mut Conn,
    environment: &EnvironmentId,
    hash: &[u8],
) -> Result<Option<Verification>> {
    conn.optional(&BY_TOKEN_HASH, args![environment, hash], read).await
}

/// The verification of the environment with this id.
pub async fn get(
    conn: &mut Conn,
    environment: &EnvironmentId,
    id: &VerificationId,
) -> Result<Option<Verification>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// Closes a pending verification as `state` and destroys what it has parked; `false` where it is not pending. Of
/// several that try at the same time, one succeeds.
pub async fn close(
    tx: &mut Tx,
    environment: &EnvironmentId,
    id: &VerificationId,
    state: &str,
    now: Timestamp,
) -> Result<bool> {
    tx.changes(&CLOSE, args![environment, id, state, now]).await
}

/// Closes the pending verification of an account as cancelled and destroys what it has parked; returns how many there
/// were.
pub async fn close_all(
    tx: &mut Tx,
    environment: &EnvironmentId,
    account: &AccountId,
    now: Timestamp,
) -> Result<u64> {
    tx.execute(&CLOSE_ALL, args![environment, account, "cancelled", now]).await
}

/// Verifications of every environment that are pending and have run out of time, at most `limit`; for background
/// work.
pub async fn expired(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Verification>> {
    conn.list(&EXPIRED_ANY_ENVIRONMENT, args![now, limit], read).await
}
