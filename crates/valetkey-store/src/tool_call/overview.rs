//! Counting the log.

use valetkey_core::{
    Timestamp,
    call::CallOutcome,
    id::{EnvironmentId, ExecutionId},
};

use super::{Filter, list::conditions};
use crate::{Conn, Result, Stmt, sql::Row};

/// How many calls are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The interval in which they began, counted from the start of the time asked for.
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

/// Counts the calls that began from `from` to before `until`, in intervals of `width` milliseconds from `from` on. The
/// times of the filter have no effect. The answer is in no order.
pub async fn groups(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    (from, until): (Timestamp, Timestamp),
    width: i64,
) -> Result<Vec<Group>> {
    let [first, end] = [from, until].map(ExecutionId::first_at);
    let mut values = filter.values(environment, first.as_str(), end.as_str());
    values.extend([from.into(), width.max(1).into()]);
    conn.list(&GROUPS, values, read).await
}
