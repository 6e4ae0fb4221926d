//! Requests that came with an Idempotency-Key, and what was answered.

use valetkey_core::{
    Timestamp,
    id::{EnvironmentId, RequestId},
    sealed::Sealed,
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// A key of one caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The environment.
    pub environment_id: EnvironmentId,
    /// Who sent it.
    pub actor: String,
    /// The key.
    pub name: String,
    /// The first request with it.
    pub request_id: RequestId,
    /// The hash of its method and body.
    pub request_hash: Vec<u8>,
    /// Counts how often it was begun to carry the request out.
    pub fencing: i64,
    /// When the process that carries it out has to be taken for gone; in the past where none does.
    pub held_until: Timestamp,
    /// What was answered, where that is final.
    pub answer: Option<Sealed>,
    /// When the key is free again.
    pub expires_at: Timestamp,
}

statements! { "idempotency";
    write PUT = "
        INSERT INTO idempotency_keys (environment_id, actor, name, request_id, request_hash, fencing, held_until, answer,
            expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (environment_id, actor, name) DO UPDATE SET request_id = excluded.request_id,
            request_hash = excluded.request_hash, fencing = excluded.fencing, held_until = excluded.held_until,
            answer = excluded.answer, expires_at = excluded.expires_at
        WHERE idempotency_keys.expires_at <= $10";
    read GET = "SELECT * FROM idempotency_keys WHERE environment_id = $1 AND actor = $2 AND name = $3";
    scan COUNT = "
        SELECT COUNT(*) AS count FROM (
            SELECT 1 FROM idempotency_keys WHERE environment_id = $1 LIMIT CAST($2 AS BIGINT)
        ) AS capped";
    write CLAIM = "
        UPDATE idempotency_keys SET fencing = fencing + 1, held_until = $6
        WHERE environment_id = $1 AND actor = $2 AND name = $3 AND request_id = $4 AND fencing = $5 AND answer IS NULL";
    write SETTLE = "
        UPDATE idempotency_keys SET held_until = $6, answer = $7
        WHERE environment_id = $1 AND actor = $2 AND name = $3 AND request_id = $4 AND fencing = $5 AND answer IS NULL";
    bulk DELETE_EXPIRED_ANY_ENVIRONMENT = "
        DELETE FROM idempotency_keys WHERE (environment_id, actor, name) IN (
            SELECT environment_id, actor, name FROM idempotency_keys WHERE expires_at <= $1
            ORDER BY expires_at LIMIT CAST($2 AS BIGINT)
        )";
}

fn read(row: &Row) -> Result<IdempotencyKey> {
    Ok(IdempotencyKey {
        environment_id: row.id("environment_id")?,
        actor: row.text("actor")?,
        name: row.text("name")?,
        request_id: row.id("request_id")?,
        request_hash: row.blob("request_hash")?,
        fencing: row.int("fencing")?,
        held_until: row.time("held_until")?,
        answer: row.sealed_opt("answer")?,
        expires_at: row.time("expires_at")?,
    })
}

/// Takes a key that nobody has used, or whose time was over at `now`; `false`, and nothing is taken, where it is in use.
pub async fn insert_if_free(tx: &mut Tx, row: &IdempotencyKey, now: Timestamp) -> Result<bool> {
    let values = args![
        &row.environment_id,
        &row.actor,
        &row.name,
        &row.request_id,
        &row.request_hash,
        row.fencing,
        row.held_until,
        &row.answer,
        row.expires_at,
        now
    ];
    tx.changes(&PUT, values).await
}

/// A key of a caller.
pub async fn get(
    conn: &mut Conn,
    environment: &EnvironmentId,
    actor: &str,
    name: &str,
) -> Result<Option<IdempotencyKey>> {
    conn.optional(&GET, args![environment, actor, name], read).await
}

/// How many keys of an environment are kept, counted up to `most`; also those whose time is over and that are not yet
/// removed.
pub async fn count(conn: &mut Conn, environment: &EnvironmentId, most: i64) -> Result<i64> {
    Ok(conn.optional(&COUNT, args![environment, most], |row| row.int("count")).await?.unwrap_or_default())
}

/// Takes a key until `until`, where nobody has taken or answered it since `row` was read. Its number
/// ([`fencing`](IdempotencyKey::fencing)) is one higher then.
pub async fn claim(tx: &mut Tx, row: &IdempotencyKey, until: Timestamp) -> Result<bool> {
    let values = args![&row.environment_id, &row.actor, &row.name, &row.request_id, row.fencing, until];
    tx.changes(&CLAIM, values).await
}

/// Writes until when the key is held, and the answer; `false`, and nothing is written, where somebody else has taken the
/// key since it was taken with the number of `row`.
pub async fn settle(tx: &mut Tx, row: &IdempotencyKey) -> Result<bool> {
    let values = args![
        &row.environment_id,
        &row.actor,
        &row.name,
        &row.request_id,
        row.fencing,
        row.held_until,
        &row.answer
    ];
    tx.changes(&SETTLE, values).await
}

/// Deletes keys whose time was over at `now`, at most `limit`; returns how many. Background work of the installation, so
/// that it crosses environments.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64> {
    tx.execute(&DELETE_EXPIRED_ANY_ENVIRONMENT, args![now, limit]).await
}
