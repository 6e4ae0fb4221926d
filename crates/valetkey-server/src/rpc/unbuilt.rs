//! Services whose RPCs all answer `UNIMPLEMENTED`, after authentication.

use valetkey_proto::scalekit::v1::mcp::mcp_service_server::McpService;

use super::Rpc;

impl McpService for Rpc {}
