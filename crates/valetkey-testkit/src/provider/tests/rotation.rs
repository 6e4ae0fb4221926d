//! What happens to a refresh token when it is used.

use serde_json::json;

use super::{
    super::{Misbehaviour, RefreshTokenState, Rotation, Settings},
    world::{World, text},
};

fn refused() -> (u16, serde_json::Value) {
    (400, json!({ "error": "invalid_grant" }))
}

async fn rotating(rotation: Rotation) -> World {
    let world = World::new().await;
    world.site.provider.configure(Settings { rotation, ..Settings::default() });
    world
}

#[tokio::test]
async fn quirk_57_a_refresh_rotates_and_the_reuse_of_a_spent_token_revokes_the_family() {
    let world = World::new().await;
    let (_, first) = world.exchange(&world.code().await).await;
    let (status, second) = world.refresh(text(&first["refresh_token"])).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(world.me(text(&second["access_token"])).await, 200);
    assert_eq!(world.refresh(text(&first["refresh_token"])).await, refused());
    assert_eq!(world.me(text(&second["access_token"])).await, 401);
    assert_eq!(world.refresh(text(&second["refresh_token"])).await, refused());
    let counters = world.site.provider.counters();
    assert_eq!((counters.refreshes_granted, counters.reuses_detected, counters.families_revoked), (1, 1, 1));
    assert_eq!(counters.token_requests["refresh_token"], 3);
}

#[tokio::test]
async fn quirk_57_any_earlier_token_of_the_family_counts_as_reuse() {
    let world = World::new().await;
    let grant = world.grant();
    let mut newest = grant.refresh_token.clone();
    for _ in 0..5 {
        newest = text(&world.refresh(&newest).await.1["refresh_token"]).to_owned();
    }
    let provider = &world.site.provider;
    assert_eq!(provider.refresh_token_state(&grant.refresh_token), RefreshTokenState::Spent);
    assert_eq!(provider.refresh_token_state(&newest), RefreshTokenState::Newest);
    assert!(provider.is_grant_alive(&grant.grant));
    assert_eq!(world.refresh(&grant.refresh_token).await, refused());
    assert_eq!(provider.refresh_token_state(&newest), RefreshTokenState::Revoked);
    assert!(!provider.is_grant_alive(&grant.grant));
    assert_eq!(provider.grant(&grant.grant).unwrap().reuses, 1);
}

#[tokio::test]
async fn quirk_57_within_its_grace_the_last_spent_token_leads_to_the_newest_one() {
    let world = rotating(Rotation::Grace { seconds: 30 }).await;
    let first = world.grant().refresh_token;
    let (_, second) = world.refresh(&first).await;
    world.clock.advance(29);
    let (status, again) = world.refresh(&first).await;
    assert_eq!((status, &again["refresh_token"]), (200, &second["refresh_token"]));
    assert_ne!(again["access_token"], second["access_token"]);
    world.clock.advance(1);
    assert_eq!(world.refresh(&first).await, refused());
    assert_eq!(world.refresh(text(&second["refresh_token"])).await, refused());
    let counters = world.site.provider.counters();
    assert_eq!((counters.reuses_in_grace, counters.reuses_detected), (1, 1));
}

#[tokio::test]
async fn quirk_57_the_grace_covers_the_last_spent_token_only() {
    let world = rotating(Rotation::Grace { seconds: 30 }).await;
    let first = world.grant().refresh_token;
    let (_, second) = world.refresh(&first).await;
    world.refresh(text(&second["refresh_token"])).await;
    assert_eq!(world.refresh(&first).await, refused());
}

#[tokio::test]
async fn a_provider_that_does_not_rotate_repeats_the_refresh_token() {
    let world = rotating(Rotation::None).await;
    let first = world.grant().refresh_token;
    for _ in 0..3 {
        let (status, answer) = world.refresh(&first).await;
        assert_eq!((status, text(&answer["refresh_token"])), (200, first.as_str()));
    }
    assert_eq!(world.site.provider.counters().refreshes_granted, 3);
}

#[tokio::test]
async fn quirk_57_an_answer_that_is_lost_has_spent_the_token() {
    let world = World::new().await;
    let grant = world.grant();
    world.site.provider.misbehave(Misbehaviour::DropsAnswer.times(1));
    assert!(world.try_refresh(&grant.refresh_token).await.is_none());
    let provider = &world.site.provider;
    assert_eq!(provider.refresh_token_state(&grant.refresh_token), RefreshTokenState::Spent);
    assert_eq!(provider.grant(&grant.grant).unwrap().refreshes, 1);
    assert_eq!(world.refresh(&grant.refresh_token).await, refused());
}

#[tokio::test]
async fn a_request_that_is_dropped_has_spent_nothing() {
    let world = World::new().await;
    let grant = world.grant();
    world.site.provider.misbehave(Misbehaviour::DropsRequest.times(1));
    assert!(world.try_refresh(&grant.refresh_token).await.is_none());
    assert_eq!(world.refresh(&grant.refresh_token).await.0, 200);
}

#[tokio::test]
async fn a_refresh_may_ask_for_fewer_scopes_and_not_for_more() {
    let world = World::new().await;
    let grant = world.grant();
    let ask = async |scope: &str| {
        let parameters =
            [("grant_type", "refresh_token"), ("refresh_token", &grant.refresh_token), ("scope", scope)];
        world.post("/token", &parameters).await
    };
    assert_eq!(ask("read admin").await, (400, json!({ "error": "invalid_scope" })));
    assert_eq!(ask("read").await.1["scope"], "read");
}
