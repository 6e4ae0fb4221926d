//! Operations, and which process works on each.

use valetkey_core::{
    Timestamp,
    bulk::BulkKind,
    id::{BulkOperationId, EnvironmentId, RequestId},
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// An operation on many accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub id: BulkOperationId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// What is done with each account.
    pub kind: BulkKind,
    /// Who asked for it, for the journal.
    pub actor: String,
    /// The request that made it, where one was made with an Idempotency-Key.
    pub request_id: Option<RequestId>,
    /// What all items have in common, a JSON value.
    pub input: String,
    /// How many items it has.
    pub total: i64,
    /// How many of them succeeded.
    pub succeeded: i64,
    /// How many of them failed.
    pub failed: i64,
    /// Counts the processes that have taken it.
    pub fencing: i64,
    /// When another process may take it; absent once it has ended.
    pub due_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Operation {
    /// The place of the next item, from 0; [`total`](Self::total) where there is none.
    pub fn next_place(&self) -> i64 {
        self.succeeded + self.failed
    }
}

statements! { "bulk";
    write INSERT = "
        INSERT INTO bulk_operations (environment_id, id, kind, actor, request_id, input, total, succeeded, failed, fencing,
            due_at, created_at, finished_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (environment_id, request_id) DO NOTHING";
    read GET = "SELECT * FROM bulk_operations WHERE environment_id = $1 AND id = $2";
    read BY_REQUEST = "SELECT * FROM bulk_operations WHERE environment_id = $1 AND request_id = $2";
    scan DUE_ANY_ENVIRONMENT = "
        SELECT * FROM bulk_operations WHERE due_at <= $1 ORDER BY due_at LIMIT CAST($2 AS BIGINT)";
    scan UNFINISHED = "
        SELECT COUNT(*) AS count FROM (
            SELECT 1 FROM bulk_operations WHERE environment_id = $1 AND finished_at IS NULL LIMIT CAST($2 AS BIGINT)
        ) AS capped";
    write CLAIM = "
        UPDATE bulk_operations SET fencing = fencing + 1, due_at = $4
        WHERE environment_id = $1 AND id = $2 AND fencing = $3 AND due_at <= $5";
    write ADVANCE = "
        UPDATE bulk_operations SET succeeded = $4, failed = $5, due_at = $6, finished_at = $7
        WHERE environment_id = $1 AND id = $2 AND fencing = $3 AND finished_at IS NULL";
    bulk DELETE_FINISHED_ANY_ENVIRONMENT = "
        DELETE FROM bulk_operations WHERE (environment_id, id) IN (
            SELECT environment_id, id FROM bulk_operations WHERE finished_at <= $1
            ORDER BY finished_at LIMIT CAST($2 AS BIGINT)
        )";
}

fn read(row: &Row) -> Result<Operation> {
    Ok(Operation {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        kind: row.named("kind", BulkKind::parse)?,
        actor: row.text("actor")?,
        request_id: row.id_opt("request_id")?,
        input: row.text("input")?,
        total: row.int("total")?,
        succeeded: row.int("succeeded")?,
        failed: row.int("failed")?,
        fencing: row.int("fencing")?,
        due_at: row.time_opt("due_at")?,
        created_at: row.time("created_at")?,
        finished_at: row.time_opt("finished_at")?,
    })
}

/// Adds an operation; `false`, and nothing is added, where its request has made one already. Its items follow in the
/// same transaction.
pub async fn insert_if_absent(tx: &mut Tx, row: &Operation) -> Result<bool> {
    let values = args![
        &row.environment_id,
        &row.id,
        row.kind,
        &row.actor,
        &row.request_id,
        &row.input,
        row.total,
        row.succeeded,
        row.failed,
        row.fencing,
        row.due_at,
        row.created_at,
        row.finished_at
    ];
    tx.changes(&INSERT, values).await
}

/// The operation of the environment with this id.
pub async fn get(
    conn: &mut Conn,
    environment: &EnvironmentId,
    id: &BulkOperationId,
) -> Result<Option<Operation>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The operation that a request has made.
pub async fn by_request(
    conn: &mut Conn,
    environment: &EnvironmentId,
    request: &RequestId,
) -> Result<Option<Operation>> {
    conn.optional(&BY_REQUEST, args![environment, request], read).await
}

/// Those that nobody works on, in all environments, those that have waited longest first, at most `limit`.
pub async fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Operation>> {
    conn.list(&DUE_ANY_ENVIRONMENT, args![now, limit], read).await
}

/// How many operations of an environment have not ended, counted up to `most`.
pub async fn unfinished(conn: &mut Conn, environment: &EnvironmentId, most: i64) -> Result<i64> {
    Ok(conn
        .optional(&UNFINISHED, args![environment, most], |row| row.int("count"))
        .await?
        .unwrap_or_default())
}

/// Takes an operation until `until`, where nobody has it at `now` and nobody has had it since `row` was read. Its number
/// ([`fencing`](Operation::fencing)) is one higher then.
pub async fn claim(tx: &mut Tx, row: &Operation, now: Timestamp, until: Timestamp) -> Result<bool> {
    tx.changes(&CLAIM, args![&row.environment_id, &row.id, row.fencing, until, now]).await
}

/// Writes how far an operation is, who may go on when, and its end; `false`, and nothing is written, where somebody else
/// has taken it or it has ended.
pub async fn advance(tx: &mut Tx, row: &Operation) -> Result<bool> {
    let values = args![
        &row.environment_id,
        &row.id,
        row.fencing,
        row.succeeded,
        row.failed,
        row.due_at,
        row.finished_at
    ];
    tx.changes(&ADVANCE, values).await
}

/// Deletes operations that ended at `before` or earlier with their items, at most `limit`; returns how many. Background
/// work of the installation, so that it crosses environments.
pub async fn delete_finished(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    tx.execute(&DELETE_FINISHED_ANY_ENVIRONMENT, args![before, limit]).await
}
