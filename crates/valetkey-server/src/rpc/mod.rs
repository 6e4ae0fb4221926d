//! Adapters from generated services to use cases: decode, call, encode. One file per service.
//!
//! Authentication, permission and field rules are done before a handler runs (`rpc_gate`).

mod agentkit_analytics;
mod agentkit_logs;
mod authenticate;
mod connect;
mod connected_accounts;
mod connection_config;
mod connections;
mod convert;
mod organizations;
mod page;
mod providers;
mod tools;
mod unbuilt;

use std::sync::Arc;

use tonic::service::Routes;
use valetkey_app::{App, Caller};
use valetkey_core::Entropy;
use valetkey_proto::scalekit::v1::{
    agentkit_logs::{
        agentkit_analytics_service_server::AgentkitAnalyticsServiceServer,
        agentkit_logs_service_server::AgentkitLogsServiceServer,
    },
    connected_accounts::connected_account_service_server::ConnectedAccountServiceServer,
    connections::connection_service_server::ConnectionServiceServer,
    mcp::mcp_service_server::McpServiceServer,
    organizations::organization_service_server::OrganizationServiceServer,
    providers::provider_service_server::ProviderServiceServer,
    tools::tool_service_server::ToolServiceServer,
};

use crate::rpc_gate::{GatedRpc, gated};

pub use authenticate::AppAuthenticator;
pub(crate) use authenticate::SharedAuthenticator;

/// The use cases behind every service.
#[derive(Clone)]
pub(crate) struct Rpc {
    app: App,
}

/// The caller that the gate has let in.
fn caller<T>(request: &tonic::Request<T>) -> Result<Caller, tonic::Status> {
    request
        .extensions()
        .get::<Caller>()
        .cloned()
        .ok_or_else(|| tonic::Status::internal("the request did not pass the gate"))
}

/// All services behind their gate.
pub fn services(app: &App, entropy: Arc<dyn Entropy>) -> GatedRpc<AppAuthenticator> {
    let rpc = Rpc { app: app.clone() };
    let mut routes = Routes::default();
    routes = routes
        .add_service(ConnectedAccountServiceServer::new(rpc.clone()))
        .add_service(ConnectionServiceServer::new(rpc.clone()))
        .add_service(ProviderServiceServer::new(rpc.clone()))
        .add_service(OrganizationServiceServer::new(rpc.clone()))
        .add_service(ToolServiceServer::new(rpc.clone()))
        .add_service(McpServiceServer::new(rpc.clone()))
        .add_service(AgentkitLogsServiceServer::new(rpc.clone()))
        .add_service(AgentkitAnalyticsServiceServer::new(rpc.clone()));
    routes = connect::add(routes, &rpc);
    gated(open_services(routes), AppAuthenticator::new(app.clone()), entropy)
}

/// Health and reflection, which need no token.
fn open_services(routes: Routes) -> Routes {
    let (_, health) = tonic_health::server::health_reporter();
    let reflection = |builder: tonic_reflection::server::Builder<'static>| {
        builder
            .register_encoded_file_descriptor_set(valetkey_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let mut routes = routes.add_service(health);
    if let Ok(service) = reflection(tonic_reflection::server::Builder::configure()).build_v1() {
        routes = routes.add_service(service);
    }
    if let Ok(service) = reflection(tonic_reflection::server::Builder::configure()).build_v1alpha() {
        routes = routes.add_service(service);
    }
    routes
}
