//! API tokens.

use valetkey_core::{
    Timestamp,
    id::{ApiTokenId, EnvironmentId},
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// What is kept of an API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// The environment whose data it sees.
    pub environment_id: EnvironmentId,
    /// A name for people.
    pub name: String,
    /// Its hash, 32 bytes.
    pub hash: Vec<u8>,
    /// What may be shown of it.
    pub hint: String,
    /// What it may do.
    pub permissions: Vec<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

statements! { "api_token";
    write INSERT = "
        INSERT INTO api_tokens (environment_id, id, name, hash, hint, permissions, created_by, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    read LIST = "
        SELECT * FROM api_tokens
        WHERE environment_id = $1 AND ($2 OR (revoked_at IS NULL AND expires_at > $3)) ORDER BY id DESC";
    read GET = "SELECT * FROM api_tokens WHERE environment_id = $1 AND id = $2";
    read BY_HASH_ANY_ENVIRONMENT = "SELECT * FROM api_tokens WHERE hash = $1";
    bulk REVOKE = "
        WITH RECURSIVE made AS (
            SELECT id FROM api_tokens WHERE environment_id = $1 AND (id = $2 OR created_by = $2)
            UNION
            SELECT t.id FROM made JOIN api_tokens t ON t.environment_id = $1 AND t.created_by = made.id
        )
        UPDATE api_tokens SET revoked_at = $3
        WHERE environment_id = $1 AND revoked_at IS NULL AND id IN (SELECT id FROM made) RETURNING *";
    write HOLD = "
        UPDATE api_tokens SET revoked_at = NULL
        WHERE environment_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3";
    write TOUCH = "UPDATE api_tokens SET last_used_at = $3 WHERE environment_id = $1 AND id = $2";
}

fn read(row: &Row) -> Result<ApiToken> {
    Ok(ApiToken {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        name: row.text("name")?,
        hash: row.blob("hash")?,
        hint: row.text("hint")?,
        permissions: row.list("permissions")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        last_used_at: row.time_opt("last_used_at")?,
        revoked_at: row.time_opt("revoked_at")?,
    })
}

/// Adds a token that nobody has used or revoked yet.
pub async fn insert(tx: &mut Tx, row: &ApiToken) -> Result<()> {
    let permissions = row.permissions.as_slice();
    let inserted = args![
        &row.environment_id,
        &row.id,
        &row.name,
        &row.hash,
        &row.hint,
        permissions,
        &row.created_by,
        row.created_at,
        row.expires_at
    ];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// The tokens of an environment, newest first: those that work at `now`, or all.
pub async fn list(
    conn: &mut Conn,
    environment: &EnvironmentId,
    inactive_too: bool,
    now: Timestamp,
) -> Result<Vec<ApiToken>> {
    conn.list(&LIST, args![environment, inactive_too, now], read).await
}

/// The token of the environment with this id.
pub async fn get(conn: &mut Conn, environment: &EnvironmentId, id: &ApiTokenId) -> Result<Option<ApiToken>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The token with this hash. Only for authentication, which is what tells the environment.
pub async fn by_hash_any_environment(conn: &mut Conn, hash: &[u8]) -> Result<Option<ApiToken>> {
    conn.optional(&BY_HASH_ANY_ENVIRONMENT, args![hash], read).await
}

/// Revokes what `maker`, a token or a client, has made, and what that has made in its turn; also the maker, where it is a
/// token. Returns those that were not revoked before. On PostgreSQL one that is made meanwhile can be missed: whoever
/// wants all of them asks again until there are none.
pub async fn revoke(
    tx: &mut Tx,
    environment: &EnvironmentId,
    maker: &str,
    now: Timestamp,
) -> Result<Vec<ApiToken>> {
    tx.list(&REVOKE, args![environment, maker, now], read).await
}

/// Keeps a token from being revoked until the transaction ends; `false` where it does not work at `now`.
pub async fn hold(tx: &mut Tx, environment: &EnvironmentId, id: &ApiTokenId, now: Timestamp) -> Result<bool> {
    tx.changes(&HOLD, args![environment, id, now]).await
}

/// Notes that a token is in use.
pub async fn touch(
    tx: &mut Tx,
    environment: &EnvironmentId,
    id: &ApiTokenId,
    now: Timestamp,
) -> Result<bool> {
    tx.changes(&TOUCH, args![environment, id, now]).await
}
