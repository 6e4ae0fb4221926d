//! What the gate answers when it does not let a request through.

use tonic::{Code, Status};
use valetkey_core::error_code::ErrorCode;
use valetkey_proto::scalekit::v1::errdetails::{ErrorInfo, ResourceInfo};

use super::Method;
use crate::error::wire;

pub(super) fn unauthenticated() -> Status {
    let message = "a valid bearer token is required; get one from POST /oauth/token";
    wire::plain(Code::Unauthenticated, ErrorCode::Unauthenticated, message)
}

pub(super) fn forbidden(method: &Method) -> Status {
    not_permitted(method.descriptor.full_name(), &method.permission)
}

/// The caller lacks the permission that something needs.
pub(crate) fn not_permitted(what: &str, permission: &str) -> Status {
    let resource = ResourceInfo {
        resource_name: what.to_owned(),
        required_permissions: vec![permission.to_owned()],
        ..ResourceInfo::default()
    };
    let info = ErrorInfo { resource_info: Some(resource), ..ErrorInfo::default() };
    let message = format!("{what} needs the permission {permission}");
    wire::status(Code::PermissionDenied, ErrorCode::PermissionDenied, message, info)
}

pub(super) fn unknown_rpc(path: &str) -> Status {
    let message = format!("there is no RPC {path}");
    wire::plain(Code::Unimplemented, ErrorCode::NotImplemented, message)
}

pub(super) fn not_built(method: &Method) -> Status {
    let message = format!("{} is not available on this server", method.descriptor.full_name());
    wire::plain(Code::Unimplemented, ErrorCode::NotImplemented, message)
}
