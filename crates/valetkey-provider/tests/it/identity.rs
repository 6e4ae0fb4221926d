//! Who has authorized, and what else the account needs.

use serde_json::json;
use valetkey_core::credential::Credential;
use valetkey_provider::{CallError, Fields, oauth::IdentityValues};
use valetkey_testkit::provider::Misbehaviour;

use crate::support::World;

async fn connected(world: &World) -> Credential {
    Credential::Oauth2(world.connect(&world.oauth2(json!({}))).await.unwrap().credential)
}

#[tokio::test]
async fn the_provider_tells_who_has_authorized() {
    let world = World::new().await;
    let (oauth2, api) = (world.oauth2(json!({})), world.api());
    let credential = connected(&world).await;
    let found =
        world.provider.identity(&world.access(&api, &oauth2.place, &credential), &oauth2).await.unwrap();
    let expected =
        IdentityValues { account_id: Some("user-alice".into()), email: Some("alice@example.test".into()) };
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_failing_identity_request_is_an_error_of_its_own() {
    let world = World::new().await;
    let (oauth2, api) = (world.oauth2(json!({})), world.api());
    let credential = connected(&world).await;
    world.site.provider.misbehave(Misbehaviour::UserinfoError);
    let found = world.provider.identity(&world.access(&api, &oauth2.place, &credential), &oauth2).await;
    assert!(matches!(found, Err(CallError::Status { status: 500, .. })));
}

#[tokio::test]
async fn t73_the_token_does_not_go_to_an_identity_address_of_a_foreign_host() {
    let (world, other) = (World::new().await, World::new().await);
    let api = world.api();
    let credential = connected(&world).await;
    let foreign = world.oauth2(json!({ "identity": { "url": format!("{}/userinfo", other.site.base_url) } }));
    let refused = world.provider.identity(&world.access(&api, &foreign.place, &credential), &foreign).await;
    assert!(matches!(refused, Err(CallError::Destination(_))));
    assert_eq!(other.site.provider.requests(), []);
}

#[tokio::test]
async fn quirk_52_later_discovery_requests_use_fields_of_earlier_ones() {
    let world = World::new().await;
    let base = &world.site.base_url;
    let oauth2 = world.oauth2(json!({ "discovery": [
        { "url": format!("{base}/api/me"), "capture": { "subject": "/subject", "scope": "/scopes/0", "none": "/x" } },
        { "url": format!("{base}/api/echo?who={{{{subject}}}}"), "capture": { "query": "/query" } },
    ] }));
    let api = world.api();
    let credential = connected(&world).await;
    let found =
        world.provider.discover(&world.access(&api, &oauth2.place, &credential), &oauth2).await.unwrap();
    let expected = [("query", "who=alice"), ("scope", "read"), ("subject", "alice")];
    assert_eq!(
        found,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect::<Fields>()
    );
}
