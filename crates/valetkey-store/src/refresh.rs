//! How live credentials are kept fresh: one row for each credential that runs out or can be refreshed.
//!
//! Every write that belongs to an attempt names the number under which the slot was taken, so that the outcome of a
//! process that was overtaken changes nothing. Writers of an account take this row before any other of the account, so
//! that two of them never wait for each other.

use valetkey_core::{
    Timestamp,
    account::Reason,
    id::{AccountId, ConnectionId, EnvironmentId},
    refresh::{Attempt, OutcomeClass, Slot},
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// How a credential is kept fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// Whose credential it is.
    pub account_id: AccountId,
    /// The connection of the account.
    pub connection_id: ConnectionId,
    /// The host of the token endpoint.
    pub host: String,
    /// Whether there is something to refresh it with.
    pub refreshable: bool,
    /// When the refresh token runs out, where that is known.
    pub grant_ends_at: Option<Timestamp>,
    /// Whether the last refresh has moved that end.
    pub grant_end_moves: bool,
    /// When the access token was issued.
    pub issued_at: Timestamp,
    /// When something is to be done next; absent: nothing.
    pub due_at: Option<Timestamp>,
    /// Why it cannot be refreshed any more.
    pub ended: Option<Reason>,
    /// Who may refresh it.
    pub slot: Slot,
    /// The process that holds the slot.
    pub holder: Option<String>,
    /// When the open attempt was noted.
    pub attempt_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: i64,
    /// The outcome of the last attempt that has one.
    pub last_outcome: Option<OutcomeClass>,
    /// What the provider said about it, without secrets.
    pub last_detail: Option<String>,
    /// When that was.
    pub last_outcome_at: Option<Timestamp>,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What happened.
    pub outcome: OutcomeClass,
    /// What the provider said, without secrets.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The attempt that stays open, because the refresh token may be spent.
    pub open: Option<Attempt>,
    /// When something is to be done next.
    pub due_at: Option<Timestamp>,
    /// Why it cannot be refreshed any more.
    pub ended: Option<Reason>,
    /// Failures in a row.
    pub failures: i64,
    /// When the access token was issued, where a new one was.
    pub issued_at: Option<Timestamp>,
    /// Whether there is something to refresh it with.
    pub refreshable: bool,
    /// When the refresh token runs out, where that is known.
    pub grant_ends_at: Option<Timestamp>,
    /// Whether this attempt, or the last one that succeeded, has moved that end.
    pub grant_end_moves: bool,
}

statements! { "refresh";
    write PUT = "
        INSERT INTO refreshes (environment_id, account_id, connection_id, host, refreshable, issued_at, due_at, fencing,
            grant_ends_at, grant_end_moves, attempt_repeated, failures)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, FALSE, 0)
        ON CONFLICT (environment_id, account_id) DO UPDATE SET host = excluded.host, refreshable = excluded.refreshable,
            issued_at = excluded.issued_at, due_at = excluded.due_at, ended = NULL, fencing = refreshes.fencing + 1,
            holder = NULL, held_until = NULL, attempt_generation = NULL, attempt_repeated = FALSE, attempt_at = NULL,
            failures = 0, last_outcome = NULL, last_detail = NULL, last_outcome_at = NULL,
            grant_ends_at = excluded.grant_ends_at, grant_end_moves = excluded.grant_end_moves";
    read GET = "SELECT * FROM refreshes WHERE environment_id = $1 AND account_id = $2";
    scan DUE_ANY_ENVIRONMENT = "
        SELECT environment_id, account_id, connection_id FROM refreshes
        WHERE host = $1 AND due_at <= $2 AND (held_until IS NULL OR held_until <= $2)
        ORDER BY due_at LIMIT CAST($3 AS BIGINT)";
    read NEXT_DUE_ANY_ENVIRONMENT = "
        SELECT MIN(due_at) AS due_at FROM refreshes WHERE host = $1 AND due_at IS NOT NULL";
    read HELD_ANY_ENVIRONMENT = "SELECT COUNT(*) AS count FROM refreshes WHERE host = $1 AND held_until > $2";
    write TAKE = "
        UPDATE refreshes SET fencing = $4, holder = $5, held_until = $6, attempt_generation = $7, attempt_repeated = $8,
            attempt_at = $9, due_at = $6
        WHERE environment_id = $1 AND account_id = $2 AND fencing = $3 AND COALESCE(attempt_generation, 0) = $10
            AND attempt_repeated = $11";
    write SETTLE = "
        UPDATE refreshes SET holder = NULL, held_until = NULL, attempt_generation = $4, attempt_repeated = $5,
            attempt_at = CASE WHEN CAST($4 AS BIGINT) IS NULL THEN NULL ELSE attempt_at END, due_at = $6,
            ended = CASE WHEN CAST($4 AS BIGINT) IS NULL THEN $7 ELSE COALESCE($7, ended) END, failures = $8,
            last_outcome = $9, last_detail = $10, last_outcome_at = $11, issued_at = COALESCE($12, issued_at),
            refreshable = $13, grant_ends_at = $14, grant_end_moves = $15
        WHERE environment_id = $1 AND account_id = $2 AND fencing = $3";
    write END = "
        UPDATE refreshes SET ended = $4, due_at = $5, holder = NULL, held_until = NULL
        WHERE environment_id = $1 AND account_id = $2 AND fencing = $3 AND COALESCE(attempt_generation, 0) = $6
            AND attempt_repeated = $7";
    write SCHEDULE = "UPDATE refreshes SET due_at = $3 WHERE environment_id = $1 AND account_id = $2";
    write RESCHEDULE = "
        UPDATE refreshes SET due_at = $3 WHERE environment_id = $1 AND account_id = $2 AND due_at = $4";
    bulk POSTPONE_CONNECTION = "
        UPDATE refreshes SET due_at = $4 WHERE environment_id = $1 AND connection_id = $2 AND due_at < $3";
    bulk RELEASE_CONNECTION = "
        UPDATE refreshes SET due_at = $4 WHERE environment_id = $1 AND connection_id = $2 AND due_at = $3";
    write DELETE = "DELETE FROM refreshes WHERE environment_id = $1 AND account_id = $2";
}

