//! Pushed authorization requests.

use serde_json::json;
use valetkey_core::scope::ScopeSet;
use valetkey_provider::{
    Fields,
    oauth::{AuthorizationError, AuthorizationInput},
};
use valetkey_testkit::provider::Misbehaviour;

use crate::support::{REDIRECT_URI, World};

#[tokio::test]
async fn t14_a_pushed_request_leaves_only_client_and_request_uri_in_the_address() {
    let world = World::new().await;
    let push = format!("{}/par", world.site.base_url);
    let oauth2 = world.oauth2(json!({ "authorization": { "pushed": { "url": push, "required": true } } }));
    let done = world.authorize(&oauth2).await;
    let names: Vec<_> = done.request.url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    let pushed = &world.site.provider.requests()[0];
    assert_eq!(pushed.path, "/par");
    assert!(pushed.parameter("code_challenge").is_some() && pushed.parameter("state").is_some());
    world.redeem(&oauth2, &done).await.unwrap();
}

#[tokio::test]
async fn t14_a_failed_push_ends_the_flow_and_never_falls_back() {
    for required in [true, false] {
        let world = World::new().await;
        world.site.provider.misbehave(Misbehaviour::PushedError { status: 500 });
        let push = format!("{}/par", world.site.base_url);
        let oauth2 =
            world.oauth2(json!({ "authorization": { "pushed": { "url": push, "required": required } } }));
        let input = AuthorizationInput {
            oauth2: &oauth2,
            client: world.client(),
            redirect_uri: REDIRECT_URI,
            scopes: &ScopeSet::default(),
            secondary_scopes: &ScopeSet::default(),
            parameters: &Fields::new(),
            fields: &world.fields,
            state: None,
        };
        let refused = world.provider.authorization_request(input).await;
        assert!(matches!(refused, Err(AuthorizationError::Pushed(_))), "required: {required}");
    }
}
