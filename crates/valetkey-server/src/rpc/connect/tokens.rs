//! `valetkey.v1.ApiTokenService`.

use valetkey_proto::valetkey::v1::api_token_service_server::ApiTokenService;

use crate::rpc::Rpc;

impl ApiTokenService for Rpc {}
