//! `valetkey.v1.AccountHealthService`.

use valetkey_proto::valetkey::v1::account_health_service_server::AccountHealthService;

use crate::rpc::Rpc;

impl AccountHealthService for Rpc {}
