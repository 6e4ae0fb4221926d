//! Calls that are alike in everything an overview tells apart, counted by slots of five minutes, so that an overview
//! need not read the log.

use std::collections::BTreeMap;

use valetkey_core::{Timestamp, id::EnvironmentId};

use super::{Filter, ToolCall, each, overview::Group, overview::read};
use crate::{
    Conn, Result, Stmt, Tx,
    sql::{Value, args},
};

/// Milliseconds of a slot. The slots are numbered from 1970 on.
pub(super) const SLOT: i64 = 300_000;

macro_rules! add {
    ($rows:literal) => {
        concat!(
            "INSERT INTO tool_call_sums (environment_id, slot, provider, connection_name, source, outcome,",
            " error_code, calls) ",
            $rows,
            " ON CONFLICT (environment_id, slot, provider, connection_name, source, outcome, error_code)",
            " DO UPDATE SET calls = tool_call_sums.calls + excluded.calls"
        )
    };
}

macro_rules! groups {
    ($engine:ident) => {
        concat!(
            "SELECT (slot * 300000 - $9) / $10 AS interval_number, provider, outcome, error_code,",
            " CAST(SUM(calls) AS BIGINT) AS count FROM tool_call_sums",
            " WHERE environment_id = $1 AND slot >= $2 AND slot < $3",
            " AND (LENGTH($4) = 2 OR outcome IN (SELECT value FROM ", each!($engine "$4"), "))",
            " AND (LENGTH($5) = 2 OR provider IN (SELECT value FROM ", each!($engine "$5"), "))",
            " AND (LENGTH($6) = 2 OR source IN (SELECT value FROM ", each!($engine "$6"), "))",
            " AND (LENGTH($7) = 2 OR error_code IN (SELECT value FROM ", each!($engine "$7"), "))",
            " AND (LENGTH($8) = 0 OR connection_name = $8)",
            " GROUP BY 1, 2, 3, 4"
        )
    };
}

const ADD: Stmt = Stmt::many(
    "tool_call::ADD",
    add!("VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
    add!(
        "SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, value ->> 3, value ->> 4, value ->> 5,
         value ->> 6, CAST(value ->> 7 AS BIGINT)
         FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))"
    ),
);
const SUMS: Stmt = Stmt::scan("tool_call::SUMS", groups!(sqlite)).on_postgres(groups!(postgres));
const DELETE_SUMS: Stmt = Stmt::bulk(
    "tool_call::DELETE_SUMS",
    "DELETE FROM tool_call_sums WHERE environment_id = $1 AND slot < $2",
);

pub(super) const STATEMENTS: &[&Stmt] = &[&ADD, &SUMS, &DELETE_SUMS];

/// Environment and slot; provider, name of the connection and source; outcome and error code.
type Key<'a> = (&'a str, i64, [&'a str; 3], [&'a str; 2]);

/// Adds calls to the sums. The rows are changed in the order of their keys, so that two processes that add at the same
/// time do not wait for each other in a circle.
pub(super) async fn add(tx: &mut Tx, calls: &[&ToolCall]) -> Result<()> {
    let mut sums: BTreeMap<Key<'_>, i64> = BTreeMap::new();
    for call in calls {
        let key = (
            call.environment_id.as_str(),
            call.started_at.millis().div_euclid(SLOT),
            [call.provider.as_str(), call.connection_name.as_str(), call.source.as_str()],
            [call.outcome.as_str(), call.error_code.as_str()],
        );
        *sums.entry(key).or_default() += 1;
    }
    let row = |(key, count): (Key<'_>, i64)| -> Vec<Value> {
        let (environment, slot, [provider, connection, source], [outcome, code]) = key;
        args![environment, slot, provider, connection, source, outcome, code, count]
    };
    tx.execute_many(&ADD, sums.into_iter().map(row).collect()).await
}

/// Counts the calls of the slots from `start` to before `end`, as [`groups`](super::groups) does.
pub(super) async fn groups(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    (start, end): (i64, i64),
    first: Timestamp,
    width: i64,
) -> Result<Vec<Group>> {
    let [outcomes, providers, sources, error_codes] = filter.lists();
    let connection = filter.connection_name.clone().unwrap_or_default();
    let values =
        args![environment, start, end, outcomes, providers, sources, error_codes, connection, first, width];
    conn.list(&SUMS, values, read).await
}

/// Deletes the sums of slots that had ended at `before`.
pub async fn delete_sums_before(tx: &mut Tx, environment: &EnvironmentId, before: Timestamp) -> Result<u64> {
    tx.execute(&DELETE_SUMS, args![environment, before.millis().div_euclid(SLOT)]).await
}
