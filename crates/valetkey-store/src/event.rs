//! The journal. It is only ever added to.

use valetkey_core::{
    Timestamp,
    id::{AccountId, ConnectionId, EnvironmentId, EventId},
    journal::EventKind,
};

use crate::{
    COUNT_LIMIT, Conn, Page, PageRequest, Result, Stmt, Tx,
    page::{Cursor, Direction},
    sql::{Row, Value, args, statements},
};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// The account it is about. It may have been deleted since.
    pub account_id: Option<AccountId>,
    /// The connection it is about. It may have been deleted since.
    pub connection_id: Option<ConnectionId>,
    /// What kind of thing happened.
    pub kind: EventKind,
    /// Who did it.
    pub actor: String,
    /// What else is known, a JSON object without secrets.
    pub details: String,
    /// When it happened.
    pub created_at: Timestamp,
}

macro_rules! append {
    ($rows:literal) => {
        concat!(
            "INSERT INTO events (environment_id, id, account_id, connection_id, kind, actor, details, created_at) ",
            $rows
        )
    };
}

statements! { "event";
    write APPEND = append!("VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    read EXISTS = "SELECT id FROM events WHERE environment_id = $1 AND id = $2";
    scan LIST_NEXT = "
        SELECT * FROM events WHERE environment_id = $1 AND account_id = $2 AND id < $3 ORDER BY id DESC LIMIT CAST($4 AS BIGINT)";
    scan LIST_PREVIOUS = "
        SELECT * FROM events WHERE environment_id = $1 AND account_id = $2 AND id > $3 ORDER BY id LIMIT CAST($4 AS BIGINT)";
    scan COUNT = "
        SELECT COUNT(*) AS count FROM (
            SELECT 1 FROM events WHERE environment_id = $1 AND account_id = $2 LIMIT CAST($3 AS BIGINT)
        ) AS capped";
}

const APPEND_ALL: Stmt = Stmt::many(
    "event::APPEND_ALL",
    append!("VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
    append!(
        "SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
         CAST(value ->> 7 AS BIGINT)
         FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))"
    ),
);

pub(crate) const MORE_STATEMENTS: &[&Stmt] = &[&APPEND_ALL];

/// Sorts after every id.
const END: &str = "~";

fn read(row: &Row) -> Result<Event> {
    Ok(Event {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        account_id: row.id_opt("account_id")?,
        connection_id: row.id_opt("connection_id")?,
        kind: row.named("kind", EventKind::parse)?,
        actor: row.text("actor")?,
        details: row.text("details")?,
        created_at: row.time("created_at")?,
    })
}

fn values(row: &Event) -> Vec<Value> {
    args![
        &row.environment_id,
        &row.id,
        &row.account_id,
        &row.connection_id,
        row.kind,
        &row.actor,
        &row.details,
        row.created_at
    ]
}

/// Adds an event.
pub async fn append(tx: &mut Tx, row: &Event) -> Result<()> {
    tx.execute(&APPEND, values(row)).await.map(drop)
}

/// Adds many events.
pub async fn append_all(tx: &mut Tx, rows: &[&Event]) -> Result<()> {
    tx.execute_many(&APPEND_ALL, rows.iter().map(|row| values(row)).collect()).await
}

/// Whether an event is in the journal.
pub async fn exists(conn: &mut Conn, environment: &EnvironmentId, id: &EventId) -> Result<bool> {
    Ok(conn.optional(&EXISTS, args![environment, id], |row| row.text("id")).await?.is_some())
}

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
