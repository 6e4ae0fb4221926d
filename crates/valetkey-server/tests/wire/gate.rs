//! The order of the gate, and the form of its refusals.

use prost::Message as _;
use tonic::Code;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};
use valetkey_proto::google::rpc;
use valetkey_proto::scalekit::v1::organizations::get_organization_request::Identities;
use valetkey_proto::scalekit::v1::organizations::{
    CreateOrganization, CreateOrganizationRequest, CreateOrganizationResponse, GetOrganizationRequest,
    GetOrganizationResponse, ListOrganizationsRequest,
};
use valetkey_server::error::wire::error_info;
use valetkey_server::rpc_gate::MAX_REQUEST;

use crate::harness::{GUEST, OWNER, Wire, frame};

const CREATE: &str = "/scalekit.v1.organizations.OrganizationService/CreateOrganization";
const GET: &str = "/scalekit.v1.organizations.OrganizationService/GetOrganization";
const LIST: &str = "/scalekit.v1.organizations.OrganizationService/ListOrganization";

fn by_id(id: &str) -> GetOrganizationRequest {
    GetOrganizationRequest { identities: Some(Identities::Id(id.to_owned())) }
}

fn valid() -> Vec<u8> {
    let organization = CreateOrganization { display_name: "Acme".into(), ..CreateOrganization::default() };
    frame(&CreateOrganizationRequest { organization: Some(organization) })
}

#[tokio::test]
async fn a_caller_without_a_token_learns_nothing_else() {
    let wire = Wire::new();
    for path in [CREATE, "/scalekit.v1.organizations.OrganizationService/Nothing", "/no.Service/Rpc"] {
        for body in [valid(), Vec::new(), vec![0xFF; 64]] {
            let refused = wire.grpc_raw(path, &[], body.clone()).await.unwrap_err();
            assert_eq!(refused.code(), Code::Unauthenticated, "{path}");
            let refused = wire.grpc_raw(path, &["Bearer stale"], body).await.unwrap_err();
            assert_eq!(refused.code(), Code::Unauthenticated, "{path}");
        }
    }
    assert_eq!(wire.recorder.count(), 0);
}

#[tokio::test]
async fn only_the_first_authorization_entry_counts() {
    let wire = Wire::new();
    wire.grpc_raw(CREATE, &[OWNER, "Bearer stale"], valid()).await.unwrap();
    let refused = wire.grpc_raw(CREATE, &["Bearer stale", OWNER], valid()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn only_the_bearer_scheme_is_a_token() {
    let wire = Wire::new();
    for token in ["owner", "Basic owner", "Bearer", "Bearer "] {
        assert_eq!(wire.grpc_raw(CREATE, &[token], valid()).await.unwrap_err().code(), Code::Unauthenticated);
    }
    wire.grpc_raw(CREATE, &["bearer owner"], valid()).await.unwrap();
}

#[tokio::test]
async fn a_missing_permission_is_told_before_a_broken_rule() {
    let wire = Wire::new();
    let refused =
        wire.grpc_raw(CREATE, &[GUEST], frame(&CreateOrganizationRequest::default())).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let resource = error_info(&refused).unwrap().resource_info.unwrap();
    assert_eq!(resource.required_permissions, ["organizations:write"]);
}

#[tokio::test]
async fn an_unknown_rpc_is_unimplemented_for_whoever_is_authenticated() {
    let wire = Wire::new();
    for path in ["/scalekit.v1.organizations.OrganizationService/Nothing", "/no.Service/Rpc", "/"] {
        assert_eq!(wire.grpc_raw(path, &[GUEST], Vec::new()).await.unwrap_err().code(), Code::Unimplemented);
    }
}

#[tokio::test]
async fn an_rpc_or_service_that_is_not_built_is_unimplemented_with_details() {
    let wire = Wire::new();
    let tools = "/scalekit.v1.tools.ToolService/ListTools";
    for path in [LIST, tools] {
        let refused =
            wire.grpc_raw(path, &[OWNER], frame(&ListOrganizationsRequest::default())).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unimplemented);
        assert!(refused.message().contains("is not available on this server"), "{}", refused.message());
        assert_eq!(error_info(&refused).unwrap().error_code, "NOT_IMPLEMENTED");
    }
}

#[tokio::test]
async fn health_needs_no_token() {
    let wire = Wire::new();
    let request = tonic_health::pb::HealthCheckRequest { service: String::new() };
    wire.grpc_raw("/grpc.health.v1.Health/Check", &[], frame(&request)).await.unwrap();
}

#[tokio::test]
async fn reflection_needs_no_token() {
    let wire = Wire::new();
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::FileContainingSymbol("scalekit.v1.tools.ToolService".into())),
    };
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let answer = wire.grpc_raw(path, &[], frame(&request)).await.unwrap();
    let answer = ServerReflectionResponse::decode(&answer[5..]).unwrap();
    assert!(matches!(answer.message_response, Some(MessageResponse::FileDescriptorResponse(_))));
}

#[tokio::test]
async fn details_repeat_code_and_message_and_name_the_request() {
    let wire = Wire::new();
    let request = by_id("org_ünknown");
    let refused = wire.grpc::<GetOrganizationResponse>(GET, &request).await.unwrap_err();
    let details = rpc::Status::decode(refused.details()).unwrap();
    assert_eq!(details.code, i32::from(refused.code()));
    assert_eq!(details.message, refused.message());
    assert_eq!(details.message, "organization \"org_ünknown\" not found");
    assert_eq!(details.details.len(), 1);
    let info = error_info(&refused).unwrap();
    assert_eq!(info.error_code, "RESOURCE_NOT_FOUND");
    let header = refused.metadata().get("x-request-id").unwrap().to_str().unwrap().to_owned();
    assert_eq!(info.request_info.unwrap().request_id, header);
    assert!(header.starts_with("req_"));
}

#[tokio::test]
async fn a_request_above_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let wire = Wire::new();
    let overhead = frame(&by_id(&"x".repeat(4_000_000))).len() - 4_000_000;
    for (length, code) in
        [(MAX_REQUEST + 5 - overhead, Code::InvalidArgument), (MAX_REQUEST, Code::OutOfRange)]
    {
        let request = by_id(&"x".repeat(length));
        let refused = wire.grpc::<GetOrganizationResponse>(GET, &request).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
}

#[tokio::test]
async fn a_body_that_is_not_one_plain_message_is_refused() {
    let wire = Wire::new();
    let mut compressed = valid();
    compressed[0] = 1;
    let mut short = valid();
    short.pop();
    let garbage = vec![0, 0, 0, 0, 2, 0xFF, 0xFF];
    for (body, code) in [
        (compressed, Code::Unimplemented),
        (short, Code::InvalidArgument),
        (garbage, Code::InvalidArgument),
        (Vec::new(), Code::InvalidArgument),
    ] {
        assert_eq!(wire.grpc_raw(CREATE, &[OWNER], body).await.unwrap_err().code(), code);
    }
    assert_eq!(wire.recorder.count(), 0);
}

#[tokio::test]
async fn a_permitted_and_valid_call_is_answered() {
    let wire = Wire::new();
    let organization = CreateOrganization { display_name: "Acme".into(), ..CreateOrganization::default() };
    let request = CreateOrganizationRequest { organization: Some(organization) };
    let answer: CreateOrganizationResponse = wire.grpc(CREATE, &request).await.unwrap();
    assert_eq!(answer.organization.unwrap().display_name, "Acme");
}
