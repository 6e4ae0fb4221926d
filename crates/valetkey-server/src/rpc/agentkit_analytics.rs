//! `scalekit.v1.agentkit_logs.AgentkitAnalyticsService`.

use tonic::{Request, Response, Status};
use valetkey_app::call::{CallQuery, Overview};
use valetkey_proto::scalekit::v1::agentkit_logs::{
    self as wire, agentkit_analytics_service_server::AgentkitAnalyticsService,
};

use super::{Rpc, agentkit_logs::no_session, caller, convert};
use crate::error::status_of;

type Answer<T> = Result<Response<T>, Status>;

fn stats(overview: Overview) -> wire::OverviewStats {
    let connectors = overview.connectors.into_iter().map(|(provider, counts)| wire::ConnectorStat {
        provider,
        total: counts.total(),
        success: counts.success,
        errors: counts.errors(),
        provider_errors: counts.provider_errors,
        platform_errors: counts.platform_errors,
    });
    let series = overview.series.into_iter().map(|(start, counts)| wire::TimeSeriesBucket {
        bucket: Some(convert::timestamp(start)),
        total: counts.total(),
        success: counts.success,
        errors: counts.errors(),
        bucket_duration_seconds: overview.interval_seconds,
        provider_errors: counts.provider_errors,
        platform_errors: counts.platform_errors,
    });
    let codes = overview.error_codes.into_iter();
    wire::OverviewStats {
        total: overview.all.total(),
        success: overview.all.success,
        errors: overview.all.errors(),
        provider_errors: overview.all.provider_errors,
        platform_errors: overview.all.platform_errors,
        top_error_codes: codes
            .map(|(error_code, count)| wire::ErrorCodeCount { error_code, count })
            .collect(),
        connector_breakdown: connectors.collect(),
        time_series: series.collect(),
    }
}

#[tonic::async_trait]
impl AgentkitAnalyticsService for Rpc {
    async fn get_overview_stats(
        &self,
        request: Request<wire::GetOverviewStatsRequest>,
    ) -> Answer<wire::OverviewStats> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let query = CallQuery {
            from: request.start_time.map(convert::from_timestamp),
            until: request.end_time.map(convert::from_timestamp),
            statuses: request.status,
            providers: request.provider,
            sources: request.source,
            error_codes: request.error_code,
            connection_name: request.connection_name,
            ..CallQuery::default()
        };
        let overview = self.app.call_overview(&caller, query).await.map_err(status_of)?;
        Ok(Response::new(stats(overview)))
    }

    async fn get_current_overview_stats(
        &self,
        _: Request<wire::GetOverviewStatsRequest>,
    ) -> Answer<wire::OverviewStats> {
        Err(no_session("GetOverviewStats"))
    }
}
