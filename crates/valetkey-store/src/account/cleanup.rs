//! Accounts that a cleanup policy may find.

use valetkey_core::{
    Timestamp,
    cleanup::{CleanupFacts, CleanupLimits},
    id::{AccountId, ConnectionId, EnvironmentId},
};

use super::Account;
use crate::{
    Conn, PageRequest, Result, Stmt, Tx,
    page::Cursor,
    sql::{Row, args},
};

/// How many accounts are looked at for a page at the most.
const SCANNED: i64 = 20_000;

/// Ids of organizations that this server has given lie between these texts. Other texts are the application's own, and
/// nobody can say whether they exist.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.*, c.name AS connection_name, c.connector, c.auth_type, c.fault AS connection_fault,",
            " CASE WHEN c.enabled THEN NULL ELSE c.updated_at END AS disabled_at,",
            " (a.organization_id >= 'org_' AND a.organization_id < 'org`' AND NOT EXISTS (SELECT 1 FROM organizations o",
            " WHERE o.environment_id = a.environment_id AND o.id = a.organization_id)) AS organization_gone",
            " FROM accounts a CROSS JOIN connections c WHERE a.environment_id = $1",
            " AND c.environment_id = a.environment_id AND c.id = a.connection_id AND ",
            $rest
        )
    };
}

const BOUND: Stmt = Stmt::scan(
    "account::CLEANUP_BOUND",
    "SELECT MAX(id) AS id, COUNT(*) AS count FROM (
         SELECT id FROM accounts WHERE environment_id = $1 AND id > $2 ORDER BY id LIMIT CAST($3 AS BIGINT)
     ) AS capped",
);
const PAGE: Stmt = Stmt::scan(
    "account::CLEANUP_PAGE",
    select!(
        "a.id > $2 AND a.id <= $3 AND (LENGTH($9) = 0 OR a.connection_id = $9) AND (
             (a.state = 'active' AND a.created_at <= $5 AND COALESCE(a.last_used_at, 0) <= $5
                 AND COALESCE(a.last_authorized_at, 0) <= $5)
             OR (a.state IN ('expired', 'revoked', 'error', 'disconnected') AND a.state_changed_at <= $6)
             OR (a.state IN ('pending_auth', 'pending_verification') AND a.state_changed_at <= $7)
             OR ($8 >= 0 AND (NOT c.enabled AND c.updated_at <= $8
                 OR a.organization_id >= 'org_' AND a.organization_id < 'org`' AND NOT EXISTS (
                     SELECT 1 FROM organizations o WHERE o.environment_id = a.environment_id AND o.id = a.organization_id)))
         ) ORDER BY a.id LIMIT CAST($4 AS BIGINT)"
    ),
);
const ONE: Stmt = Stmt::read("account::CLEANUP_ONE", select!("a.id = $2"));

const HOLD_REFRESH: Stmt = Stmt::write(
    "account::HOLD_REFRESH",
    "UPDATE refreshes SET host = host WHERE environment_id = $1 AND account_id = $2",
);
const HOLD: Stmt = Stmt::write(
    "account::HOLD",
    "UPDATE accounts SET version = version WHERE environment_id = $1 AND id = $2",
);

pub(super) const STATEMENTS: &[&Stmt] = &[&BOUND, &PAGE, &ONE, &HOLD_REFRESH, &HOLD];

/// An account that may be cleaned up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The account.
    pub account: Account,
    /// What a policy decides by.
    pub facts: CleanupFacts,
}

/// A part of the accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// The accounts, oldest first.
    pub items: Vec<Candidate>,
    /// The token of the next page; `None` on the last.
    pub next: Option<String>,
}

fn read(row: &Row<'_>) -> Result<Candidate> {
    let account = Account::read(row)?;
    let used = [account.last_used_at, account.last_authorized_at];
    let used_at = used.into_iter().flatten().fold(account.created_at, Timestamp::max);
    let facts = CleanupFacts {
        state: account.state,
        state_changed_at: account.state_changed_at,
        used_at,
        created_at: account.created_at,
        disabled_at: row.time_opt("disabled_at")?,
        organization_gone: row.flag("organization_gone")?,
    };
    Ok(Candidate { account, facts })
}

/// The accounts that are within the limits, oldest first. A page can have fewer than asked for, or none, where many that
/// are not lie between.
pub async fn cleanup(
    conn: &mut Conn,
    environment: &EnvironmentId,
    limits: &CleanupLimits,
    connection: Option<&ConnectionId>,
    page: &PageRequest,
) -> Result<Candidates> {
    let cursor = Cursor::new::<AccountId>(page, AccountId::PREFIX)?;
    let after = cursor.start_or("");
    let make = |row: &Row<'_>| Ok((row.id_opt::<AccountId>("id")?, row.int("count")?));
    let found = conn.optional(&BOUND, args![environment, &after, SCANNED], make).await?;
    let Some((Some(last), scanned)) = found else { return Ok(Candidates { items: vec![], next: None }) };
    let none = Timestamp::from_millis(-1);
    let values = args![
        environment,
        &after,
        &last,
        cursor.limit() - 1,
        limits.unused.unwrap_or(none),
        limits.expired.unwrap_or(none),
        limits.pending.unwrap_or(none),
        limits.disabled.unwrap_or(none),
        connection.map_or("", ConnectionId::as_str),
    ];
    let items = conn.list(&PAGE, values, read).await?;
    let full = i64::try_from(items.len()).unwrap_or(i64::MAX) >= cursor.limit() - 1;
    let end = items.last().filter(|_| full).map_or(&last, |item| &item.account.id);
    let more = full && *end < last || scanned >= SCANNED;
    let next = more.then(|| format!("n{}", end.body()));
    Ok(Candidates { items, next })
}

/// One account, whatever the limits.
pub async fn cleanup_candidate(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
) -> Result<Option<Candidate>> {
    conn.optional(&ONE, args![environment, account], read).await
}

/// Keeps an account, and the note of its last use, from being changed by others until the transaction ends.
pub async fn hold(tx: &mut Tx, environment: &EnvironmentId, account: &AccountId) -> Result<()> {
    // Its refresh first, like every writer of an account.
    tx.execute(&HOLD_REFRESH, args![environment, account]).await?;
    tx.execute(&HOLD, args![environment, account]).await.map(drop)
}
