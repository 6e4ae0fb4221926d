//! Adding calls, many in one statement, because the log is written beside every call.

use valetkey_core::id::{EnvironmentId, ExecutionId};

use super::{ToolCall, counter, rows};
use crate::{Conn, Result, Stmt, Tx, sql::args};

/// The parameter is a JSON list of JSON lists with the columns in this order.
macro_rules! append {
    ($engine:ident) => {
        concat!(
            "INSERT INTO tool_calls (environment_id, id, actor, agent_run_id, tool_name, provider, account_id,",
            " connection_id, connection_name, identifier, organization_id, user_id, source, outcome, error_code,",
            " error_message, host, status, duration_ms, started_at)",
            " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,",
            " value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14,",
            " value ->> 15, value ->> 16, CAST(value ->> 17 AS BIGINT), CAST(value ->> 18 AS BIGINT), CAST(value ->> 19 AS BIGINT)",
            " FROM ",
            rows!($engine "$1")
        )
    };
}

const APPEND: Stmt = Stmt::bulk("tool_call::APPEND", append!(sqlite)).on_postgres(append!(postgres));
const EXISTS: Stmt =
    Stmt::read("tool_call::EXISTS", "SELECT id FROM tool_calls WHERE environment_id = $1 AND id = $2");

pub(super) const STATEMENTS: &[&Stmt] = &[&APPEND, &EXISTS];

fn columns(call: &ToolCall) -> serde_json::Value {
    serde_json::json!([
        call.environment_id.as_str(),
        call.id.as_str(),
        call.actor,
        call.agent_run_id,
        call.tool_name,
        call.provider,
        call.account_id,
        call.connection_id,
        call.connection_name,
        call.identifier,
        call.organization_id,
        call.user_id,
        call.source,
        call.outcome,
        call.error_code,
        call.error_message,
        call.host,
        call.status,
        call.duration_ms,
        call.started_at.millis(),
    ])
}

/// Adds calls and counts them for their accounts. No text may hold a NUL, which PostgreSQL does not store.
pub async fn append(tx: &mut Tx, calls: &[&ToolCall]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let rows = calls.iter().copied().map(columns).collect::<serde_json::Value>();
    tx.execute(&APPEND, args![rows.to_string()]).await?;
    counter::count(tx, calls).await
}

/// Whether a call is in the log.
pub async fn exists(conn: &mut Conn, environment: &EnvironmentId, id: &ExecutionId) -> Result<bool> {
    Ok(conn.optional(&EXISTS, args![environment, id], |row| row.text("id")).await?.is_some())
}
