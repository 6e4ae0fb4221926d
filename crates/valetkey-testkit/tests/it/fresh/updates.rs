//! Changes of an account beside its tokens, before, during and after a refresh.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::refresh::RefreshRun;
use valetkey_core::settings::AccountSettings;
use valetkey_testkit::{
    app::Outcome,
    provider::{Misbehaviour, Moment, Rotation, Settings},
};

use super::world::{World, address};

async fn update(world: &World, user: &str, api_config: Value) -> Outcome<()> {
    let body =
        json!({ "connector": "test", "identifier": user, "connected_account": { "api_config": api_config } });
    let answer = world.app.call(Method::PUT, "/api/v1/connected_accounts", Some(body)).await?;
    if answer.status == 200 { Ok(()) } else { Err(answer.text.into()) }
}

async fn api_config(world: &World, user: &str) -> Outcome<Value> {
    Ok(world.app.account("test", user).await?["api_config"].take())
}

/// All that is stored about the tokens of all accounts, what is sealed included.
async fn token_columns(world: &World) -> Outcome<Vec<String>> {
    let mut found = vec![];
    for columns in [
        "sealed FROM credentials",
        "CAST(generation AS TEXT) || ' ' || CAST(expires_at AS TEXT) || ' ' || CAST(updated_at AS TEXT) FROM credentials",
        "granted_scopes || ' ' || requested_scopes || ' ' || CAST(token_expires_at AS TEXT) FROM accounts",
        "CAST(fencing AS TEXT) || ' ' || CAST(issued_at AS TEXT) || ' ' || CAST(due_at AS TEXT) FROM refreshes",
    ] {
        found.extend(world.texts(&format!("SELECT {columns}")).await?);
    }
    Ok(found)
}

#[tokio::test]
async fn t39_an_update_that_brings_no_credential_changes_no_column_of_a_token() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.run_next().await?;
    let before = token_columns(&world).await?;
    assert_eq!(before.len(), 4);
    world.clock().advance(60);
    update(&world, "alice", json!({ "domain": "acme.example", "custom_headers": { "x": "1" } })).await?;
    assert_eq!(token_columns(&world).await?, before);
    assert_eq!(api_config(&world, "alice").await?["domain"], "acme.example");
    Ok(())
}

/// Does `work` while a refresh is under way: the provider has issued, and its answer has not arrived.
async fn during_a_refresh(world: &World, work: impl AsyncFnOnce() -> Outcome<()>) -> Outcome<RefreshRun> {
    world.until_due().await?;
    let mut gate = world.provider.hold_token_requests(&[Moment::AfterIssuing]);
    let app = world.app.app.clone();
    let run = tokio::spawn(async move { app.refresh_due().await });
    let held = gate.next().await;
    work().await?;
    held.proceed();
    let run = run.await??;
    world.provider.set_token_hook(None);
    Ok(run)
}

#[tokio::test]
async fn t39_a_refresh_does_not_undo_an_update_nor_the_update_the_refresh() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let old = world.tokens("alice").await?;
    let run =
        during_a_refresh(&world, async || update(&world, "alice", json!({ "domain": "new.example" })).await);
    assert_eq!(run.await?.refreshed, 1);
    let new = world.tokens("alice").await?;
    assert!(new.0 != old.0 && new.1 != old.1 && world.provider.accepts_access_token(&new.0));
    assert_eq!(api_config(&world, "alice").await?["domain"], "new.example");
    assert_eq!(world.run_next().await?.refreshed, 1, "with the refresh token that came");
    assert_eq!(world.provider.counters().reuses_detected, 0);
    Ok(())
}

#[tokio::test]
async fn t39_settings_that_change_during_a_refresh_hold_for_the_token_that_it_brings() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let run = during_a_refresh(&world, async || {
        let settings = AccountSettings { auto_refresh: Some(false), ..AccountSettings::default() };
        world.app.app.set_account_settings(&world.app.operator(), &address("alice"), settings).await?;
        Ok(())
    });
    assert_eq!(run.await?.refreshed, 1);
    let status = world.status("alice").await?;
    assert_eq!((status.generation, status.auto_refresh), (2, false));
    let sent = world.refreshes_sent();
    world.run_next().await?;
    assert_eq!(world.refreshes_sent(), sent, "it is not refreshed by itself any more");
    Ok(())
}

#[tokio::test]
async fn t39_quirk_63_an_update_survives_a_refresh_that_writes_to_the_same_settings() -> Outcome<()> {
    let fields = "discovered_fields: [{name: rest_url, label: Address, required: false}]";
    let capture = "auth: {oauth2: {token: {answer: {capture: {rest_url: /rest_url}}}}}";
    let world = World::defined(&format!("{fields}\n{capture}")).await?;
    world.misbehave(Misbehaviour::RefreshChangesApiHost);
    world.connect("alice").await?;
    let first = api_config(&world, "alice").await?["rest_url"].take();
    let run = during_a_refresh(&world, async || update(&world, "alice", json!({ "own": 1 })).await);
    assert_eq!(run.await?.refreshed, 1);
    let config = api_config(&world, "alice").await?;
    assert_eq!(config["own"], json!(1));
    assert!(config["rest_url"].is_string() && config["rest_url"] != first, "{config} after {first}");
    Ok(())
}

#[tokio::test]
async fn t31_quirk_56_an_omitted_refresh_token_is_kept_and_used_again() -> Outcome<()> {
    for rotation in [Rotation::Strict, Rotation::None] {
        let world = World::new().await?;
        world.provider.configure(Settings { rotation, ..world.provider.settings() });
        world.connect("alice").await?;
        let first = world.tokens("alice").await?;
        world.misbehave(Misbehaviour::OmitsRefreshToken);
        for _ in 0..3 {
            let before = world.tokens("alice").await?;
            assert_eq!(world.run_next().await?.refreshed, 1);
            let after = world.tokens("alice").await?;
            assert!(after.0 != before.0 && after.1 == first.1 && !first.1.is_empty());
        }
        world.provider.behave();
        assert_eq!(world.run_next().await?.refreshed, 1);
        assert_eq!(world.provider.counters().reuses_detected, 0);
    }
    Ok(())
}
