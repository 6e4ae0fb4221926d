//! Connections.

use valetkey_proto::valetkey::v1::{
    self as wire, connection_status_service_client::ConnectionStatusServiceClient,
};

use crate::call::part;

part! {
    /// The ways of an environment to providers. `connection_id` is the id or the name of one.
    Connections
    ConnectionStatusServiceClient {
        /// Lists the connections of the environment; a page at a time.
        fn list(filters: wire::ListConnectionsRequest) -> wire::ListConnectionsResponse = list_connections(filters);
        /// Reads a connection.
        fn get(connection_id: &str) -> wire::Connection =
            get_connection(wire::GetConnectionRequest { connection_id: connection_id.into() });
        /// Replaces the list of callbacks of applications: https, or http on the loopback, compared as they are.
        fn set_redirect_uris(connection_id: &str, redirect_uris: Vec<String>) -> wire::Connection =
            set_redirect_uris(wire::SetRedirectUrisRequest { connection_id: connection_id.into(), redirect_uris });
    }
}
