//! A call in the log.

use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
    id::{AccountId, ConnectionId, EnvironmentId, ExecutionId},
};

use crate::{Result, sql::Row};

/// One execution of a tool or one proxied call. It has no payload and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// Its id, which callers get too.
    pub id: ExecutionId,
    /// The environment.
    pub environment_id: EnvironmentId,
    /// The API client.
    pub actor: String,
    /// The run of the agent, where the caller names it.
    pub agent_run_id: Option<String>,
    /// The tool; `METHOD /path` without the query for a proxied call.
    pub tool_name: String,
    /// The provider key of the connector.
    pub provider: String,
    /// The account, where one was found.
    pub account_id: Option<AccountId>,
    /// Its connection.
    pub connection_id: Option<ConnectionId>,
    /// The name of the connection.
    pub connection_name: String,
    /// The identifier of the account.
    pub identifier: String,
    /// The organization of the account.
    pub organization_id: Option<String>,
    /// The user of the account.
    pub user_id: Option<String>,
    /// Who made it.
    pub source: CallSource,
    /// Whose fault it was.
    pub outcome: CallOutcome,
    /// The HTTP status of the provider, where it answered.
    pub status: Option<u16>,
    /// The code of the error; empty where there was none.
    pub error_code: String,
    /// The message of the error; empty where there was none.
    pub error_message: String,
    /// The host that was called, where it came so far.
    pub host: String,
    /// From the first step to the last byte of the answer, in milliseconds.
    pub duration_ms: i64,
    /// When it began: the time that its id was made for.
    pub started_at: Timestamp,
}

pub(super) fn read(row: &Row) -> Result<ToolCall> {
    Ok(ToolCall {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        actor: row.text("actor")?,
        agent_run_id: row.text_opt("agent_run_id")?,
        tool_name: row.text("tool_name")?,
        provider: row.text("provider")?,
        account_id: row.id_opt("account_id")?,
        connection_id: row.id_opt("connection_id")?,
        connection_name: row.text("connection_name")?,
        identifier: row.text("identifier")?,
        organization_id: row.text_opt("organization_id")?,
        user_id: row.text_opt("user_id")?,
        source: row.named("source", CallSource::parse)?,
        outcome: row.named("outcome", CallOutcome::parse)?,
        status: row.int_opt("status")?.and_then(|status| u16::try_from(status).ok()),
        error_code: row.text("error_code")?,
        error_message: row.text("error_message")?,
        host: row.text("host")?,
        duration_ms: row.int("duration_ms")?,
        started_at: row.time("started_at")?,
    })
}
