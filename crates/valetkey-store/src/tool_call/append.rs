//! Adding calls, many at a time, because the log is written beside every call.

use valetkey_core::id::{EnvironmentId, ExecutionId};

use super::{ToolCall, counter, sums};
use crate::{
    Conn, Result, Stmt, Tx,
    sql::{Value, args},
};

macro_rules! append {
    ($rows:literal) => {
        concat!(
            "INSERT INTO tool_calls (environment_id, id, actor, agent_run_id, tool_name, provider, account_id,",
            " connection_id, connection_name, identifier, organization_id, user_id, source, outcome, error_code,",
            " error_message, host, status, duration_ms, started_at) ",
            $rows
        )
    };
}

const APPEND: Stmt = Stmt::many(
    "tool_call::APPEND",
    append!(
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
    ),
    append!(
        "SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
         value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14,
         value ->> 15, value ->> 16, CAST(value ->> 17 AS BIGINT), CAST(value ->> 18 AS BIGINT),
         CAST(value ->> 19 AS BIGINT)
         FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))"
    ),
);
const EXISTS: Stmt =
    Stmt::read("tool_call::EXISTS", "SELECT id FROM tool_calls WHERE environment_id = $1 AND id = $2");

pub(super) const STATEMENTS: &[&Stmt] = &[&APPEND, &EXISTS];

fn values(call: &ToolCall) -> Vec<Value> {
    args![
        &call.environment_id,
        &call.id,
        &call.actor,
        &call.agent_run_id,
        &call.tool_name,
        &call.provider,
        &call.account_id,
        &call.connection_id,
        &call.connection_name,
        &call.identifier,
        &call.organization_id,
        &call.user_id,
        call.source.as_str(),
        call.outcome.as_str(),
        &call.error_code,
        &call.error_message,
        &call.host,
        call.status.map(i64::from),
        call.duration_ms,
        call.started_at,
    ]
}

/// Adds calls and counts them, for their accounts and for overviews. No text may hold a NUL, which PostgreSQL does not store.
pub async fn append(tx: &mut Tx, calls: &[&ToolCall]) -> Result<()> {
    tx.execute_many(&APPEND, calls.iter().map(|call| values(call)).collect()).await?;
    counter::count(tx, calls).await?;
    sums::add(tx, calls).await
}

/// Whether a call is in the log.
pub async fn exists(conn: &mut Conn, environment: &EnvironmentId, id: &ExecutionId) -> Result<bool> {
    Ok(conn.optional(&EXISTS, args![environment, id], |row| row.text("id")).await?.is_some())
}
