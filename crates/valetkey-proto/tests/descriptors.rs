//! What every file of `proto/` has to declare, and what the generated types must not print.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use prost_reflect::{DynamicMessage, MethodDescriptor, ReflectMessage as _};
use valetkey_proto::descriptor_pool;
use valetkey_proto::scalekit::v1::connected_accounts::authorization_details::Details;
use valetkey_proto::scalekit::v1::connected_accounts::{AuthorizationDetails, OauthToken};
use valetkey_proto::valetkey::options::v1::{Access, AuditClass};

fn methods() -> impl Iterator<Item = MethodDescriptor> {
    descriptor_pool().services().flat_map(|service| service.methods().collect::<Vec<_>>())
}

fn option(method: &MethodDescriptor, name: &str) -> DynamicMessage {
    let extension = descriptor_pool().get_extension_by_name(name).unwrap();
    method.options().get_extension(&extension).as_message().unwrap().clone()
}

#[test]
fn every_rpc_declares_a_permission_and_an_audit_class() {
    for method in methods() {
        let access: Access = option(&method, "valetkey.options.v1.access").transcode_to().unwrap();
        assert!(access.permission.contains(':'), "{} declares no permission", method.full_name());
        assert_ne!(access.audit(), AuditClass::Unspecified, "{} declares no audit class", method.full_name());
    }
    assert!(methods().count() > 70);
}

#[test]
fn every_rpc_has_an_http_binding_and_a_comment() {
    for method in methods() {
        let http = option(&method, "google.api.http");
        assert!(http.descriptor().oneofs().any(|pattern| pattern.fields().any(|verb| http.has_field(&verb))));
        let file = method.parent_file().file_descriptor_proto().clone();
        let comments = file.source_code_info.unwrap().location;
        let comment = comments.iter().find(|location| location.path == method.path());
        let text = comment.and_then(|location| location.leading_comments.clone()).unwrap_or_default();
        assert!(!text.trim().is_empty(), "{} has no comment", method.full_name());
    }
}

#[test]
fn a_credential_is_not_printed_by_debug() {
    let token = OauthToken { access_token: "ya29-very-secret".into(), ..OauthToken::default() };
    let details = AuthorizationDetails { details: Some(Details::OauthToken(token)) };
    let printed = format!("{details:?}");
    assert!(printed.contains("OauthToken"), "{printed}");
    assert!(!printed.contains("secret"), "{printed}");
}
