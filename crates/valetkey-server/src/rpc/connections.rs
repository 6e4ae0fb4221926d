//! `scalekit.v1.connections.ConnectionService`: the connections of an environment.

use tonic::{Request, Response, Status};
use valetkey_app::connection::{ConnectionView, CreateConnection, ListConnections, UpdateConnection};
use valetkey_core::connector::AuthType;
use valetkey_proto::scalekit::v1::connections::{self as wire, connection_service_server::ConnectionService};

use super::{Rpc, caller, connection_config, convert, page};
use crate::error::status_of;

type Answer<T> = Result<Response<T>, Status>;

/// Rows of a page whose size the request does not name.
const PAGE: u32 = 10;

pub(super) const fn connection_type(kind: AuthType) -> wire::ConnectionType {
    match kind {
        AuthType::Oauth2 => wire::ConnectionType::Oauth,
        AuthType::Basic => wire::ConnectionType::Basic,
        AuthType::Bearer => wire::ConnectionType::Bearer,
        AuthType::ApiKey => wire::ConnectionType::ApiKey,
        AuthType::None => wire::ConnectionType::NoAuth,
    }
}

fn status(view: &ConnectionView) -> i32 {
    if view.is_complete() { wire::ConnectionStatus::Completed } else { wire::ConnectionStatus::Draft }.into()
}

fn connection(view: ConnectionView) -> wire::Connection {
    wire::Connection {
        provider: wire::ConnectionProvider::Custom.into(),
        r#type: connection_type(view.auth_type()).into(),
        status: status(&view),
        enabled: view.enabled,
        settings: connection_config::settings(&view),
        create_time: Some(convert::timestamp(view.created_at)),
        update_time: Some(convert::timestamp(view.updated_at)),
        id: view.id.to_string(),
        key_id: Some(view.name),
        provider_key: view.connector.provider_key.clone(),
        auth_mode: wire::ConnectionAuthMode::User.into(),
        ..wire::Connection::default()
    }
}

fn listed(view: ConnectionView) -> wire::ListConnection {
    wire::ListConnection {
        provider: wire::ConnectionProvider::Custom.into(),
        r#type: connection_type(view.auth_type()).into(),
        status: status(&view),
        enabled: view.enabled,
        created_at: Some(convert::timestamp(view.created_at)),
        id: view.id.to_string(),
        key_id: view.name,
        provider_key: view.connector.provider_key.clone(),
        auth_mode: wire::ConnectionAuthMode::User.into(),
        ..wire::ListConnection::default()
    }
}

#[tonic::async_trait]
impl ConnectionService for Rpc {
    async fn create_environment_connection(
        &self,
        request: Request<wire::CreateEnvironmentConnectionRequest>,
    ) -> Answer<wire::CreateConnectionResponse> {
        let caller = caller(&request)?;
        let body = request.into_inner().connection.unwrap_or_default();
        if body.provider_key.is_empty() {
            let text = "is required: the key of a provider, such as GMAIL";
            return Err(status_of(valetkey_app::Error::invalid("connection.provider_key", "required", text)));
        }
        if body.auth_mode == i32::from(wire::ConnectionAuthMode::OrgWide) {
            let text = "ORG_WIDE is not supported by this server";
            return Err(status_of(valetkey_app::Error::invalid("connection.auth_mode", "supported", text)));
        }
        let create = CreateConnection {
            provider_key: body.provider_key,
            name: body.key_id,
            ..CreateConnection::default()
        };
        let made = self.app.create_connection(&caller, create).await.map_err(status_of)?;
        Ok(Response::new(wire::CreateConnectionResponse { connection: Some(connection(made)) }))
    }

    async fn get_environment_connection(
        &self,
        request: Request<wire::GetEnvironmentConnectionRequest>,
    ) -> Answer<wire::GetConnectionResponse> {
        let caller = caller(&request)?;
        let found =
            self.app.connection(&caller, &request.get_ref().connection_id).await.map_err(status_of)?;
        Ok(Response::new(wire::GetConnectionResponse { connection: Some(connection(found)) }))
    }

    async fn update_environment_connection(
        &self,
        request: Request<wire::UpdateEnvironmentConnectionRequest>,
    ) -> Answer<wire::UpdateConnectionResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let body = request.connection.unwrap_or_default();
        let before = self.app.connection(&caller, &request.connection_id).await.map_err(status_of)?;
        connection_config::check_type(&before, body.r#type)?;
        let settings = body.settings;
        let update = UpdateConnection {
            name: body.key_id,
            change: Box::new(move |config, secrets| connection_config::apply(config, secrets, settings)),
        };
        let changed =
            self.app.update_connection(&caller, &request.connection_id, update).await.map_err(status_of)?;
        Ok(Response::new(wire::UpdateConnectionResponse { connection: Some(connection(changed)) }))
    }

    async fn delete_environment_connection(
        &self,
        request: Request<wire::DeleteEnvironmentConnectionRequest>,
    ) -> Answer<()> {
        let caller = caller(&request)?;
        self.app.delete_connection(&caller, &request.get_ref().connection_id).await.map_err(status_of)?;
        Ok(Response::new(()))
    }

    async fn enable_environment_connection(
        &self,
        request: Request<wire::ToggleEnvironmentConnectionRequest>,
    ) -> Answer<wire::ToggleConnectionResponse> {
        self.toggle(request, true).await
    }

    async fn disable_environment_connection(
        &self,
        request: Request<wire::ToggleEnvironmentConnectionRequest>,
    ) -> Answer<wire::ToggleConnectionResponse> {
        self.toggle(request, false).await
    }

    async fn list_app_connections(
        &self,
        request: Request<wire::ListAppConnectionsRequest>,
    ) -> Answer<wire::ListAppConnectionsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let list = ListConnections {
            connector: request.provider,
            query: request.query,
            page: page::request(request.page_size, request.page_token, PAGE),
        };
        let found = self.app.list_connections(&caller, list).await.map_err(status_of)?;
        let (total_size, next_page_token, prev_page_token) = page::tokens(&found);
        Ok(Response::new(wire::ListAppConnectionsResponse {
            connections: found.items.into_iter().map(listed).collect(),
            total_size,
            next_page_token,
            prev_page_token,
        }))
    }
}

impl Rpc {
    async fn toggle(
        &self,
        request: Request<wire::ToggleEnvironmentConnectionRequest>,
        enabled: bool,
    ) -> Answer<wire::ToggleConnectionResponse> {
        let caller = caller(&request)?;
        let id = &request.get_ref().connection_id;
        self.app.enable_connection(&caller, id, enabled).await.map_err(status_of)?;
        Ok(Response::new(wire::ToggleConnectionResponse { enabled, error_message: None }))
    }
}
