//! Calls with a credential, and checks of static ones.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use valetkey_core::{connector::Placement, credential::Credential};
use valetkey_provider::{ApiCall, CallError, CheckResult, DestinationError};
use valetkey_testkit::provider::{TEST_API_KEY, TEST_BASIC};

use crate::support::World;

fn get(path: &str) -> ApiCall<'_> {
    ApiCall { method: Method::GET, path, headers: &[], body: Bytes::new(), limit: None, open_fields: None }
}

fn placements(value: Value) -> Vec<Placement> {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn a_call_carries_the_token_the_query_and_the_body() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let credential = Credential::Oauth2(world.connect(&oauth2).await.unwrap().credential);
    let api = world.api();
    let json_type = [(HeaderName::from_static("content-type"), HeaderValue::from_static("application/json"))];
    let call = ApiCall {
        method: Method::POST,
        path: "/echo?a=1",
        headers: &json_type,
        body: Bytes::from_static(b"{}"),
        limit: None,
        open_fields: None,
    };
    let answer = world.provider.call(&world.access(&api, &oauth2.place, &credential), call).await.unwrap();
    let echoed: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(echoed["subject"], "alice");
    assert_eq!(
        (&echoed["method"], &echoed["query"], &echoed["body"]),
        (&json!("POST"), &json!("a=1"), &json!("{}"))
    );
    assert_eq!(echoed["content_type"], "application/json");
}

#[tokio::test]
async fn a_caller_cannot_replace_the_credential_or_leave_the_base() {
    let world = World::new().await;
    let api = world.api();
    let credential = Credential::Static(r#"{"k":"v"}"#.into());
    let place = placements(json!([
        { "header": { "name": "X-Api-Key", "value": "{{k}}" } },
        { "query": { "name": "key", "value": "{{k}}" } },
    ]));
    let access = world.access(&api, &place, &credential);
    for name in ["authorization", "x-api-key", "host", "cookie", "transfer-encoding", "connection"] {
        let headers = [(HeaderName::from_static(name), HeaderValue::from_static("mine"))];
        let refused = world.provider.call(&access, ApiCall { headers: &headers, ..get("/me") }).await;
        assert!(matches!(refused, Err(CallError::HeaderNotAllowed(_))), "{name}");
    }
    let refused = world.provider.call(&access, get("/me?KEY=mine")).await;
    assert!(matches!(refused, Err(CallError::ParameterNotAllowed(_))));
    let refused = world.provider.call(&access, get("/%2e%2e/userinfo")).await;
    assert!(matches!(refused, Err(CallError::Destination(DestinationError::Path(_)))));
    assert_eq!(world.site.provider.requests(), []);
}

#[tokio::test]
async fn quirk_85_static_keys_are_checked_in_each_placement() {
    let world = World::new().await;
    let api = world.api();
    let (user, password) = TEST_BASIC;
    let header = json!([{ "header": { "name": "x-api-key", "value": "{{key}}" } }]);
    let bearer = json!([{ "header": { "name": "authorization", "value": "Bearer {{key}}" } }]);
    let basic = json!([{ "basic": { "username": "{{user}}", "password": "{{key}}" } }]);
    for (place, key) in [(header, TEST_API_KEY), (bearer, TEST_API_KEY), (basic, password)] {
        let place = placements(place);
        for (key, expected) in [(key, CheckResult::Good), ("wrong", CheckResult::Refused { status: 401 })] {
            let credential = Credential::Static(json!({ "user": user, "key": key }).to_string().into());
            let checked = world.provider.check(&world.access(&api, &place, &credential)).await;
            assert_eq!(checked, expected, "{place:?}");
        }
    }
}

#[tokio::test]
async fn a_check_tells_a_refusal_from_an_open_question() {
    let world = World::new().await;
    let place = placements(json!([{ "header": { "name": "x-api-key", "value": "{{key}}" } }]));
    let wrong = Credential::Static(r#"{"key":"test-key-bad"}"#.into());
    let mut api = world.api();
    let checked = world.provider.check(&world.access(&api, &place, &wrong)).await;
    assert_eq!(checked, CheckResult::Refused { status: 401 });
    api.base_url = valetkey_core::connector::Template::new("http://127.0.0.1:9");
    let checked = world.provider.check(&world.access(&api, &place, &wrong)).await;
    assert!(matches!(checked, CheckResult::Unclear { .. }));
    assert!(!format!("{checked:?}").contains("test-key-bad"));
}
