//! Counting the log.

use valetkey_core::{Timestamp, call::CallOutcome, id::EnvironmentId};

use super::{
    Filter,
    list::conditions,
    sums::{self, SLOT},
};
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

pub(super) fn read(row: &Row) -> Result<Group> {
    Ok(Group {
        interval: row.int("interval_number")?,
        provider: row.text("provider")?,
        outcome: row.named("outcome", CallOutcome::parse)?,
        error_code: row.text("error_code")?,
        count: row.int("count")?,
    })
}

/// The slots that lie wholly in the time of the filter, where sums can tell what is asked for.
fn whole_slots(filter: &Filter, first: Timestamp, width: i64) -> Option<(i64, i64)> {
    let summed = filter.connection_id.is_none()
        && filter.account_id.is_none()
        && filter.identifier.is_none()
        && filter.agent_run_id.is_none();
    let fits = first.millis() % SLOT == 0 && width % SLOT == 0;
    let start = (filter.from?.millis() + SLOT - 1).div_euclid(SLOT);
    let end = filter.until?.millis().div_euclid(SLOT);
    (summed && fits && start < end).then_some((start, end))
}

async fn logged(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    first: Timestamp,
    width: i64,
) -> Result<Vec<Group>> {
    let (first_id, end) = filter.range();
    let mut values = filter.values(environment, &first_id, &end);
    values.extend([first.into(), width.into()]);
    conn.list(&GROUPS, values, read).await
}

/// Counts calls by intervals of `width` milliseconds, the first of which begins at `first`. The answer is in no order,
/// and calls that are alike can be in several groups. Where the intervals consist of slots of five minutes, only the
/// ends of the time are counted in the log.
pub async fn groups(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    first: Timestamp,
    width: i64,
) -> Result<Vec<Group>> {
    let width = width.max(1);
    let Some((start, end)) = whole_slots(filter, first, width) else {
        return logged(conn, environment, filter, first, width).await;
    };
    let at = |slot: i64| Some(Timestamp::from_millis(slot * SLOT));
    let mut found = sums::groups(conn, environment, filter, (start, end), first, width).await?;
    for part in [Filter { until: at(start), ..filter.clone() }, Filter { from: at(end), ..filter.clone() }] {
        if part.from != part.until {
            found.extend(logged(conn, environment, &part, first, width).await?);
        }
    }
    Ok(found)
}
