//! `scalekit.v1.agentkit_logs.AgentkitLogsService`.

use tonic::{Code, Request, Response, Status};
use valetkey_app::call::{CallQuery, ToolCall};
use valetkey_core::{call::CallOutcome, error_code::ErrorCode};
use valetkey_proto::scalekit::v1::agentkit_logs::{
    self as wire, agentkit_logs_service_server::AgentkitLogsService,
};

use super::{Rpc, caller, convert, page};
use crate::error::{status_of, wire::plain};

type Answer<T> = Result<Response<T>, Status>;

/// Rows of a page whose size the request does not name, and the most that one has.
const PAGE: u32 = 20;
const LARGEST_PAGE: u32 = 100;

/// The status on the wire, which does not say whose fault an error was.
fn status(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Success => "success",
        CallOutcome::ProviderError | CallOutcome::PlatformError => "error",
    }
}

fn log(call: ToolCall) -> wire::ToolCallLog {
    wire::ToolCallLog {
        id: call.id.to_string(),
        environment_id: call.environment_id.to_string(),
        execution_id: call.id.to_string(),
        agent_run_id: call.agent_run_id,
        tool_name: call.tool_name,
        provider: call.provider,
        connected_account_id: call.account_id.map(|id| id.to_string()).unwrap_or_default(),
        connection_id: call.connection_id.map(|id| id.to_string()).unwrap_or_default(),
        connection_name: call.connection_name,
        identifier: call.identifier,
        user_id: call.user_id.unwrap_or_default(),
        organization_id: call.organization_id,
        source: call.source.as_str().into(),
        status: status(call.outcome).into(),
        error_tier: call.outcome.as_str().into(),
        error_code: call.error_code,
        error_message: call.error_message,
        duration_ms: call.duration_ms,
        started_at: Some(convert::timestamp(call.started_at)),
        workspace_id: None,
        agent_id: None,
    }
}

/// What an RPC about the signed-in end user answers to an API client, which is nobody's session.
pub(super) fn no_session(instead: &str) -> Status {
    let message = format!(
        "this is for an end user who is signed in, and no surface of this server signs one in; use {instead}"
    );
    plain(Code::Unimplemented, ErrorCode::NotImplemented, message)
}

#[tonic::async_trait]
impl AgentkitLogsService for Rpc {
    async fn list_tool_call_logs(
        &self,
        request: Request<wire::ListToolCallLogsRequest>,
    ) -> Answer<wire::ListToolCallLogsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let query = CallQuery {
            from: request.start_time.map(convert::from_timestamp),
            until: request.end_time.map(convert::from_timestamp),
            statuses: request.status,
            providers: request.provider,
            sources: request.source,
            error_codes: vec![],
            connection_id: request.connection_id,
            connection_name: request.connection_name,
            account_id: request.connected_account_id,
            identifier: request.identifier,
            agent_run_id: request.agent_run_id,
        };
        let page = page::request(request.page_size.min(LARGEST_PAGE), request.page_token, PAGE);
        let found = self.app.list_calls(&caller, query, &page).await.map_err(status_of)?;
        Ok(Response::new(wire::ListToolCallLogsResponse {
            next_page_token: found.next.unwrap_or_default(),
            prev_page_token: found.previous.unwrap_or_default(),
            total_size: found.total,
            tool_call_logs: found.items.into_iter().map(log).collect(),
        }))
    }

    async fn get_tool_call_log(
        &self,
        request: Request<wire::GetToolCallLogRequest>,
    ) -> Answer<wire::ToolCallLog> {
        let caller = caller(&request)?;
        let found = self.app.call(&caller, &request.get_ref().execution_id).await.map_err(status_of)?;
        Ok(Response::new(log(found)))
    }

    async fn list_current_tool_call_logs(
        &self,
        _: Request<wire::ListCurrentToolCallLogsRequest>,
    ) -> Answer<wire::ListToolCallLogsResponse> {
        Err(no_session("ListToolCallLogs with the identifier of the user"))
    }
}
