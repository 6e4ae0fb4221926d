//! Limits of providers and of accounts.

use axum::body::Body;
use http::Method;
use valetkey_core::settings::AccountSettings;
use valetkey_testkit::{app::Outcome, provider::ScriptedAnswer};

use super::{code, get, set, to, with_alice};
use crate::fresh::world::World;

fn retries(retry_attempts: u32) -> AccountSettings {
    AccountSettings { retry_attempts: Some(retry_attempts), ..AccountSettings::default() }
}

fn busy(status: u16) -> ScriptedAnswer {
    ScriptedAnswer::new(status).header("retry-after", "0")
}

#[tokio::test]
async fn s130_what_may_be_repeated_is_repeated_as_often_as_the_account_says() -> Outcome<()> {
    let world = with_alice().await?;
    for (allowed, method, answers, expected, sent) in [
        (0, Method::GET, vec![429], 429, 1),
        (2, Method::GET, vec![429, 503], 200, 3),
        (2, Method::PUT, vec![503, 503, 503], 503, 3),
        (2, Method::DELETE, vec![429], 200, 2),
        (2, Method::POST, vec![429], 429, 1),
        (2, Method::PATCH, vec![503], 503, 1),
        (2, Method::GET, vec![500], 500, 1),
    ] {
        set(&world, retries(allowed)).await?;
        let before = world.provider.scripted_requests();
        world.provider.script(answers.into_iter().map(busy));
        let request = to(&world.app, method.clone(), "/api/scripted").body(Body::from("again"))?;
        assert_eq!(world.app.send(request).await?.status.as_u16(), expected, "{method}");
        assert_eq!(world.provider.scripted_requests() - before, sent, "{method}");
    }
    Ok(())
}

#[tokio::test]
async fn a_streamed_body_is_not_repeated() -> Outcome<()> {
    let world = with_alice().await?;
    set(&world, retries(2)).await?;
    world.provider.script([busy(503)]);
    let request = to(&world.app, Method::PUT, "/api/scripted").body(Body::from(vec![0; 100_000]))?;
    assert_eq!(world.app.send(request).await?.status, 503);
    assert_eq!(world.provider.scripted_requests(), 1);
    Ok(())
}

#[tokio::test]
async fn a_wait_that_is_longer_than_the_caller_has_is_passed_on() -> Outcome<()> {
    let world = with_alice().await?;
    set(&world, AccountSettings { timeout: Some(5), ..retries(2) }).await?;
    world.provider.script([ScriptedAnswer::new(429).header("retry-after", "6")]);
    let answer = get(&world.app, "/api/scripted").await?;
    assert_eq!((answer.status.as_u16(), super::header(&answer, "retry-after")), (429, Some("6")));
    assert_eq!(world.provider.scripted_requests(), 1);
    Ok(())
}

#[tokio::test]
async fn quirk_82_a_limit_in_the_dialect_of_the_provider_is_understood() -> Outcome<()> {
    let dialect = "api: {rate_limit: {\
        signs: [{status: 403, header: x-remaining, equals: \"0\"}, {status: 400, text: quotaExceeded}],\
        resets: [{header: x-reset, unit: epoch_seconds}]}}";
    let world = World::defined(dialect).await?;
    world.connect("alice").await?;
    set(&world, retries(1)).await?;
    let past = "1000000000";
    let text = r#"{"error": {"reason": "quotaExceeded"}}"#;
    for answer in [
        ScriptedAnswer::new(403).header("x-remaining", "0").header("x-reset", past),
        ScriptedAnswer::new(400).header("x-reset", past).body(text),
    ] {
        let before = world.provider.scripted_requests();
        world.provider.script([answer]);
        assert_eq!(get(&world.app, "/api/scripted").await?.status, 200);
        assert_eq!(world.provider.scripted_requests() - before, 2);
    }
    set(&world, retries(0)).await?;
    world.provider.script([ScriptedAnswer::new(400).body(text), ScriptedAnswer::new(403)]);
    assert_eq!(get(&world.app, "/api/scripted").await?.text, text, "what was looked at is passed on");
    assert_eq!(get(&world.app, "/api/scripted").await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn s128_an_account_has_its_calls_a_minute() -> Outcome<()> {
    let world = with_alice().await?;
    set(&world, AccountSettings { rate_limit: Some(2), ..AccountSettings::default() }).await?;
    for _ in 0..2 {
        assert_eq!(get(&world.app, "/api/scripted").await?.status, 200);
    }
    assert_eq!(code(&get(&world.app, "/api/scripted").await?), (429, "RATE_LIMITED".into()));
    assert_eq!(world.provider.scripted_requests(), 2);
    world.clock().advance(60);
    assert_eq!(get(&world.app, "/api/scripted").await?.status, 200);
    Ok(())
}
