//! Tokens on their way to the provider's revocation endpoint, and what became of them. They outlive their account.

use valetkey_core::{
    Timestamp,
    id::{AccountId, ConnectionId, EnvironmentId, RevocationId},
    revocation::RevocationState,
    sealed::Sealed,
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// A revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Its id.
    pub id: RevocationId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// The account whose tokens these were. It may be deleted by now.
    pub account_id: AccountId,
    /// Its connection. It may be deleted by now.
    pub connection_id: ConnectionId,
    /// The tokens, sealed for this row; gone once the result is known.
    pub sealed: Option<Sealed>,
    /// What became of it.
    pub state: RevocationState,
    /// What the provider said, without secrets.
    pub detail: Option<String>,
    /// How often the provider was asked.
    pub attempts: i64,
    /// When it is asked next.
    pub due_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its result was known.
    pub ended_at: Option<Timestamp>,
}

statements! { "revocation";
    write INSERT = "
        INSERT INTO revocations (environment_id, id, account_id, connection_id, sealed, result, detail, attempts, due_at,
            created_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    scan DUE_ANY_ENVIRONMENT = "
        SELECT * FROM revocations WHERE due_at <= $1 ORDER BY due_at LIMIT CAST($2 AS BIGINT)";
    write CLAIM = "
        UPDATE revocations SET attempts = attempts + 1, due_at = $4
        WHERE environment_id = $1 AND id = $2 AND attempts = $3 AND due_at IS NOT NULL";
    write RETRY = "
        UPDATE revocations SET detail = $3, due_at = $4 WHERE environment_id = $1 AND id = $2 AND ended_at IS NULL";
    write FINISH = "
        UPDATE revocations SET sealed = NULL, result = $3, detail = $4, due_at = NULL, ended_at = $5
        WHERE environment_id = $1 AND id = $2 AND ended_at IS NULL";
    scan OF_ACCOUNT = "
        SELECT * FROM revocations WHERE environment_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT CAST($3 AS BIGINT)";
}

fn read(row: &Row) -> Result<Revocation> {
    Ok(Revocation {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        account_id: row.id("account_id")?,
        connection_id: row.id("connection_id")?,
        sealed: row.sealed_opt("sealed")?,
        state: row.named("result", RevocationState::parse)?,
        detail: row.text_opt("detail")?,
        attempts: row.int("attempts")?,
        due_at: row.time_opt("due_at")?,
        created_at: row.time("created_at")?,
        ended_at: row.time_opt("ended_at")?,
    })
}

/// Adds a revocation.
pub async fn insert(tx: &mut Tx, row: &Revocation) -> Result<()> {
    let values = args![
        &row.environment_id,
        &row.id,
        &row.account_id,
        &row.connection_id,
        &row.sealed,
        row.state.as_str(),
        &row.detail,
        row.attempts,
        row.due_at,
        row.created_at,
        row.ended_at
    ];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Those that are due, in all environments, oldest first, at most `limit`.
pub async fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Revocation>> {
    conn.list(&DUE_ANY_ENVIRONMENT, args![now, limit], read).await
}

/// Takes a revocation for one attempt and puts the next one off until `due_at`; `false` where another process has
/// taken it since `row` was read.
pub async fn claim(tx: &mut Tx, row: &Revocation, due_at: Timestamp) -> Result<bool> {
    tx.changes(&CLAIM, args![&row.environment_id, &row.id, row.attempts, due_at]).await
}

/// Notes why an attempt failed and when the next one is.
pub async fn retry(tx: &mut Tx, row: &Revocation, detail: &str, due_at: Timestamp) -> Result<bool> {
    tx.changes(&RETRY, args![&row.environment_id, &row.id, detail, due_at]).await
}

/// Notes the result, and destroys the tokens.
pub async fn finish(
    tx: &mut Tx,
    row: &Revocation,
    state: RevocationState,
    detail: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    tx.changes(&FINISH, args![&row.environment_id, &row.id, state.as_str(), detail, now]).await
}

/// The revocations of an account, newest first, at most `limit`.
pub async fn of_account(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
    limit: i64,
) -> Result<Vec<Revocation>> {
    conn.list(&OF_ACCOUNT, args![environment, account, limit], read).await
}
