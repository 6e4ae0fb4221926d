//! Authorization links.

use valetkey_core::{
    Timestamp,
    id::{AccountId, EnvironmentId, LinkId},
    link::LinkState,
    scope::ScopeSet,
    sealed::Sealed,
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// An authorization link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// The account it authorizes.
    pub account_id: AccountId,
    /// The hash of its token.
    pub token_hash: Vec<u8>,
    /// Whether it works, apart from its expiry.
    pub state: LinkState,
    /// What it carries for the end of the flow.
    pub details: Sealed,
    /// The scopes it asks for; those of the connection where absent.
    pub requested_scopes: Option<ScopeSet>,
    /// How many authorizations can be completed with it.
    pub max_uses: i64,
    /// Authorizations completed with it.
    pub uses: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was first opened.
    pub opened_at: Option<Timestamp>,
    /// When it last connected its account.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

statements! { "link";
    write INSERT = "
        INSERT INTO links (environment_id, id, account_id, token_hash, state, details, requested_scopes, created_at,
            expires_at, opened_at, used_at, revoked_at, max_uses, uses)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    read BY_TOKEN_HASH_ANY_ENVIRONMENT = "SELECT * FROM links WHERE token_hash = $1";
    read GET = "SELECT * FROM links WHERE environment_id = $1 AND id = $2";
    read LIST = "
        SELECT * FROM links WHERE environment_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT 100";
    write MARK_OPENED = "
        UPDATE links SET opened_at = $3 WHERE environment_id = $1 AND id = $2 AND opened_at IS NULL";
    write MARK_USED = "
        UPDATE links SET uses = uses + 1, used_at = $3,
            state = CASE WHEN uses + 1 >= max_uses THEN 'used' ELSE state END
        WHERE environment_id = $1 AND id = $2 AND state = 'usable'";
    write REVOKE = "
        UPDATE links SET state = 'revoked', revoked_at = $3
        WHERE environment_id = $1 AND id = $2 AND state = 'usable'";
    write REVOKE_ALL = "
        UPDATE links SET state = 'revoked', revoked_at = $3
        WHERE environment_id = $1 AND account_id = $2 AND state = 'usable'";
}

fn read(row: &Row) -> Result<Link> {
    Ok(Link {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        account_id: row.id("account_id")?,
        token_hash: row.blob("token_hash")?,
        state: row.named("state", LinkState::parse)?,
        details: row.sealed("details")?,
        requested_scopes: row.scopes_opt("requested_scopes")?,
        max_uses: row.int("max_uses")?,
        uses: row.int("uses")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        opened_at: row.time_opt("opened_at")?,
        used_at: row.time_opt("used_at")?,
        revoked_at: row.time_opt("revoked_at")?,
    })
}

/// Adds a link.
pub async fn insert(tx: &mut Tx, row: &Link) -> Result<()> {
    let inserted = args![
        &row.environment_id,
        &row.id,
        &row.account_id,
        &row.token_hash,
        row.state,
        &row.details,
        &row.requested_scopes,
        row.created_at,
        row.expires_at,
        row.opened_at,
        row.used_at,
        row.revoked_at,
        row.max_uses,
        row.uses
    ];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// The link with this hash of its token, in whatever environment: the token is unguessable and all that a browser has.
pub async fn by_token_hash_any_environment(conn: &mut Conn, hash: &[u8]) -> Result<Option<Link>> {
    conn.optional(&BY_TOKEN_HASH_ANY_ENVIRONMENT, args![hash], read).await
}

/// The link of the environment with this id.
pub async fn get(conn: &mut Conn, environment: &EnvironmentId, id: &LinkId) -> Result<Option<Link>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The links of an account, newest first, at most 100.
pub async fn list(conn: &mut Conn, environment: &EnvironmentId, account: &AccountId) -> Result<Vec<Link>> {
    conn.list(&LIST, args![environment, account], read).await
}

/// Notes the first opening; `false` where it was opened before.
pub async fn mark_opened(
    tx: &mut Tx,
    environment: &EnvironmentId,
    id: &LinkId,
    now: Timestamp,
) -> Result<bool> {
    tx.changes(&MARK_OPENED, args![environment, id, now]).await
}

/// Counts an authorization that was completed with a link, which the last of its uses uses up; `false` where it is no
/// longer usable. Of several that try at the same time, no more succeed than the link has uses.
pub async fn mark_used(
    tx: &mut Tx,
    environment: &EnvironmentId,
    id: &LinkId,
    now: Timestamp,
) -> Result<bool> {
    tx.changes(&MARK_USED, args![environment, id, now]).await
}

/// Revokes a link; `false` where it is no longer usable.
pub async fn revoke(tx: &mut Tx, environment: &EnvironmentId, id: &LinkId, now: Timestamp) -> Result<bool> {
    tx.changes(&REVOKE, args![environment, id, now]).await
}

/// Revokes the usable links of an account and says how many.
pub async fn revoke_all(
    tx: &mut Tx,
    environment: &EnvironmentId,
    account: &AccountId,
    now: Timestamp,
) -> Result<u64> {
    tx.execute(&REVOKE_ALL, args![environment, account, now]).await
}
