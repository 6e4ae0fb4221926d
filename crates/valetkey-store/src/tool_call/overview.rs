//! Counting the log.

use valetkey_core::{Timestamp, call::CallOutcome, id::EnvironmentId};

use super::{Filter, list::conditions};
use crate::{Conn, Result, Stmt, sql::Row};

/// How many calls are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The interval in which they began, counted from the first.
    pub interval: i64,
    /// The provider key of their connector.
    pub provider: String,
    /// Their outcome.
    pub outcome: CallOutcome,
    /// Their error code; empty where there was none.
    pub error_code: String,
    /// How many.
    pub count: i64,
}

macro_rules! groups {
    ($engine:ident) => {
        concat!(
            "SELECT (started_at - $13) / $14 AS interval_number, provider, outcome, error_code, COUNT(*) AS count",
            " FROM tool_calls WHERE",
            conditions!($engine),
            " GROUP BY 1, 2, 3, 4"
        )
    };
}

const GROUPS: Stmt = Stmt::scan("tool_call::GROUPS", groups!(sqlite)).on_postgres(groups!(postgres));

pub(super) const STATEMENTS: &[&Stmt] = &[&GROUPS];

fn read(row: &Row) -> Result<Group> {
    Ok(Group {
        interval: row.int("interval_number")?,
        provider: row.text("provider")?,
        outcome: row.named("outcome", CallOutcome::parse)?,
        error_code: row.text("error_code")?,
        count: row.int("count")?,
    })
}

/// Counts calls by intervals of `width` milliseconds, the first of which begins at `first`. The answer is in no order.
pub async fn groups(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    first: Timestamp,
    width: i64,
) -> Result<Vec<Group>> {
    let (first_id, end) = filter.range();
    let mut values = filter.values(environment, &first_id, &end);
    values.extend([first.into(), width.max(1).into()]);
    conn.list(&GROUPS, values, read).await
}
