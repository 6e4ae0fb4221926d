//! The API, the user information endpoint and the revocation endpoint go wrong.

use serde_json::json;

use super::{
    super::Misbehaviour,
    world::{World, text},
};

#[tokio::test]
async fn quirk_83_the_api_refuses_a_token_that_works() {
    let world = World::misbehaving(Misbehaviour::ApiUnauthorized.times(1)).await;
    let grant = world.grant();
    let refused = world.get("/api/me", &grant.access_token).await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer error=\"invalid_token\""));
    assert_eq!(world.me(&grant.access_token).await, 200);
}

#[tokio::test]
async fn quirk_66_the_api_refuses_earlier_tokens_until_they_are_refreshed() {
    let world = World::new().await;
    let grant = world.grant();
    world.site.provider.misbehave(Misbehaviour::ApiUnauthorizedUntilRefreshed);
    assert_eq!(world.me(&grant.access_token).await, 401);
    assert_eq!(world.me(&grant.access_token).await, 401);
    let (_, answer) = world.refresh(&grant.refresh_token).await;
    assert_eq!(world.me(text(&answer["access_token"])).await, 200);
}

#[tokio::test]
async fn quirk_82_the_api_has_dialects_of_a_rate_limit() {
    let world = World::misbehaving(Misbehaviour::ApiForbiddenAsRateLimit { retry_after: 5 }.times(1)).await;
    let token = world.grant().access_token;
    let seen = world.get("/api/me", &token).await;
    assert_eq!((seen.status, seen.header("retry-after")), (403, "5"));
    world.site.provider.misbehave(Misbehaviour::ApiErrorIn200.times(1));
    let seen = world.get("/api/me", &token).await;
    assert_eq!((seen.status, seen.json()), (200, json!({ "ok": false, "error": "ratelimited" })));
    assert_eq!(world.me(&token).await, 200);
}

#[tokio::test]
async fn who_the_user_is_cannot_be_said() {
    let world = World::misbehaving(Misbehaviour::UserinfoError.times(1)).await;
    let token = world.grant().access_token;
    assert_eq!(world.get("/userinfo", &token).await.status, 500);
    assert_eq!(world.get("/userinfo", &token).await.json()["sub"], "user-alice");
}

#[tokio::test]
async fn a_revocation_is_put_off_or_refused_and_the_grant_lives() {
    let world = World::new().await;
    let grant = world.grant();
    let provider = &world.site.provider;
    provider.misbehave(Misbehaviour::RevocationUnavailable { retry_after: 120 }.times(1));
    let revocation = || world.form("/revoke", &[("token", &grant.refresh_token)]);
    let seen = world.try_send(revocation()).await.unwrap();
    assert_eq!((seen.status, seen.header("retry-after")), (503, "120"));
    provider.misbehave(Misbehaviour::RevocationUnsupported.times(1));
    assert_eq!(world.send(revocation()).await, (400, json!({ "error": "unsupported_token_type" })));
    assert!(provider.is_grant_alive(&grant.grant));
    assert_eq!(world.send(revocation()).await.0, 200);
    assert_eq!((provider.is_grant_alive(&grant.grant), provider.counters().revocations), (false, 1));
}
