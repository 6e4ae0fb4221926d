//! `scalekit.v1.tools.ToolService`.

use tonic::{Request, Response, Status};
use valetkey_app::{
    account::AccountAddress,
    tool::{ExecuteTool, FoundTool, ListTools, ListedTool, Readiness, ReadinessState, ScopedTools},
};
use valetkey_core::call::CallSource;
use valetkey_proto::scalekit::v1::tools::{self as wire, tool_service_server::ToolService};

use super::{Rpc, caller, convert};
use crate::error::status_of;

/// Tools of a page whose size the request does not name, and the most that one has.
const PAGE: usize = 300;
const LARGEST_PAGE: usize = 1000;

/// The most bytes of a page. Published clients refuse messages of 4 MiB.
const PAGE_BYTES: usize = 3 * 1024 * 1024;

type Answer<T> = Result<Response<T>, Status>;

fn tool(listed: &ListedTool) -> wire::Tool {
    let definition = listed.definition.as_object().cloned().unwrap_or_default();
    wire::Tool {
        id: listed.id(),
        provider: listed.connector.provider_key.clone(),
        definition: Some(convert::to_struct(definition)),
        tags: listed.connector.categories.clone(),
        is_default: Some(true),
        ..wire::Tool::default()
    }
}

/// A page of a list in memory. Its token is the number of the first item, because the list changes only when the server
/// starts anew or accounts come and go.
struct Page<T> {
    items: Vec<T>,
    total: u32,
    next: String,
    previous: String,
}

fn page<S, T: prost::Message>(all: &[S], size: u32, token: &str, encode: impl Fn(&S) -> T) -> Page<T> {
    let size = match size as usize {
        0 => PAGE,
        size => size.min(LARGEST_PAGE),
    };
    let start = token.parse().unwrap_or(0_usize).min(all.len());
    let (mut items, mut bytes) = (Vec::new(), 0);
    for item in all.iter().skip(start).take(size) {
        let item = encode(item);
        bytes += item.encoded_len() + 8;
        if bytes > PAGE_BYTES && !items.is_empty() {
            break;
        }
        items.push(item);
    }
    let end = start + items.len();
    Page {
        items,
        total: u32::try_from(all.len()).unwrap_or(u32::MAX),
        next: if end < all.len() { end.to_string() } else { String::new() },
        previous: if start > 0 { start.saturating_sub(size).to_string() } else { String::new() },
    }
}

fn address(
    id: Option<String>,
    connector: Option<String>,
    identifier: Option<String>,
    organization_id: Option<String>,
    user_id: Option<String>,
) -> AccountAddress {
    AccountAddress { id, connector, identifier, organization_id, user_id }
}

fn readiness(ready: Readiness) -> wire::ConnectionReadiness {
    let state = match ready.state {
        ReadinessState::Ready => wire::ToolReadinessState::Ready,
        ReadinessState::NeedsConnection => wire::ToolReadinessState::NeedsConnection,
        ReadinessState::NeedsReauthorization => wire::ToolReadinessState::NeedsReauth,
    };
    wire::ConnectionReadiness {
        connection_name: ready.connection_name,
        connected_account_id: ready.account_id.unwrap_or_default(),
        readiness_state: state.into(),
    }
}

fn searched(found: FoundTool) -> wire::SearchedTool {
    wire::SearchedTool {
        name: found.listed.tool.name.clone(),
        provider: found.listed.connector.provider_key.clone(),
        description: found.listed.tool.description.clone(),
        score: found.score,
        connections: found.connections.into_iter().map(readiness).collect(),
    }
}

