//! Health and usage of an account, step by step.

use http::Method;
use serde_json::{Value, json};
use valetkey_core::{Clock, Day};
use valetkey_testkit::{
    app::{Outcome, TestApp, TestAppOptions},
    provider::Misbehaviour,
};

use super::{get, read, renew};
use crate::{fresh::world::World, tools};

async fn id(app: &TestApp, user: &str) -> Outcome<String> {
    Ok(app.account("test", user).await?["id"].as_str().ok_or("no account")?.to_owned())
}

async fn health(world: &World, user: &str) -> Outcome<Value> {
    read(&world.app, &format!("accounts/{}/health", id(&world.app, user).await?)).await
}

/// State of the token, and when a person is needed.
fn outlook(health: &Value) -> (&str, &str) {
    let text = |pointer| health.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    (text("/token/state"), text("/forecast/person_needed"))
}

#[tokio::test]
async fn s164_health_tells_what_the_token_is_good_for_and_when_a_person_is_needed() -> Outcome<()> {
    let world = World::new().await?;
    world.app.link("test", "alice").await?;
    let pending = health(&world, "alice").await?;
    assert_eq!(outlook(&pending), ("none", "now"));
    assert_eq!(pending["status"]["status"], "pending");
    assert!(pending["authentication"].get("success_rate").is_none_or(Value::is_null), "{pending:#}");
    world.connect("alice").await?;
    let connected = health(&world, "alice").await?;
    assert_eq!(outlook(&connected), ("valid", "none"));
    assert_eq!(connected["authentication"]["success_rate"], 1.0);
    let expires = world.status("alice").await?.expires_at.ok_or("no expiry")?;
    world.clock().advance(expires.seconds() - world.clock().now().seconds() - 200);
    assert_eq!(outlook(&health(&world, "alice").await?), ("expiring", "none"));
    world.clock().advance(300);
    assert_eq!(outlook(&health(&world, "alice").await?), ("expired", "none"));
    world.misbehave(Misbehaviour::TokenError { status: 503, error: "busy".into(), description: None });
    world.run().await?;
    let failing = health(&world, "alice").await?;
    assert_eq!(outlook(&failing), ("expired", "unknown"));
    assert_eq!(failing["authentication"]["success_rate"], 0.5);
    assert_eq!(failing["authentication"]["last_failure"], "transient");
    world.provider.behave();
    renew(&world).await?;
    assert_eq!(outlook(&health(&world, "alice").await?), ("valid", "none"));
    let path = format!("/v1/connect/accounts/{}:suspend", id(&world.app, "alice").await?);
    world.app.call(Method::POST, &path, Some(json!({}))).await?;
    let suspended = health(&world, "alice").await?;
    assert_eq!(outlook(&suspended), ("valid", "now"));
    assert!(suspended["forecast"]["explanation"].as_str().unwrap().contains("operator"), "{suspended:#}");
    Ok(())
}

#[tokio::test]
async fn a_person_is_needed_when_a_token_runs_out_that_nothing_renews() -> Outcome<()> {
    let world = World::defined("auth: {oauth2: {refresh: {way: none}}}").await?;
    world.connect("alice").await?;
    let health = health(&world, "alice").await?;
    assert_eq!(outlook(&health), ("valid", "at"));
    assert_eq!(health["forecast"]["at"], health["token"]["expires_at"]);
    Ok(())
}

#[tokio::test]
async fn a_person_is_needed_when_a_refresh_token_runs_out_that_no_refresh_renews() -> Outcome<()> {
    let lifetime = "auth: {oauth2: {refresh: {refresh_token_lifetime: {seconds: 864000}}}}";
    let world = World::defined(lifetime).await?;
    let begun = world.clock().now();
    world.connect("alice").await?;
    let first = health(&world, "alice").await?;
    assert_eq!(outlook(&first), ("valid", "at"));
    let at = begun.plus_seconds(864_000).to_string();
    assert_eq!(first["forecast"]["at"].as_str().map(|text| &text[..19]), Some(&at[..19]));
    assert_eq!(world.run_next().await?.refreshed, 1);
    assert_eq!(outlook(&health(&world, "alice").await?), ("valid", "none"), "each refresh brings a new one");
    Ok(())
}

#[tokio::test]
async fn s168_usage_stays_when_the_log_is_emptied() -> Outcome<()> {
    let settings: fn(&mut valetkey_app::Settings) = |settings| {
        settings.call_retention_days = 1;
        settings.access_token_lifetime = 31_536_000;
    };
    let world = World::with(TestAppOptions { settings: Some(settings), ..TestAppOptions::default() }).await?;
    world.connect("alice").await?;
    for status in [200, 404, 200] {
        tools::run(&world.app, "testprovider_answer_with", "alice", json!({ "status": status })).await?;
    }
    let account = id(&world.app, "alice").await?;
    let before = read(&world.app, &format!("accounts/{account}/usage")).await?;
    assert_eq!((&before["tool_executions"], &before["provider_errors"]), (&json!(3), &json!(1)));
    let tool = json!({ "tool_name": "testprovider_answer_with", "executions": 3, "errors": 1 });
    assert_eq!(before["most_used_tools"], json!([tool]));
    let today = Day::of(world.clock().now());
    assert_eq!(before["end_date"], today.to_string());
    assert_eq!(before["days"][0]["date"], today.to_string());
    world.clock().advance(3 * 86_400);
    world.app.app.sweep().await?;
    let logs = super::recount::calls(&world.app, &account).await?;
    assert_eq!(logs.len(), 0, "the calls are gone");
    let path = format!("accounts/{account}/usage?end_date={today}");
    assert_eq!(read(&world.app, &path).await?, before);
    Ok(())
}

#[tokio::test]
async fn a_range_that_is_none_and_an_account_of_somebody_else_are_refused() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let account = id(&world.app, "alice").await?;
    for range in [
        "start_date=2026-02-30",
        "start_date=2026-03-02&end_date=2026-03-01",
        "start_date=2020-01-01&end_date=2026-01-01",
    ] {
        let answer = get(&world.app, &format!("accounts/{account}/usage?{range}")).await?;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (400, &json!("INVALID_ARGUMENT")),
            "{range}"
        );
    }
    let (_, token) = world.app.another_environment("other").await?;
    for what in ["health", "usage"] {
        let path = format!("/v1/connect/accounts/{account}/{what}");
        let answer = world.app.call_as(Some(token.expose()), Method::GET, &path, None).await?;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("ACCOUNT_NOT_FOUND")));
    }
    let path = format!("/v1/connect/events?account_id={account}");
    let answer = world.app.call_as(Some(token.expose()), Method::GET, &path, None).await?;
    assert_eq!((answer.status.as_u16(), &answer.json()["events"]), (200, &json!([])));
    Ok(())
}
