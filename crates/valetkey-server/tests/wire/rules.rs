//! Field rules: which requests break them, and how that is told.

use std::collections::HashMap;

use prost::Message;
use tonic::Code;
use valetkey_proto::scalekit::v1::connected_accounts::{
    GetConnectedAccountByIdentifierRequest, ListConnectedAccountsRequest,
};
use valetkey_proto::scalekit::v1::connections::{
    CreateConnection, CreateEnvironmentConnectionRequest, GetEnvironmentConnectionRequest,
};
use valetkey_proto::scalekit::v1::mcp::CreateMcpSessionTokenRequest;
use valetkey_proto::scalekit::v1::organizations::{CreateOrganization, CreateOrganizationRequest};
use valetkey_server::error::wire::error_info;

use crate::harness::{OWNER, Wire, frame};

const LIST: &str = "/scalekit.v1.connected_accounts.ConnectedAccountService/ListConnectedAccounts";
const DETAILS: &str = "/scalekit.v1.connected_accounts.ConnectedAccountService/GetConnectedAccountDetails";
const CREATE_ORG: &str = "/scalekit.v1.organizations.OrganizationService/CreateOrganization";
const CREATE_CONNECTION: &str = "/scalekit.v1.connections.ConnectionService/CreateEnvironmentConnection";
const GET_CONNECTION: &str = "/scalekit.v1.connections.ConnectionService/GetEnvironmentConnection";
const TOKEN: &str = "/scalekit.v1.mcp.McpService/CreateMcpSessionToken";

/// The broken rules of a request as `field constraint`.
async fn broken(path: &str, request: &impl Message) -> Vec<String> {
    let refused = Wire::new().grpc_raw(path, &[OWNER], frame(request)).await.unwrap_err();
    if refused.code() != Code::InvalidArgument {
        return Vec::new();
    }
    let violations = error_info(&refused).unwrap().validation_error_info.unwrap().field_violations;
    violations.into_iter().map(|found| format!("{} {}", found.field, found.constraint)).collect()
}

fn list() -> ListConnectedAccountsRequest {
    ListConnectedAccountsRequest::default()
}

#[tokio::test]
async fn every_broken_rule_is_told_with_its_path() {
    let request = ListConnectedAccountsRequest {
        user_id: Some("u".repeat(33)),
        page_size: 100,
        connection_names: vec!["gmail".into(), String::new(), "a/b".into()],
        ..list()
    };
    let expected = [
        "user_id string.max_len",
        "page_size uint32.lt",
        "connection_names[1] string.min_len",
        "connection_names[2] string.pattern",
    ];
    assert_eq!(broken(LIST, &request).await, expected);
}

#[tokio::test]
async fn lengths_count_characters_not_bytes() {
    let fits = ListConnectedAccountsRequest { identifier: Some("é".repeat(100)), ..list() };
    assert!(Wire::new().grpc_raw(LIST, &[OWNER], frame(&fits)).await.is_ok());
    let long = ListConnectedAccountsRequest { identifier: Some("é".repeat(101)), ..list() };
    assert_eq!(broken(LIST, &long).await, ["identifier string.max_len"]);
}

#[tokio::test]
async fn too_many_items_and_fields_that_exclude_each_other_are_refused() {
    let many = ListConnectedAccountsRequest { connection_names: vec!["gmail".into(); 21], ..list() };
    assert_eq!(broken(LIST, &many).await, ["connection_names repeated.max_items"]);
    let both = ListConnectedAccountsRequest {
        connector: Some("gmail".into()),
        connection_names: vec!["slack".into()],
        ..list()
    };
    assert_eq!(broken(LIST, &both).await, ["connection_names message.oneof"]);
}

#[tokio::test]
async fn an_optional_field_is_checked_only_when_it_is_set() {
    let unset = GetConnectedAccountByIdentifierRequest::default();
    assert!(Wire::new().grpc_raw(DETAILS, &[OWNER], frame(&unset)).await.is_ok());
    let empty = GetConnectedAccountByIdentifierRequest { id: Some(String::new()), ..unset };
    assert_eq!(broken(DETAILS, &empty).await, ["id string.prefix"]);
}

#[tokio::test]
async fn a_field_without_presence_is_checked_even_when_it_is_empty() {
    assert_eq!(
        broken(GET_CONNECTION, &GetEnvironmentConnectionRequest::default()).await,
        ["connection_id string.min_len"]
    );
}

#[tokio::test]
async fn a_required_message_and_the_fields_inside_it_are_checked() {
    assert_eq!(broken(CREATE_ORG, &CreateOrganizationRequest::default()).await, ["organization required"]);
    let metadata = HashMap::from([("ok_key".to_owned(), String::new()), ("ab".to_owned(), "v".to_owned())]);
    let organization = CreateOrganization { metadata, ..CreateOrganization::default() };
    let expected = [
        "organization.display_name string.min_len",
        "organization.metadata[\"ab\"] string.min_len",
        "organization.metadata[\"ok_key\"] string.min_len",
    ];
    assert_eq!(
        broken(CREATE_ORG, &CreateOrganizationRequest { organization: Some(organization) }).await,
        expected
    );
}

#[tokio::test]
async fn an_undeclared_enum_number_is_refused() {
    let connection = CreateConnection { r#type: 99, ..CreateConnection::default() };
    let request = CreateEnvironmentConnectionRequest { connection: Some(connection), flags: None };
    assert_eq!(broken(CREATE_CONNECTION, &request).await, ["connection.type enum.defined_only"]);
}

#[tokio::test]
async fn exactly_one_of_a_required_group_must_be_set() {
    let none =
        CreateMcpSessionTokenRequest { identifier: "u".into(), ..CreateMcpSessionTokenRequest::default() };
    assert_eq!(broken(TOKEN, &none).await, ["mcp_config_id message.oneof"]);
    let both =
        CreateMcpSessionTokenRequest { mcp_config_id: "cfg_1".into(), key_id: "k".into(), ..none.clone() };
    assert_eq!(broken(TOKEN, &both).await, ["key_id message.oneof"]);
    let one = CreateMcpSessionTokenRequest { key_id: "k".into(), access_level: "WRITE".into(), ..none };
    assert_eq!(broken(TOKEN, &one).await, ["access_level string.in"]);
}
