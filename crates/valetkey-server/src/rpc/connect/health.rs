//! `valetkey.v1.AccountHealthService`.

use tonic::{Request, Response, Status};
use valetkey_app::{
    account::AccountAddress,
    event::{Event, ListEvents},
    health::{AccountHealth, AccountUsage, DayCount, ToolCount, UsageQuery},
    page::PageRequest,
};
use valetkey_core::{Day, Timestamp};
use valetkey_proto::valetkey::v1::{self as wire, account_health_service_server::AccountHealthService};

use super::{Answer, PAGE, cleanup, convert};
use crate::{
    error::status_of,
    rpc::{
        Rpc, caller,
        convert::{from_timestamp, timestamp, to_struct},
    },
};

/// A count on the wire, which no account reaches the end of.
fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn health(health: AccountHealth, now: Timestamp) -> wire::AccountHealth {
    let (authentication, calls, row) = (&health.authentication, health.calls, &health.account.account);
    let (refreshes, authorizations) = (authentication.refreshes, authentication.authorizations);
    wire::AccountHealth {
        account_id: row.id.to_string(),
        status: Some(convert::account_status(&health.account)),
        authentication: Some(wire::AuthenticationHealth {
            authorizations: count(authorizations.all),
            authorizations_succeeded: count(authorizations.succeeded()),
            refreshes: count(refreshes.all),
            refreshes_succeeded: count(refreshes.succeeded()),
            success_rate: authentication.all().success(),
            last_success_at: authentication.last_success_at.map(timestamp),
            last_failure_at: authentication.last_failure.as_ref().map(|(at, _)| timestamp(*at)),
            last_failure: authentication.last_failure.clone().map(|(_, how)| how).unwrap_or_default(),
        }),
        api: Some(wire::ApiHealth {
            calls: count(calls.rate().all),
            provider_errors: count(calls.provider_errors),
            platform_errors: count(calls.platform_errors),
            error_rate: calls.rate().failure(),
            last_used_at: row.last_used_at.map(timestamp),
        }),
        forecast: Some(wire::Forecast {
            person_needed: health.forecast.as_str().into(),
            at: health.forecast.at().map(timestamp),
            explanation: health.forecast.explanation().into(),
        }),
        window_start: Some(timestamp(health.window.0)),
        window_end: Some(timestamp(health.window.1)),
        token: Some(convert::token_status(health.token, now)),
    }
}

fn usage(usage: AccountUsage) -> wire::AccountUsage {
    let calls = usage.calls;
    wire::AccountUsage {
        account_id: usage.account.to_string(),
        start_date: usage.first.to_string(),
        end_date: usage.last.to_string(),
        tool_executions: count(calls.tool_executions),
        api_requests: count(calls.api_requests),
        provider_errors: count(calls.provider_errors),
        platform_errors: count(calls.platform_errors),
        error_rate: calls.rate().failure(),
        most_used_tools: usage.tools.into_iter().map(tool).collect(),
        days: usage.days.iter().map(day).collect(),
    }
}

fn tool(tool: ToolCount) -> wire::ToolUsage {
    wire::ToolUsage {
        tool_name: tool.tool_name,
        executions: count(tool.executions),
        errors: count(tool.errors),
    }
}

fn day(day: &DayCount) -> wire::DayUsage {
    wire::DayUsage {
        date: Day::new(day.day).to_string(),
        tool_executions: count(day.tool_executions),
        api_requests: count(day.api_requests),
        provider_errors: count(day.provider_errors),
        platform_errors: count(day.platform_errors),
    }
}

fn event(event: Event) -> Result<wire::Event, Status> {
    let details = serde_json::from_str(&event.details);
    let details = details.map_err(|error| status_of(valetkey_app::Error::internal(error)))?;
    Ok(wire::Event {
        id: event.id.to_string(),
        kind: event.kind.as_str().into(),
        account_id: event.account_id.map(|id| id.to_string()),
        connection_id: event.connection_id.map(|id| id.to_string()),
        actor: event.actor,
        details: Some(to_struct(details)),
        created_at: Some(timestamp(event.created_at)),
    })
}

#[tonic::async_trait]
impl AccountHealthService for Rpc {
    async fn get_account_health(
        &self,
        request: Request<wire::GetAccountHealthRequest>,
    ) -> Answer<wire::AccountHealth> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        let found = self.app.account_health(&caller, &address).await.map_err(status_of)?;
        Ok(Response::new(health(found, self.app.now())))
    }

    async fn get_account_usage(
        &self,
        request: Request<wire::GetAccountUsageRequest>,
    ) -> Answer<wire::AccountUsage> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let query = UsageQuery { start_date: request.start_date, end_date: request.end_date };
        let found = self.app.account_usage(&caller, &AccountAddress::of_id(request.account_id), &query).await;
        Ok(Response::new(usage(found.map_err(status_of)?)))
    }

    async fn list_events(
        &self,
        request: Request<wire::ListEventsRequest>,
    ) -> Answer<wire::ListEventsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let query = ListEvents {
            account_id: request.account_id,
            connection_id: request.connection_id,
            kinds: request.kind,
            since: request.since.map(from_timestamp),
            size: request.page_size,
            token: Some(request.page_token),
        };
        let page = self.app.list_events(&caller, query).await.map_err(status_of)?;
        Ok(Response::new(wire::ListEventsResponse {
            events: page.events.into_iter().map(event).collect::<Result<_, _>>()?,
            next_page_token: page.next,
            more: page.more,
        }))
    }

    async fn report_cleanup(
        &self,
        request: Request<wire::ReportCleanupRequest>,
    ) -> Answer<wire::CleanupReport> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let size = if request.page_size == 0 { PAGE } else { request.page_size };
        let page = PageRequest { size, token: Some(request.page_token) };
        let query = cleanup::query(request.policy);
        let (found, next) = self.app.report_cleanup(&caller, &query, &page).await.map_err(status_of)?;
        Ok(Response::new(wire::CleanupReport {
            candidates: found.into_iter().map(cleanup::candidate).collect::<Result<_, _>>()?,
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn run_cleanup(&self, request: Request<wire::RunCleanupRequest>) -> Answer<wire::BulkOperation> {
        self.bulk(request, cleanup::work).await
    }
}
