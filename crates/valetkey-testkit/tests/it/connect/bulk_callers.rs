//! Operations on many accounts whose caller loses the right to them, and how many there may be.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::client::Client;
use valetkey_testkit::{
    app::{Outcome, TestApp, TestAppOptions},
    provider::Moment,
};

use super::{
    bulk::{finished, get, post, texts, undo_last_chunk, until_finished, wanted},
    idempotency::new_client,
    keyed::{code, keyed},
};
use crate::{database, fresh::world::World};

/// An operation of 300 items, begun with `token`, whose process died after the first 250.
async fn interrupted(app: &TestApp, token: &str) -> Outcome<String> {
    app.connection("test").await?;
    let body = json!({ "accounts": wanted((0..300).map(|number| number.to_string())) });
    let path = "/v1/connect/accounts:bulk-create";
    let done = finished(&app.call_as(Some(token), Method::POST, path, Some(body)).await?);
    undo_last_chunk(app, 250, app.app.now()).await?;
    Ok(format!("bulk-operations/{}", done["id"].as_str().unwrap_or_default()))
}

/// Continues the operation and tells the codes of the items that were left, each once.
async fn codes_of_the_rest(app: &TestApp, path: &str) -> Outcome<Vec<String>> {
    assert_eq!(app.app.continue_bulk().await?, 1);
    let done = until_finished(app, path, |_| ()).await?;
    assert_eq!((&done["succeeded"], &done["failed"]), (&json!(250), &json!(50)));
    let results = get(app, &format!("{path}/results?failed_only=true")).await?;
    let mut codes = texts(&results["results"], "/error/code");
    assert_eq!(codes.len(), 50);
    codes.dedup();
    Ok(codes)
}

async fn client_and_token(app: &TestApp) -> Outcome<(Client, String)> {
    let client = new_client(app).await?;
    let token = app.app.issue_token(&client).await?.access_token;
    Ok((client, token.expose().to_owned()))
}

#[tokio::test]
async fn t59_an_operation_ends_where_its_client_is_revoked() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (client, token) = client_and_token(&app).await?;
    let path = interrupted(&app, &token).await?;
    app.app.revoke_client(&app.environment.id, &client.id).await?;
    assert_eq!(codes_of_the_rest(&app, &path).await?, ["UNAUTHENTICATED"]);
    Ok(())
}

#[tokio::test]
async fn t59_an_operation_ends_where_its_client_may_do_less() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (client, token) = client_and_token(&app).await?;
    let path = interrupted(&app, &token).await?;
    let held = r#"["connected_accounts:read"]"#;
    let sql = format!("UPDATE clients SET permissions = '{held}' WHERE id = '{}'", client.id);
    database::run(&app, &sql).await?;
    assert_eq!(codes_of_the_rest(&app, &path).await?, ["INVALID_PERMISSIONS"]);
    Ok(())
}

#[tokio::test]
async fn t59_an_operation_ends_where_its_api_token_does() -> Outcome<()> {
    let app = TestApp::start().await?;
    let body = json!({ "name": "import", "expires_in": 60 });
    let made = app.call(Method::POST, "/v1/connect/tokens", Some(body)).await?.json();
    let path = interrupted(&app, made["token"].as_str().unwrap_or_default()).await?;
    app.clock.advance(60);
    assert_eq!(codes_of_the_rest(&app, &path).await?, ["UNAUTHENTICATED"]);
    Ok(())
}

#[tokio::test]
async fn t59_what_is_under_way_is_asked_again_before_each_chunk() -> Outcome<()> {
    let one_at_a_time = |settings: &mut valetkey_app::Settings| settings.refresher.per_host = 1;
    let world =
        World::with(TestAppOptions { settings: Some(one_at_a_time), ..TestAppOptions::default() }).await?;
    world.connect("alice").await?;
    world.connect("bob").await?;
    let id = async |user| Outcome::Ok(world.app.account("test", user).await?["id"].take());
    let ids = json!([id("alice").await?, id("bob").await?]);
    let (client, token) = client_and_token(&world.app).await?;
    let mut gate = world.provider.hold_token_requests(&[Moment::BeforeIssuing]);
    let path = "/v1/connect/accounts:bulk-refresh";
    let refreshed = world.app.call_as(Some(&token), Method::POST, path, Some(json!({ "account_ids": ids })));
    let revoked = async {
        let held = gate.next().await;
        world.app.app.revoke_client(&world.app.environment.id, &client.id).await?;
        held.proceed();
        Outcome::Ok(())
    };
    let (refreshed, revoked) = tokio::join!(refreshed, revoked);
    revoked?;
    let done = finished(&refreshed?);
    assert_eq!(texts(&done["results"], "/state"), ["succeeded", "failed"]);
    assert_eq!(done["results"][1]["error"]["code"], "UNAUTHENTICATED");
    assert_eq!(world.refreshes_sent(), 1);
    Ok(())
}

#[tokio::test]
async fn an_environment_has_a_limit_of_unfinished_operations() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let body = |user: &str| json!({ "accounts": wanted([user.to_owned()]) });
    for number in 0..20 {
        finished(&post(&app, "create", body(&number.to_string())).await?);
    }
    let ended = app.app.now().millis();
    let lease = app.app.now().plus_seconds(15).millis();
    let unfinished = format!("UPDATE bulk_operations SET finished_at = NULL, due_at = {lease}");
    database::run(&app, &unfinished).await?;
    let refused = keyed(&app, "key-1", "accounts:bulk-create", &body("more")).await?;
    assert_eq!(code(&refused), (429, "RATE_LIMITED".into()), "{}", refused.text);
    assert!(refused.text.contains("20 bulk operations"), "{}", refused.text);
    let accounts = get(&app, "accounts?identifier=more").await?["accounts"].take();
    assert!(accounts.as_array().is_none_or(Vec::is_empty), "{accounts}");
    let (_, stranger) = app.another_environment("stranger").await?;
    let path = "/v1/connect/accounts:bulk-create";
    let elsewhere = app.call_as(Some(stranger.expose()), Method::POST, path, Some(body("x"))).await?;
    assert_eq!(elsewhere.status, 200, "{}", elsewhere.text);
    let one_ended = format!(
        "UPDATE bulk_operations SET finished_at = {ended}, due_at = NULL
         WHERE id = (SELECT MIN(id) FROM bulk_operations WHERE environment_id = '{}')",
        app.environment.id
    );
    database::run(&app, &one_ended).await?;
    let again = keyed(&app, "key-1", "accounts:bulk-create", &body("more")).await?;
    assert_eq!(finished(&again)["results"][0]["state"], Value::from("succeeded"));
    Ok(())
}
