//! The journal. It is only ever added to.

mod authentication;
mod list;

use valetkey_core::{
    Timestamp,
    id::{AccountId, ConnectionId, EnvironmentId, EventId},
    journal::EventKind,
};

use crate::{
    Conn, Result, Stmt, Tx,
    sql::{Row, Value, args},
};

pub use authentication::{Ended, counts, last_ended};
pub use list::{Filter, JournalPage, journal, list};

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

const APPEND: Stmt = Stmt::write("event::APPEND", append!("VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"));
const EXISTS: Stmt =
    Stmt::read("event::EXISTS", "SELECT id FROM events WHERE environment_id = $1 AND id = $2");

const APPEND_ALL: Stmt = Stmt::many(
    "event::APPEND_ALL",
    append!("VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
    append!(
        "SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
         CAST(value ->> 7 AS BIGINT)
         FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))"
    ),
);

/// The statements of the modules of this aggregate.
pub(crate) const STATEMENTS: [&[&Stmt]; 3] =
    [&[&APPEND, &EXISTS, &APPEND_ALL], authentication::STATEMENTS, list::STATEMENTS];

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