fn read(row: &Row) -> Result<Refresh> {
    let attempt = match row.int_opt("attempt_generation")? {
        Some(generation) => Some(Attempt { generation, repeated: row.flag("attempt_repeated")? }),
        None => None,
    };
    Ok(Refresh {
        environment_id: row.id("environment_id")?,
        account_id: row.id("account_id")?,
        connection_id: row.id("connection_id")?,
        host: row.text("host")?,
        refreshable: row.flag("refreshable")?,
        grant_ends_at: row.time_opt("grant_ends_at")?,
        grant_end_moves: row.flag("grant_end_moves")?,
        issued_at: row.time("issued_at")?,
        due_at: row.time_opt("due_at")?,
        ended: row.named_opt("ended", Reason::parse)?,
        slot: Slot { fencing: row.int("fencing")?, held_until: row.time_opt("held_until")?, attempt },
        holder: row.text_opt("holder")?,
        attempt_at: row.time_opt("attempt_at")?,
        failures: row.int("failures")?,
        last_outcome: row.named_opt("last_outcome", OutcomeClass::parse)?,
        last_detail: row.text_opt("last_detail")?,
        last_outcome_at: row.time_opt("last_outcome_at")?,
    })
}

/// Makes the row of a credential that was obtained, or begins it anew. Attempts on the credential before it are
/// overtaken. Of what has happened so far only the number of `row.slot` is read, with which a row begins that is not
/// there yet: it must be none that an earlier row of the account may have reached.
pub async fn put(tx: &mut Tx, row: &Refresh) -> Result<()> {
    let values = args![
        &row.environment_id,
        &row.account_id,
        &row.connection_id,
        &row.host,
        row.refreshable,
        row.issued_at,
        row.due_at,
        row.slot.fencing,
        row.grant_ends_at,
        row.grant_end_moves
    ];
    tx.execute(&PUT, values).await.map(drop)
}

/// The row of an account.
pub async fn get(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
) -> Result<Option<Refresh>> {
    conn.optional(&GET, args![environment, account], read).await
}

