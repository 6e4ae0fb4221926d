//! Removing what is old. The counters stay.

use valetkey_core::{
    Timestamp,
    id::{EnvironmentId, ExecutionId},
};

use crate::{
    Result, Tx,
    sql::{args, statements},
};

statements! { "tool_call";
    bulk DELETE_BEFORE = "
        DELETE FROM tool_calls WHERE environment_id = $1 AND id IN (
            SELECT id FROM tool_calls WHERE environment_id = $1 AND id < $2 ORDER BY id LIMIT CAST($3 AS BIGINT)
        )";
}

/// Deletes the oldest calls of the environment that began before `before`, at most `limit`; returns how many.
pub async fn delete_before(
    tx: &mut Tx,
    environment: &EnvironmentId,
    before: Timestamp,
    limit: i64,
) -> Result<u64> {
    tx.execute(&DELETE_BEFORE, args![environment, &ExecutionId::first_at(before), limit]).await
}