#[tonic::async_trait]
impl ToolService for Rpc {
    async fn list_tools(&self, request: Request<wire::ListToolsRequest>) -> Answer<wire::ListToolsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let filter = request.filter.unwrap_or_default();
        let identifier = Some(filter.identifier);
        let wanted = ListTools {
            provider: Some(filter.provider),
            names: filter.tool_name,
            query: filter.query,
            account: address(
                filter.connected_account_id,
                filter.connector,
                identifier,
                filter.organization_id,
                filter.user_id,
            ),
        };
        let all = self.app.list_tools(&caller, &wanted).await.map_err(status_of)?;
        let page = page(&all, request.page_size, &request.page_token, |listed| tool(listed));
        let tool_names = page
            .items
            .iter()
            .filter_map(|tool| tool.id.strip_prefix("tol_").map(ToOwned::to_owned))
            .collect();
        let summary = filter.summary.unwrap_or_default();
        Ok(Response::new(wire::ListToolsResponse {
            next_page_token: page.next,
            total_size: page.total,
            prev_page_token: page.previous,
            tool_names,
            tools: if summary { vec![] } else { page.items },
        }))
    }

    async fn list_scoped_tools(
        &self,
        request: Request<wire::ListScopedToolsRequest>,
    ) -> Answer<wire::ListScopedToolsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let filter = request.filter.unwrap_or_default();
        let filter = ScopedTools {
            providers: filter.providers,
            names: filter.tool_names,
            connection_names: filter.connection_names,
        };
        let all = self.app.scoped_tools(&caller, &request.identifier, &filter).await.map_err(status_of)?;
        let page = page(&all, request.page_size, &request.page_token, |runnable| wire::ScopedTool {
            tool: Some(tool(&runnable.listed)),
            identifier: runnable.account.identifier.clone(),
            connected_account_id: runnable.account.id.to_string(),
        });
        Ok(Response::new(wire::ListScopedToolsResponse {
            next_page_token: page.next,
            total_size: page.total,
            prev_page_token: page.previous,
            tools: page.items,
        }))
    }

    async fn list_available_tools(
        &self,
        request: Request<wire::ListAvailableToolsRequest>,
    ) -> Answer<wire::ListAvailableToolsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let all = self.app.available_tools(&caller, &request.identifier).await.map_err(status_of)?;
        let page = page(&all, request.page_size, &request.page_token, |listed| tool(listed));
        Ok(Response::new(wire::ListAvailableToolsResponse {
            next_page_token: page.next,
            total_size: page.total,
            prev_page_token: page.previous,
            tools: page.items,
        }))
    }

    async fn search_tools(
        &self,
        request: Request<wire::SearchToolsRequest>,
    ) -> Answer<wire::SearchToolsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let found = self
            .app
            .search_tools(&caller, &request.query, request.identifier.as_deref(), request.top_k)
            .await
            .map_err(status_of)?;
        Ok(Response::new(wire::SearchToolsResponse { tools: found.into_iter().map(searched).collect() }))
    }

    async fn execute_tool(
        &self,
        request: Request<wire::ExecuteToolRequest>,
    ) -> Answer<wire::ExecuteToolResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let execute = ExecuteTool {
            name: request.tool_name,
            address: address(
                request.connected_account_id,
                request.connector,
                request.identifier,
                request.organization_id,
                request.user_id,
            ),
            input: request.params.map(convert::from_struct).unwrap_or_default(),
            agent_run_id: request.agent_run_id,
        };
        let done = self.app.execute_tool(&caller, CallSource::Api, execute).await.map_err(status_of)?;
        Ok(Response::new(wire::ExecuteToolResponse {
            data: Some(convert::to_struct(done.data)),
            execution_id: done.execution.to_string(),
        }))
    }

    /// Tools come with the definitions of connectors, so that what is known is already the newest.
    async fn refresh_tools(
        &self,
        request: Request<wire::RefreshToolsRequest>,
    ) -> Answer<wire::RefreshToolsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let account = address(
            request.connected_account_id,
            request.connector,
            request.identifier,
            request.organization_id,
            request.user_id,
        );
        let wanted = ListTools { account, ..ListTools::default() };
        let all = self.app.list_tools(&caller, &wanted).await.map_err(status_of)?;
        let page = page(&all, u32::MAX, "", |listed| tool(listed));
        Ok(Response::new(wire::RefreshToolsResponse { tools: page.items, total_size: page.total }))
    }
}
