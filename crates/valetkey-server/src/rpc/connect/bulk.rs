//! `valetkey.v1.BulkService`.

use valetkey_proto::valetkey::v1::bulk_service_server::BulkService;

use crate::rpc::Rpc;

impl BulkService for Rpc {}
