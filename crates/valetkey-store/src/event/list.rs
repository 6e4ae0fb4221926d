//! Reading the journal: of an account, newest first, and of the whole environment, oldest first, to follow it.

use valetkey_core::{
    Timestamp,
    id::{AccountId, ConnectionId, EnvironmentId, EventId},
    journal::EventKind,
};

use super::{Event, read};
use crate::{
    COUNT_LIMIT, Conn, Page, PageRequest, Result, Stmt,
    page::{Cursor, Direction},
    sql::{Row, Value, args},
    tool_call::each,
};

/// How many events are looked at for a page at the most, so that a rare kind costs no more than a frequent one.
const SCANNED: i64 = 20_000;

const LIST_NEXT: Stmt = Stmt::scan(
    "event::LIST_NEXT",
    "SELECT * FROM events WHERE environment_id = $1 AND account_id = $2 AND id < $3
     ORDER BY id DESC LIMIT CAST($4 AS BIGINT)",
);
const LIST_PREVIOUS: Stmt = Stmt::scan(
    "event::LIST_PREVIOUS",
    "SELECT * FROM events WHERE environment_id = $1 AND account_id = $2 AND id > $3
     ORDER BY id LIMIT CAST($4 AS BIGINT)",
);
const COUNT: Stmt = Stmt::scan(
    "event::COUNT",
    "SELECT COUNT(*) AS count FROM (
         SELECT 1 FROM events WHERE environment_id = $1 AND account_id = $2 LIMIT CAST($3 AS BIGINT)
     ) AS capped",
);

macro_rules! bound {
    ($lead:literal) => {
        concat!(
            "SELECT MAX(id) AS id, COUNT(*) AS count FROM (SELECT id FROM events WHERE environment_id = $1",
            $lead,
            " AND id > $2 AND id < $3 ORDER BY id LIMIT CAST($4 AS BIGINT)) AS capped"
        )
    };
}

macro_rules! page {
    ($engine:ident $lead:literal) => {
        concat!(
            "SELECT * FROM events WHERE environment_id = $1",
            $lead,
            " AND id > $2 AND id <= $3 AND (LENGTH($5) = 0 OR account_id = $5)",
            " AND (LENGTH($6) = 0 OR connection_id = $6)",
            " AND (LENGTH($7) = 2 OR kind IN (SELECT value FROM ", each!($engine "$7"), "))",
            " AND created_at >= $8 ORDER BY id LIMIT CAST($4 AS BIGINT)"
        )
    };
}

const BOUND: Stmt = Stmt::scan("event::BOUND", bound!(" AND LENGTH($5) = 0"));
const BOUND_OF_ACCOUNT: Stmt = Stmt::scan("event::BOUND_OF_ACCOUNT", bound!(" AND account_id = $5"));
const PAGE: Stmt = Stmt::scan("event::PAGE", page!(sqlite "")).on_postgres(page!(postgres ""));
const PAGE_OF_ACCOUNT: Stmt = Stmt::scan("event::PAGE_OF_ACCOUNT", page!(sqlite " AND account_id = $5"))
    .on_postgres(page!(postgres " AND account_id = $5"));

pub(super) const STATEMENTS: &[&Stmt] =
    &[&LIST_NEXT, &LIST_PREVIOUS, &COUNT, &BOUND, &BOUND_OF_ACCOUNT, &PAGE, &PAGE_OF_ACCOUNT];

/// Sorts after every id.
const END: &str = "~";

/// The events of an account, newest first.
pub async fn list(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
    page: &PageRequest,
) -> Result<Page<Event>> {
    let cursor = Cursor::new::<EventId>(page, EventId::PREFIX)?;
    let stmt = match cursor.direction {
        Direction::Next => LIST_NEXT,
        Direction::Previous => LIST_PREVIOUS,
    };
    let rows =
        conn.list(&stmt, args![environment, account, cursor.start_or(END), cursor.limit()], read).await?;
    let total = conn.count(&COUNT, args![environment, account, COUNT_LIMIT]).await?;
    Ok(cursor.page(rows, total, |row| row.id.body()))
}

/// Which events. Absent and empty fields let every event through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// About this account.
    pub account: Option<AccountId>,
    /// About this connection.
    pub connection: Option<ConnectionId>,
    /// Of any of these kinds.
    pub kinds: Vec<EventKind>,
    /// At this time or after it.
    pub since: Option<Timestamp>,
}

/// A part of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalPage {
    /// The events, oldest first.
    pub items: Vec<Event>,
    /// What comes next comes after this id.
    pub end: EventId,
    /// Whether more may follow at once.
    pub more: bool,
}

/// The events after `after` and before `before`, oldest first, at most `limit`. A page can have fewer, or none, where
/// much that the filter does not let through lies between.
pub async fn journal(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    after: Option<&EventId>,
    before: &EventId,
    limit: i64,
) -> Result<JournalPage> {
    let since = filter.since.unwrap_or(Timestamp::EPOCH);
    let first = EventId::first_at(since);
    let after = after.filter(|after| **after > first).unwrap_or(&first);
    let account = filter.account.as_ref().map_or("", AccountId::as_str);
    let (bound, page) = if account.is_empty() { (BOUND, PAGE) } else { (BOUND_OF_ACCOUNT, PAGE_OF_ACCOUNT) };
    let make = |row: &Row<'_>| Ok((row.id_opt::<EventId>("id")?, row.int("count")?));
    let found = conn.optional(&bound, args![environment, after, before, SCANNED, account], make).await?;
    let Some((Some(last), scanned)) = found else {
        return Ok(JournalPage { items: vec![], end: after.clone(), more: false });
    };
    let connection = filter.connection.as_ref().map_or("", ConnectionId::as_str);
    let kinds: Vec<String> = filter.kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let values: Vec<Value> =
        args![environment, after, &last, limit, account, connection, kinds.as_slice(), since];
    let items = conn.list(&page, values, read).await?;
    let full = i64::try_from(items.len()).unwrap_or(i64::MAX) >= limit;
    let end = items.last().filter(|_| full).map_or(&last, |item| &item.id).clone();
    Ok(JournalPage { more: full && end < last || scanned >= SCANNED, items, end })
}
