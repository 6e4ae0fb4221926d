//! Services whose RPCs all answer `UNIMPLEMENTED`, after authentication.

use valetkey_proto::scalekit::v1::{
    agentkit_logs::{
        agentkit_analytics_service_server::AgentkitAnalyticsService,
        agentkit_logs_service_server::AgentkitLogsService,
    },
    mcp::mcp_service_server::McpService,
};

use super::Rpc;

impl McpService for Rpc {}
impl AgentkitLogsService for Rpc {}
impl AgentkitAnalyticsService for Rpc {}
