//! The last calls of an account.

use serde_json::{Value, json};
use valetkey_app::call::ToolCall;

/// A call as a program reads it.
pub fn json(call: &ToolCall) -> Value {
    json!({
        "id": call.id,
        "at": call.started_at.to_string(),
        "actor": call.actor,
        "agent_run_id": call.agent_run_id,
        "source": call.source,
        "tool": call.tool_name,
        "host": call.host,
        "outcome": call.outcome,
        "status": call.status,
        "error_code": call.error_code,
        "error_message": call.error_message,
        "duration_ms": call.duration_ms,
    })
}

/// A call as a line.
pub fn line(call: &ToolCall) -> String {
    let status = call.status.map(|status| format!(" {status}")).unwrap_or_default();
    let code = if call.error_code.is_empty() { String::new() } else { format!(" {}", call.error_code) };
    format!(
        "  {}  {:14}  {:7}  {}  {} ms{status}{code}",
        call.started_at,
        call.outcome.as_str(),
        call.source.as_str(),
        call.tool_name,
        call.duration_ms
    )
}
