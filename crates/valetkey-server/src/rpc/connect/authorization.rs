//! `valetkey.v1.AuthorizationService`.

use valetkey_proto::valetkey::v1::authorization_service_server::AuthorizationService;

use crate::rpc::Rpc;

impl AuthorizationService for Rpc {}
