//! A provider that refuses the credential.

use axum::body::Body;
use http::Method;
use valetkey_testkit::{
    app::Outcome,
    provider::{Misbehaviour, ScriptedAnswer},
};

use super::{code, get, header, to, with_alice};
use crate::fresh::world::World;

/// How often the API was called.
fn calls(world: &World) -> usize {
    world.provider.requests().iter().filter(|request| request.path.starts_with("/api/")).count()
}

#[tokio::test]
async fn t37_a_401_leads_to_one_refresh_and_one_replay_with_the_same_body() -> Outcome<()> {
    let world = with_alice().await?;
    let old = world.tokens("alice").await?.0;
    world.misbehave(Misbehaviour::ApiUnauthorizedUntilRefreshed);
    let before = calls(&world);
    let request = to(&world.app, Method::POST, "/api/echo?x=1").header("content-type", "text/plain");
    let answer = world.app.send(request.body(Body::from("the same"))?).await?;
    assert_eq!((answer.status.as_u16(), &answer.json()["body"]), (200, &"the same".into()));
    assert_eq!((calls(&world) - before, world.refreshes_sent()), (2, 1));
    assert_ne!(world.tokens("alice").await?.0, old);
    Ok(())
}

#[tokio::test]
async fn t37_the_second_401_stands_and_is_marked_as_the_providers() -> Outcome<()> {
    let world = with_alice().await?;
    world.misbehave(Misbehaviour::ApiUnauthorized);
    let before = calls(&world);
    let answer = get(&world.app, "/api/me").await?;
    assert_eq!(answer.status, 401);
    assert_eq!(header(&answer, "x-valetkey-error-source"), Some("provider"));
    assert_eq!(answer.json()["error"], "invalid_token", "the body is the provider's");
    assert_eq!((calls(&world) - before, world.refreshes_sent()), (2, 1));
    Ok(())
}

#[tokio::test]
async fn t37_a_body_that_was_streamed_is_not_sent_again_but_the_next_call_works() -> Outcome<()> {
    let world = with_alice().await?;
    world.misbehave(Misbehaviour::ApiUnauthorizedUntilRefreshed);
    let before = calls(&world);
    let large = vec![b'a'; 100_000];
    let request = to(&world.app, Method::POST, "/api/echo").body(Body::from(large.clone()))?;
    assert_eq!(world.app.send(request).await?.status, 401);
    assert_eq!((calls(&world) - before, world.refreshes_sent()), (1, 1));
    let request = to(&world.app, Method::POST, "/api/echo").body(Body::from(large))?;
    assert_eq!(world.app.send(request).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn t37_a_key_that_nothing_renews_is_refused_once() -> Outcome<()> {
    let place = "{api_key: {fields: FIELDS, place: [{header: {name: x-key, value: \"{{secret}}\"}}]}}";
    let app = super::with_static(place, serde_json::json!({ "secret": "sk-live-0123456789" })).await?;
    app.provider.provider.script([ScriptedAnswer::new(401)]);
    assert_eq!(get(&app, "/scripted").await?.status, 401);
    assert_eq!(app.provider.provider.scripted_requests(), 1);
    Ok(())
}

#[tokio::test]
async fn quirk_83_a_401_that_means_too_often_does_not_renew_the_token() -> Outcome<()> {
    let sign = "api: {rate_limit: {signs: [{status: 401, header: x-remaining, equals: \"0\"}]}}";
    let world = World::defined(sign).await?;
    world.connect("alice").await?;
    world.provider.script([ScriptedAnswer::new(401).header("x-remaining", "0")]);
    assert_eq!(get(&world.app, "/api/scripted").await?.status, 401);
    assert_eq!((world.provider.scripted_requests(), world.refreshes_sent()), (1, 0));
    Ok(())
}

#[tokio::test]
async fn quirk_83_a_401_whose_refresh_is_refused_is_passed_on_and_the_account_needs_its_user() -> Outcome<()>
{
    let world = with_alice().await?;
    world.misbehave(Misbehaviour::ApiUnauthorized);
    world.refuse("invalid_grant");
    let answer = get(&world.app, "/api/me").await?;
    assert_eq!((answer.status.as_u16(), header(&answer, "x-valetkey-error-source")), (401, Some("provider")));
    let next = get(&world.app, "/api/me").await?;
    assert_eq!(code(&next), (400, "ACCOUNT_NOT_ACTIVE".into()));
    assert!(next.text.contains("authorize again"), "{}", next.text);
    Ok(())
}
