//! The log of calls to providers.

use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
    id::{AccountId, ConnectionId, EnvironmentId, ExecutionId},
};

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
    /// When it began.
    pub started_at: Timestamp,
}
