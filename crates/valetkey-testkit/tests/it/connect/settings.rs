//! Settings of accounts.

use http::Method;
use serde_json::{Value, json};
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use super::steps::{begin, good, read, refused};
use crate::fresh::world::World;

async fn update(app: &TestApp, id: &str, body: Value) -> Outcome<Answer> {
    app.call(Method::PATCH, &format!("/v1/connect/accounts/{id}/settings"), Some(body)).await
}

async fn stored(app: &TestApp, id: &str) -> Outcome<Value> {
    let path = format!("/v1/connect/accounts/{id}/settings");
    Ok(good(&app.call(Method::GET, &path, None).await?)["settings"].take())
}

#[tokio::test]
async fn s73_settings_that_are_named_change_and_the_others_stay() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    assert_eq!(stored(&app, &id).await?, json!({}));
    let named = json!({ "auto_refresh": true, "rate_limit": 100, "timeout": 30, "retry_attempts": 3 });
    assert_eq!(good(&update(&app, &id, json!({ "settings": named })).await?)["settings"], named);
    let changed =
        good(&update(&app, &id, json!({ "settings": { "auto_refresh": false, "expires_in": 600 } })).await?);
    let all = json!({ "auto_refresh": false, "expires_in": 600, "rate_limit": 100, "timeout": 30, "retry_attempts": 3 });
    assert_eq!(changed["settings"], all);
    assert_eq!((stored(&app, &id).await?, read(&app, &id).await?["settings"].clone()), (all.clone(), all));
    let unset = json!({ "unset": ["rate_limit", "timeout"], "settings": { "timeout": 5 } });
    let after = good(&update(&app, &id, unset).await?)["settings"].take();
    assert_eq!(after, json!({ "auto_refresh": false, "expires_in": 600, "timeout": 5, "retry_attempts": 3 }));
    Ok(())
}

#[tokio::test]
async fn s73_a_setting_out_of_its_bounds_is_refused_by_name_and_nothing_changes() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    for (name, value) in [
        ("expires_in", 59),
        ("expires_in", 31_536_001),
        ("rate_limit", 0),
        ("rate_limit", 1_000_001),
        ("timeout", 0),
        ("timeout", 601),
        ("retry_attempts", 11),
    ] {
        let answer = update(&app, &id, json!({ "settings": { "auto_refresh": false, name: value } })).await?;
        refused(&answer, "INVALID_ARGUMENT", name);
        assert_eq!(answer.json()["details"][0]["field"], format!("settings.{name}"));
    }
    refused(&update(&app, &id, json!({ "unset": ["colour"] })).await?, "INVALID_ARGUMENT", "unset");
    refused(&update(&app, &id, json!({ "settings": { "colour": 1 } })).await?, "INVALID_ARGUMENT", "colour");
    assert_eq!(stored(&app, &id).await?, json!({}));
    Ok(())
}

#[tokio::test]
async fn s73_an_account_that_is_not_refreshed_by_itself_has_nothing_due() -> Outcome<()> {
    let world = World::new().await?;
    let app = &world.app;
    world.connect("alice").await?;
    let id = app.account("test", "alice").await?["id"].as_str().ok_or("no id")?.to_owned();
    good(&update(app, &id, json!({ "settings": { "auto_refresh": false } })).await?);
    app.clock.advance(3300);
    assert_eq!(world.run().await?.attempts, 0);
    good(&update(app, &id, json!({ "settings": { "auto_refresh": true } })).await?);
    assert_eq!(world.run_next().await?.refreshed, 1);
    Ok(())
}
