//! Paths, queries and bodies become the fields they name.

use http::Method;
use serde_json::json;
use valetkey_proto::scalekit::v1::connected_accounts::{
    DisconnectConnectedAccountRequest, ListConnectedAccountsRequest,
};
use valetkey_proto::scalekit::v1::organizations::UpdateOrganizationRequest;
use valetkey_proto::scalekit::v1::organizations::update_organization_request::Identities;
use valetkey_proto::scalekit::v1::providers::list_providers_request::Filter;
use valetkey_proto::scalekit::v1::providers::{
    DeleteProviderRequest, ListProvidersRequest, ProviderType, UpdateProviderRequest,
};

use crate::harness::{Answer, Wire};

fn violations(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 400, "{}", answer.json);
    let found = answer.json["details"][0]["validation_error_info"]["field_violations"].as_array().unwrap();
    found
        .iter()
        .map(|v| format!("{} {}", v["field"].as_str().unwrap(), v["constraint"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_query_fills_scalars_lists_optionals_and_nested_fields() {
    let wire = Wire::new();
    let query =
        "page_size=20&connection_names=a&connection_names=b%20c&identifier=u%2B1&is_org_wide_credential=true";
    wire.rest(Method::GET, &format!("/api/v1/connected_accounts?{query}"), "").await;
    let expected = ListConnectedAccountsRequest {
        page_size: 20,
        connection_names: vec!["a".into(), "b c".into()],
        identifier: Some("u+1".into()),
        is_org_wide_credential: Some(true),
        ..ListConnectedAccountsRequest::default()
    };
    assert_eq!(wire.recorder.last::<ListConnectedAccountsRequest>(), expected);
    for query in ["filter.provider_type=CUSTOM&pageSize=5", "filter.providerType=1&page_size=5"] {
        wire.rest(Method::GET, &format!("/api/v1/providers?{query}"), "").await;
        let filter = Filter { provider_type: ProviderType::Custom.into() };
        let expected =
            ListProvidersRequest { page_size: 5, filter: Some(filter), ..ListProvidersRequest::default() };
        assert_eq!(wire.recorder.last::<ListProvidersRequest>(), expected);
    }
}

#[tokio::test]
async fn a_query_that_fits_no_field_is_refused_with_its_name() {
    let wire = Wire::new();
    for (query, expected) in [
        ("nothing=1", "nothing json.unknown_field"),
        ("filter.nothing=1", "filter.nothing json.unknown_field"),
        ("page_size.deep=1", "page_size.deep json.unknown_field"),
        ("page_size=many", "page_size json.type"),
        ("page_size=1&page_size=2", "page_size query.repeated"),
        ("filter.provider_type=NONE", "filter.provider_type json.type"),
    ] {
        let answer = wire.rest(Method::GET, &format!("/api/v1/providers?{query}"), "").await;
        assert_eq!(violations(&answer), [expected]);
    }
    assert_eq!(wire.recorder.count(), 0);
}

#[tokio::test]
async fn the_path_wins_over_the_body_and_may_hold_colons_and_escapes() {
    let wire = Wire::new();
    wire.rest(Method::POST, "/api/v1/connected_accounts/ca_1:disconnect", r#"{"id": "ca_2"}"#).await;
    assert_eq!(wire.recorder.last::<DisconnectConnectedAccountRequest>().id, "ca_1");
    wire.rest(Method::POST, "/api/v1/connected_accounts/this:disconnect", r#"{"id": "ca_2"}"#).await;
    assert_eq!(wire.recorder.last::<DisconnectConnectedAccountRequest>().id, "ca_2");
    wire.rest(Method::DELETE, "/api/v1/custom-providers/NAME:12345", "").await;
    assert_eq!(wire.recorder.last::<DeleteProviderRequest>().identifier, "NAME:12345");
    wire.rest(Method::DELETE, "/api/v1/custom-providers/a%2Fb", "").await;
    assert_eq!(wire.recorder.last::<DeleteProviderRequest>().identifier, "a/b");
}

#[tokio::test]
async fn a_body_field_leaves_the_other_fields_to_the_query() {
    let wire = Wire::new();
    let path = "/api/v1/organizations/org_1?update_mask=display_name,metadata";
    let answer = wire.rest(Method::PATCH, path, r#"{"display_name": "Acme"}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let received = wire.recorder.last::<UpdateOrganizationRequest>();
    assert_eq!(received.identities, Some(Identities::Id("org_1".into())));
    assert_eq!(received.update_mask.unwrap().paths, ["display_name", "metadata"]);
    assert_eq!(received.organization.unwrap().display_name.as_deref(), Some("Acme"));
}

#[tokio::test]
async fn two_fields_that_exclude_each_other_are_refused() {
    let wire = Wire::new();
    let answer = wire.rest(Method::DELETE, "/api/v1/organizations/org_1?external_id=acme", "").await;
    assert_eq!(violations(&answer), ["id json.oneof"]);
    assert_eq!(wire.recorder.count(), 0);
}

#[tokio::test]
async fn a_wrapper_tells_false_from_absent() {
    let wire = Wire::new();
    for (body, expected) in [
        (json!({"display_name": "A"}), None),
        (json!({"display_name": "A", "coming_soon": null}), None),
        (json!({"display_name": "A", "coming_soon": false}), Some(false)),
    ] {
        wire.rest(Method::PUT, "/api/v1/providers/GMAIL", &body.to_string()).await;
        let received = wire.recorder.last::<UpdateProviderRequest>();
        assert_eq!(received.identifier, "GMAIL");
        assert_eq!(received.provider.unwrap().coming_soon, expected);
    }
}

#[tokio::test]
async fn every_wrong_field_of_a_body_is_named_and_no_value_is_repeated() {
    let wire = Wire::new();
    let body = json!({
        "identifer": "hunter2",
        "identifier": 7,
        "connected_account": {
            "api_config": "hunter2",
            "authorization_details": { "oauth_token": { "access_token": ["hunter2"], "scopes": ["ok", 5] } },
        },
    });
    let answer = wire.rest(Method::POST, "/api/v1/connected_accounts", &body.to_string()).await;
    let token = "connected_account.authorization_details.oauth_token";
    let expected = [
        "identifer json.unknown_field".to_owned(),
        "identifier json.type".to_owned(),
        "connected_account.api_config json.type".to_owned(),
        format!("{token}.access_token json.type"),
        format!("{token}.scopes[1] json.type"),
    ];
    assert_eq!(violations(&answer), expected);
    assert!(!answer.json.to_string().contains("hunter2"));
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_without_being_repeated() {
    let wire = Wire::new();
    for body in ["{\"identifier\": \"hunter2", "[1]", "\"hunter2\"", "identifier=hunter2"] {
        let answer = wire.rest(Method::POST, "/api/v1/connected_accounts", body).await;
        assert_eq!((answer.status.as_u16(), answer.json["code"].as_i64()), (400, Some(3)));
        assert!(!answer.json.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found_and_a_wrong_method_says_which_fit() {
    let wire = Wire::new();
    let unknown = wire.rest(Method::GET, "/api/v1/nothing", "").await;
    assert_eq!((unknown.status.as_u16(), unknown.json["code"].as_i64()), (404, Some(5)));
    let wrong = wire.rest(Method::DELETE, "/api/v1/connected_accounts", "").await;
    assert_eq!(wrong.status, 405);
    let mut allowed: Vec<&str> = wrong.headers["allow"].to_str().unwrap().split(", ").collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "POST", "PUT"]);
    for path in ["/api/v1/organizations/", "/api/v1/organizations//x", "//api/v1/organizations"] {
        assert_eq!(wire.rest(Method::GET, path, "").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_refused_token_asks_for_a_bearer_token() {
    let wire = Wire::new();
    for token in [None, Some("Bearer stale")] {
        let answer = wire.rest_as(token, Method::GET, "/api/v1/connected_accounts?nothing=1", "").await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        assert_eq!(answer.json["details"][0]["error_code"], "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn an_error_is_a_status_whose_detail_names_the_request_of_the_header() {
    let wire = Wire::new();
    let answer = wire.rest(Method::GET, "/api/v1/organizations/org_1", "").await;
    let request_id = answer.headers["x-request-id"].to_str().unwrap();
    let expected = json!({
        "code": 5,
        "message": "organization \"org_1\" not found",
        "details": [{
            "@type": "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo",
            "error_code": "RESOURCE_NOT_FOUND",
            "request_info": { "request_id": request_id },
        }],
    });
    assert_eq!(answer.json, expected);
}
