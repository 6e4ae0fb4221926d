//! Authentications that ended, by the journal.

use valetkey_core::{
    Timestamp,
    health::ended_authentication,
    id::{AccountId, EnvironmentId, EventId},
    journal::EventKind,
    link::FlowOutcome,
};

use crate::{
    Conn, Result, Stmt,
    sql::{Row, args},
    tool_call::each,
};

/// The kinds of [`AUTHENTICATION_KINDS`](valetkey_core::health::AUTHENTICATION_KINDS), in the words of the condition of
/// their index.
macro_rules! of_authentication {
    () => {
        "kind IN ('credential.stored', 'flow.ended', 'verification.refused', 'token.refreshed', 'token.refresh_failed')"
    };
}

macro_rules! outcome {
    (sqlite) => {
        "details ->> 'outcome'"
    };
    (postgres) => {
        "CAST(details AS JSON) ->> 'outcome'"
    };
}

macro_rules! counts {
    ($engine:ident) => {
        concat!(
            "SELECT kind, ",
            outcome!($engine),
            " AS outcome, COUNT(*) AS count FROM events",
            " WHERE environment_id = $1 AND account_id = $2 AND ",
            of_authentication!(),
            " AND id >= $3",
            " GROUP BY 1, 2"
        )
    };
}

macro_rules! last {
    ($engine:ident) => {
        concat!(
            "SELECT id, ", outcome!($engine), " AS outcome, created_at FROM events",
            " WHERE environment_id = $1 AND account_id = $2 AND ", of_authentication!(), " AND kind = $3",
            " AND (LENGTH($4) = 2 OR ", outcome!($engine), " IN (SELECT value FROM ", each!($engine "$4"), "))",
            " ORDER BY id DESC LIMIT 1"
        )
    };
}

const COUNTS: Stmt = Stmt::scan("event::COUNTS", counts!(sqlite)).on_postgres(counts!(postgres));
const LAST: Stmt = Stmt::read("event::LAST", last!(sqlite)).on_postgres(last!(postgres));

pub(super) const STATEMENTS: &[&Stmt] = &[&COUNTS, &LAST];

/// The last authentication of a kind that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The event, by which it is earlier or later than another.
    pub id: EventId,
    /// The outcome that the event names, where it names one.
    pub outcome: Option<String>,
    /// When it ended.
    pub at: Timestamp,
}

/// How often each kind of event ended an authentication of the account since `since`, by the outcome that the events
/// name.
pub async fn counts(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
    since: Timestamp,
) -> Result<Vec<(EventKind, Option<String>, i64)>> {
    conn.list(&COUNTS, args![environment, account, &EventId::first_at(since)], |row| {
        Ok((row.named("kind", EventKind::parse)?, row.text_opt("outcome")?, row.int("count")?))
    })
    .await
}

/// The last event of this kind that ended an authentication of the account, whenever that was.
pub async fn last_ended(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
    kind: EventKind,
) -> Result<Option<Ended>> {
    let counted = |outcome: &&FlowOutcome| ended_authentication(kind, Some(outcome.as_str())).is_some();
    let outcomes: Vec<String> = match kind {
        EventKind::FlowEnded => {
            FlowOutcome::ALL.iter().filter(counted).map(|outcome| outcome.as_str().to_owned()).collect()
        }
        _ => vec![],
    };
    let make = |row: &Row<'_>| {
        Ok(Ended { outcome: row.text_opt("outcome")?, id: row.id("id")?, at: row.time("created_at")? })
    };
    conn.optional(&LAST, args![environment, account, kind, outcomes.as_slice()], make).await
}

#[cfg(test)]
mod tests {
    use valetkey_core::health::AUTHENTICATION_KINDS;

    #[test]
    fn the_condition_names_the_kinds_that_are_counted() {
        let names: Vec<String> =
            AUTHENTICATION_KINDS.iter().map(|kind| format!("'{}'", kind.as_str())).collect();
        let condition = format!("kind IN ({})", names.join(", "));
        assert_eq!(of_authentication!(), condition);
        let migration = include_str!("../../../../migrations/0001_initial.sql");
        assert!(migration.contains(&condition), "the index of the journal has the same words");
    }
}
