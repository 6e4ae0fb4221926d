//! `valetkey.v1.AccountService`.

use valetkey_proto::valetkey::v1::account_service_server::AccountService;

use crate::rpc::Rpc;

impl AccountService for Rpc {}
