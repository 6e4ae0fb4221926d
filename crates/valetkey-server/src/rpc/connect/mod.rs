//! The services of `valetkey.v1`: REST below `/v1/connect`. One file per service.

mod accounts;
mod authorization;
mod bulk;
mod cleanup;
mod connections;
mod convert;
mod health;
mod idempotent;
mod tokens;

use tonic::service::Routes;
use valetkey_proto::valetkey::v1::{
    account_health_service_server::AccountHealthServiceServer, account_service_server::AccountServiceServer,
    api_token_service_server::ApiTokenServiceServer,
    authorization_service_server::AuthorizationServiceServer, bulk_service_server::BulkServiceServer,
    connection_status_service_server::ConnectionStatusServiceServer,
};

use super::Rpc;
use idempotent::Idempotent;

/// What a handler answers.
type Answer<T> = Result<tonic::Response<T>, tonic::Status>;

/// Rows of a page whose size the request does not name.
const PAGE: u32 = 100;

/// `routes` with the services of `valetkey.v1`.
pub(super) fn add(routes: Routes, rpc: &Rpc) -> Routes {
    macro_rules! add {
        ($($server:ident)*) => { routes$(.add_service(Idempotent::new($server::new(rpc.clone()), &rpc.app)))* };
    }
    add! {
        AccountServiceServer AuthorizationServiceServer BulkServiceServer AccountHealthServiceServer
        ConnectionStatusServiceServer ApiTokenServiceServer
    }
}