/// The accounts whose token endpoint is on `host`, for which something is due and nobody is at it: those that have
/// waited longest, at most `limit`. Background work of the installation, so that it crosses environments.
pub async fn due(
    conn: &mut Conn,
    host: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(EnvironmentId, AccountId, ConnectionId)>> {
    conn.list(&DUE_ANY_ENVIRONMENT, args![host, now, limit], |row| {
        Ok((row.id("environment_id")?, row.id("account_id")?, row.id("connection_id")?))
    })
    .await
}

/// When something is due next on `host`, in any environment; in the past where it is due already.
pub async fn next_due(conn: &mut Conn, host: &str) -> Result<Option<Timestamp>> {
    let found = conn.optional(&NEXT_DUE_ANY_ENVIRONMENT, args![host], |row| row.time_opt("due_at")).await?;
    Ok(found.flatten())
}

/// How many slots of `host` are held, in all environments and by all processes.
pub async fn held(conn: &mut Conn, host: &str, now: Timestamp) -> Result<i64> {
    conn.count(&HELD_ANY_ENVIRONMENT, args![host, now]).await
}

/// Takes a slot as [`claim`](valetkey_core::refresh::claim) says, where it is still as it was `seen`
/// ([`may_decide`](valetkey_core::refresh::may_decide)); `false`, and nothing is taken, where it is not. Something is due
/// when it is not held any more, whoever took it and for whatever reason: to see what became of the attempt.
pub async fn take(
    tx: &mut Tx,
    environment: &EnvironmentId,
    account: &AccountId,
    seen: &Slot,
    taken: &Slot,
    holder: &str,
    now: Timestamp,
) -> Result<bool> {
    let attempt = taken.attempt;
    let values = args![
        environment,
        account,
        seen.fencing,
        taken.fencing,
        holder,
        taken.held_until,
        attempt.map(|attempt| attempt.generation),
        attempt.is_some_and(|attempt| attempt.repeated),
        now,
        open_generation(seen),
        seen.attempt.is_some_and(|attempt| attempt.repeated)
    ];
    tx.changes(&TAKE, values).await
}

/// The generation that the open attempt spends; 0, which no credential has, without one.
fn open_generation(slot: &Slot) -> i64 {
    slot.attempt.map_or(0, |attempt| attempt.generation)
}

/// Records what an attempt came to, and frees the slot; `false`, and nothing is recorded, where the slot was taken
/// after number `fencing`, or is gone. Where the attempt stays open, nothing is known that was not before: that it was
/// given up is not taken back.
pub async fn settle(
    tx: &mut Tx,
    environment: &EnvironmentId,
    account: &AccountId,
    fencing: i64,
    settled: &Settled,
) -> Result<bool> {
    let values = args![
        environment,
        account,
        fencing,
        settled.open.map(|attempt| attempt.generation),
        settled.open.is_some_and(|attempt| attempt.repeated),
        settled.due_at,
        settled.ended.map(Reason::as_str),
        settled.failures,
        settled.outcome.as_str(),
        &settled.detail,
        settled.at,
        settled.issued_at,
        settled.refreshable,
        settled.grant_ends_at,
        settled.grant_end_moves
    ];
    tx.changes(&SETTLE, values).await
}

/// Records that a credential cannot be refreshed any more, without an attempt: the number stays, so that an answer
/// which is still under way is not lost. `false` where the slot is not as it was `seen`.
pub async fn end(
    tx: &mut Tx,
    environment: &EnvironmentId,
    account: &AccountId,
    seen: &Slot,
    reason: Reason,
    due_at: Option<Timestamp>,
) -> Result<bool> {
    let repeated = seen.attempt.is_some_and(|attempt| attempt.repeated);
    let values = args![environment, account, seen.fencing, reason, due_at, open_generation(seen), repeated];
    tx.changes(&END, values).await
}

/// Sets when something is to be done next; `false` where the account has no row.
pub async fn schedule(
    tx: &mut Tx,
    environment: &EnvironmentId,
    account: &AccountId,
    due_at: Option<Timestamp>,
) -> Result<bool> {
    tx.changes(&SCHEDULE, args![environment, account, due_at]).await
}

/// Sets when something is to be done next, where that is still as it was `seen`.
pub async fn reschedule(
    tx: &mut Tx,
    environment: &EnvironmentId,
    account: &AccountId,
    seen: Timestamp,
    due_at: Option<Timestamp>,
) -> Result<bool> {
    tx.changes(&RESCHEDULE, args![environment, account, due_at, seen]).await
}

/// Postpones everything of a connection that is due before `until` until then; returns how much that is.
pub async fn postpone_connection(
    tx: &mut Tx,
    environment: &EnvironmentId,
    connection: &ConnectionId,
    until: Timestamp,
) -> Result<u64> {
    tx.execute(&POSTPONE_CONNECTION, args![environment, connection, until, until]).await
}

/// Makes due at `now` what [`postpone_connection`] has postponed until `until`.
pub async fn release_connection(
    tx: &mut Tx,
    environment: &EnvironmentId,
    connection: &ConnectionId,
    until: Timestamp,
    now: Timestamp,
) -> Result<u64> {
    tx.execute(&RELEASE_CONNECTION, args![environment, connection, until, now]).await
}

/// Deletes the row of an account; `false` where there is none.
pub async fn delete(tx: &mut Tx, environment: &EnvironmentId, account: &AccountId) -> Result<bool> {
    tx.changes(&DELETE, args![environment, account]).await
}
