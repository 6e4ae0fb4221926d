//! `valetkey.v1.ConnectionStatusService`.

use tonic::{Request, Response};
use valetkey_app::connection::ListConnections;
use valetkey_proto::valetkey::v1::{self as wire, connection_status_service_server::ConnectionStatusService};

use super::{Answer, PAGE, convert};
use crate::{
    error::status_of,
    rpc::{Rpc, caller, page},
};

#[tonic::async_trait]
impl ConnectionStatusService for Rpc {
    async fn list_connections(
        &self,
        request: Request<wire::ListConnectionsRequest>,
    ) -> Answer<wire::ListConnectionsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connector = match request.provider.filter(|slug| !slug.is_empty()) {
            Some(slug) => Some(self.app.provider_key(&caller, &slug).await.map_err(status_of)?),
            None => None,
        };
        let list = ListConnections {
            connector,
            query: None,
            page: page::request(request.page_size, request.page_token, PAGE),
        };
        let found = self.app.list_connections(&caller, list).await.map_err(status_of)?;
        Ok(Response::new(wire::ListConnectionsResponse {
            connections: found.items.iter().map(convert::connection).collect(),
            next_page_token: found.next.unwrap_or_default(),
        }))
    }

    async fn get_connection(&self, request: Request<wire::GetConnectionRequest>) -> Answer<wire::Connection> {
        let caller = caller(&request)?;
        let name = &request.get_ref().connection_id;
        let found = self.app.connection_addressed(&caller, name).await.map_err(status_of)?;
        Ok(Response::new(convert::connection(&found)))
    }
    async fn set_redirect_uris(
        &self,
        request: Request<wire::SetRedirectUrisRequest>,
    ) -> Answer<wire::Connection> {
        let caller = caller(&request)?;
        let wire::SetRedirectUrisRequest { connection_id, redirect_uris } = request.into_inner();
        let changed = self.app.set_redirect_uris(&caller, &connection_id, redirect_uris).await;
        Ok(Response::new(convert::connection(&changed.map_err(status_of)?)))
    }
}
