//! Sign-in links and sessions of operators in a browser. They belong to the installation.

use valetkey_core::{Timestamp, id::SessionId};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// A sign-in link, or the session that it started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorSession {
    /// Its id.
    pub id: SessionId,
    /// The hash of its token.
    pub token_hash: Vec<u8>,
    /// `sign_in_link` or `session`.
    pub kind: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When a sign-in link was used.
    pub used_at: Option<Timestamp>,
}

statements! { "operator_session";
    write INSERT = "
        INSERT INTO operator_sessions (id, token_hash, kind, created_at, expires_at, used_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (token_hash) DO UPDATE SET created_at = $4, expires_at = $5";
    read BY_HASH = "SELECT * FROM operator_sessions WHERE token_hash = $1";
    write MARK_USED = "UPDATE operator_sessions SET used_at = $2 WHERE id = $1 AND used_at IS NULL";
}

fn read(row: &Row) -> Result<OperatorSession> {
    Ok(OperatorSession {
        id: row.id("id")?,
        token_hash: row.blob("token_hash")?,
        kind: row.text("kind")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        used_at: row.time_opt("used_at")?,
    })
}

/// Adds a sign-in link or a session; a session that its browser has already is renewed.
pub async fn insert(tx: &mut Tx, row: &OperatorSession) -> Result<()> {
    let inserted = args![&row.id, &row.token_hash, &row.kind, row.created_at, row.expires_at, row.used_at];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// The sign-in link or session with this hash of its token.
pub async fn by_hash(conn: &mut Conn, hash: &[u8]) -> Result<Option<OperatorSession>> {
    conn.optional(&BY_HASH, args![hash], read).await
}

/// Uses a sign-in link up; `false` where it was used before. Of several that try at the same time, one succeeds.
pub async fn mark_used(tx: &mut Tx, id: &SessionId, now: Timestamp) -> Result<bool> {
    tx.changes(&MARK_USED, args![id, now]).await
}
