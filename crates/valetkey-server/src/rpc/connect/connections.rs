//! `valetkey.v1.ConnectionStatusService`.

use valetkey_proto::valetkey::v1::connection_status_service_server::ConnectionStatusService;

use crate::rpc::Rpc;

impl ConnectionStatusService for Rpc {}
