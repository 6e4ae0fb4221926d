//! What a request costs without its use case: the reference that everything is compared with.
//!
//! The null RPC passes the same listener, the same authentication and the same gate as any RPC; its handler returns
//! an empty answer. It lends its name and descriptors from an RPC without required fields, and is placed before the
//! real server, so that the real one, which is not, pays for one more router.

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, get_service},
};
use tonic::{Request, Response, Status, service::Routes};
use valetkey_app::App;
use valetkey_core::Entropy;
use valetkey_proto::scalekit::v1::tools::{
    ListToolsRequest, ListToolsResponse,
    tool_service_server::{ToolService, ToolServiceServer},
};
use valetkey_server::{Front, rest::transcoder, rpc::AppAuthenticator, rpc_gate::gated};

/// Path of the null RPC.
pub(crate) const RPC: &str = "/scalekit.v1.tools.ToolService/ListTools";

/// Path of the null RPC over REST.
pub(crate) const REST: &str = "/api/v1/tools";

/// Path of a route that does nothing, without authentication.
pub(crate) const OPEN_ROUTE: &str = "/bench/null";

struct Null;

#[tonic::async_trait]
impl ToolService for Null {
    async fn list_tools(&self, _: Request<ListToolsRequest>) -> Result<Response<ListToolsResponse>, Status> {
        Ok(Response::new(ListToolsResponse::default()))
    }
}

/// `server` with the null RPC and the null route beside it.
pub(crate) fn beside(server: Front, app: App, entropy: Arc<dyn Entropy>) -> Router {
    let routes = Routes::new(ToolServiceServer::new(Null));
    let gate = gated(routes, AppAuthenticator::new(app), entropy);
    Router::new()
        .route_service(RPC, gate.clone())
        .route(REST, get_service(transcoder(gate)))
        .route(OPEN_ROUTE, get(async || {}))
        .fallback_service(server)
}
