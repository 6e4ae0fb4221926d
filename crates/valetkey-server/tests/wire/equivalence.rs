//! The same call over REST and over gRPC is the same call.

use http::Method;
use prost::Message;
use tonic::Status;
use valetkey_proto::scalekit::v1::connected_accounts as accounts;
use valetkey_proto::scalekit::v1::errdetails::ErrorInfo;
use valetkey_proto::scalekit::v1::organizations as orgs;
use valetkey_server::error::wire::{error_info, http_status};

use crate::harness::{Answer, Wire};

/// The error of a REST answer as gRPC would have carried it, without the request id.
fn rest_error(answer: &Answer) -> (i64, String, ErrorInfo) {
    let pool = valetkey_proto::descriptor_pool();
    let status = pool.get_message_by_name("google.rpc.Status").unwrap();
    let message = prost_reflect::DynamicMessage::deserialize(status, &answer.json).unwrap();
    let bytes = message.encode_to_vec();
    let code = answer.json["code"].as_i64().unwrap();
    let text = answer.json["message"].as_str().unwrap().to_owned();
    let carrier = Status::with_details(tonic::Code::Unknown, "", bytes.into());
    (code, text, anonymous(error_info(&carrier).unwrap()))
}

fn anonymous(mut info: ErrorInfo) -> ErrorInfo {
    assert!(info.request_info.take().is_some(), "an error names its request");
    info
}

#[tokio::test]
async fn violations_are_told_in_the_same_words() {
    let wire = Wire::new();
    let path = "/scalekit.v1.organizations.OrganizationService/CreateOrganization";
    let organization =
        orgs::CreateOrganization { slug: Some("Not A Slug".into()), ..orgs::CreateOrganization::default() };
    let request = orgs::CreateOrganizationRequest { organization: Some(organization) };
    let grpc = wire.grpc::<orgs::CreateOrganizationResponse>(path, &request).await.unwrap_err();
    let rest = wire.rest(Method::POST, "/api/v1/organizations", r#"{"slug": "Not A Slug"}"#).await;
    assert_eq!(rest.status, http_status(grpc.code()));
    let expected =
        (i64::from(i32::from(grpc.code())), grpc.message().to_owned(), anonymous(error_info(&grpc).unwrap()));
    assert_eq!(rest_error(&rest), expected);
    assert_eq!(expected.2.validation_error_info.unwrap().field_violations.len(), 2);
}

#[tokio::test]
async fn an_error_of_the_service_is_told_in_the_same_words() {
    let wire = Wire::new();
    let path = "/scalekit.v1.organizations.OrganizationService/GetOrganization";
    let request = orgs::GetOrganizationRequest {
        identities: Some(orgs::get_organization_request::Identities::Id("org_9".into())),
    };
    let grpc = wire.grpc::<orgs::GetOrganizationResponse>(path, &request).await.unwrap_err();
    let rest = wire.rest(Method::GET, "/api/v1/organizations/org_9", "").await;
    assert_eq!(rest.status, 404);
    assert_eq!(rest_error(&rest).1, grpc.message());
    assert_eq!(rest_error(&rest).2, anonymous(error_info(&grpc).unwrap()));
}

#[tokio::test]
async fn an_error_that_the_service_made_without_details_gets_them() {
    let wire = Wire::new();
    let rest = wire.rest(Method::GET, "/api/v1/organizations:external/acme", "").await;
    assert_eq!(rest.status, 500);
    assert_eq!(rest_error(&rest).2.error_code, "INTERNAL");
}

#[tokio::test]
async fn the_service_receives_the_same_message() {
    let wire = Wire::new();
    let details = accounts::authorization_details::Details::OauthToken(accounts::OauthToken {
        access_token: "at".into(),
        scopes: vec!["mail.read".into()],
        ..accounts::OauthToken::default()
    });
    let account = accounts::CreateConnectedAccount {
        authorization_details: Some(accounts::AuthorizationDetails { details: Some(details) }),
        ..accounts::CreateConnectedAccount::default()
    };
    let request = accounts::CreateConnectedAccountRequest {
        connector: Some("gmail".into()),
        identifier: Some("user_1".into()),
        connected_account: Some(account),
        ..accounts::CreateConnectedAccountRequest::default()
    };
    let path = "/scalekit.v1.connected_accounts.ConnectedAccountService/CreateConnectedAccount";
    wire.grpc::<accounts::CreateConnectedAccountResponse>(path, &request).await.unwrap();
    assert_eq!(wire.recorder.last::<accounts::CreateConnectedAccountRequest>(), request);

    let body = r#"{"connector": "gmail", "identifier": "user_1", "connected_account":
        {"authorization_details": {"oauth_token": {"access_token": "at", "scopes": ["mail.read"]}}}}"#;
    let answer = wire.rest(Method::POST, "/api/v1/connected_accounts", body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(wire.recorder.last::<accounts::CreateConnectedAccountRequest>(), request);
    assert_eq!(wire.recorder.count(), 2);
}
