//! API tokens of `/v1/connect/tokens`.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::api_token::PREFIX;
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use super::idempotency::new_client;
use crate::database;

const TOKENS: &str = "/v1/connect/tokens";

async fn create(app: &TestApp, body: Value) -> Outcome<(String, String)> {
    let answer = app.call(Method::POST, TOKENS, Some(body)).await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok((text(&answer.json()["api_token"]["id"]), text(&answer.json()["token"])))
}

async fn with(app: &TestApp, token: &str, method: Method, path: &str) -> Outcome<Answer> {
    app.call_as(Some(token), method, path, None).await
}

async fn lists_accounts(app: &TestApp, token: &str) -> Outcome<u16> {
    Ok(with(app, token, Method::GET, "/api/v1/connected_accounts").await?.status.as_u16())
}

#[tokio::test]
async fn t59_a_token_is_stored_hashed_shown_once_and_can_be_recognised() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (id, token) = create(&app, json!({ "name": "ci" })).await?;
    assert!(token.starts_with(PREFIX) && token.len() == PREFIX.len() + 43 + 6, "{}", token.len());
    assert!(!String::from_utf8_lossy(&database::dump(&app)?).contains(&token));
    assert_eq!(database::blobs(&app, "SELECT hash FROM api_tokens").await?[0].len(), 32);
    for path in [TOKENS.to_owned(), format!("{TOKENS}/{id}")] {
        let read = app.call(Method::GET, &path, None).await?;
        assert!(read.status == 200 && !read.text.contains(&token), "{}", read.text);
    }
    Ok(())
}

#[tokio::test]
async fn t59_a_token_stops_at_its_end_and_at_once_when_it_is_revoked() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (_, short) = create(&app, json!({ "name": "short", "expires_in": 60 })).await?;
    let (id, long) = create(&app, json!({ "name": "long" })).await?;
    assert_eq!((lists_accounts(&app, &short).await?, lists_accounts(&app, &long).await?), (200, 200));
    app.clock.advance(60);
    assert_eq!((lists_accounts(&app, &short).await?, lists_accounts(&app, &long).await?), (401, 200));
    let revoked = app.call(Method::POST, &format!("{TOKENS}/{id}:revoke"), Some(json!({}))).await?;
    assert!(revoked.json()["revoked_at"].is_string(), "{}", revoked.text);
    assert_eq!(lists_accounts(&app, &long).await?, 401);
    let listed = app.call(Method::GET, TOKENS, None).await?;
    assert_eq!(listed.json()["api_tokens"], json!([]));
    let all = app.call(Method::GET, &format!("{TOKENS}?include_inactive=true"), None).await?;
    assert_eq!(all.json()["api_tokens"].as_array().map(Vec::len), Some(2));
    Ok(())
}

#[tokio::test]
async fn t59_a_token_that_another_server_revoked_is_out_within_a_second() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (id, token) = create(&app, json!({ "name": "ci" })).await?;
    assert_eq!(lists_accounts(&app, &token).await?, 200);
    let mut tx = app.pool.begin().await?;
    valetkey_store::api_token::revoke(&mut tx, &app.environment.id, &id, app.app.now()).await?;
    tx.commit().await?;
    app.clock.advance(1);
    assert_eq!(lists_accounts(&app, &token).await?, 401);
    Ok(())
}

#[tokio::test]
async fn t59_the_last_use_of_a_token_is_known_to_the_minute() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (id, token) = create(&app, json!({ "name": "ci" })).await?;
    let last_use = async || -> Outcome<Value> {
        let read = app.call(Method::GET, &format!("{TOKENS}/{id}"), None).await?;
        Ok(read.json()["last_used_at"].clone())
    };
    assert!(!last_use().await?.is_string());
    lists_accounts(&app, &token).await?;
    let first = last_use().await?;
    assert!(first.is_string());
    app.clock.advance(59);
    lists_accounts(&app, &token).await?;
    assert_eq!(last_use().await?, first);
    app.clock.advance(1);
    lists_accounts(&app, &token).await?;
    assert_ne!(last_use().await?, first);
    Ok(())
}

#[tokio::test]
async fn a_token_does_what_its_permissions_name_and_makes_none_that_can_do_more() -> Outcome<()> {
    let app = TestApp::start().await?;
    let body = json!({ "name": "reader", "permissions": ["connected_accounts:read", "tokens:write"] });
    let (_, token) = create(&app, body).await?;
    assert_eq!(lists_accounts(&app, &token).await?, 200);
    assert_eq!(with(&app, &token, Method::GET, "/api/v1/connections").await?.status, 403);
    let more = json!({ "name": "more", "permissions": ["connected_accounts:write"] });
    let refused = app.call_as(Some(&token), Method::POST, TOKENS, Some(more)).await?;
    assert!(refused.status == 403 && refused.text.contains("connected_accounts:write"), "{}", refused.text);
    let same = app.call_as(Some(&token), Method::POST, TOKENS, Some(json!({ "name": "same" }))).await?;
    let permissions = &same.json()["api_token"]["permissions"];
    assert_eq!(permissions, &json!(["connected_accounts:read", "tokens:write"]), "{}", same.text);
    Ok(())
}

#[tokio::test]
async fn a_token_makes_none_that_outlives_it() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (id, token) = create(&app, json!({ "name": "short", "expires_in": 3600 })).await?;
    let make = async |body: Value| app.call_as(Some(&token), Method::POST, TOKENS, Some(body)).await;
    let refused = make(json!({ "name": "later", "expires_in": 3601 })).await?;
    assert!(refused.status == 400 && refused.text.contains("expires_in"), "{}", refused.text);
    let usual = make(json!({ "name": "usual" })).await?.json();
    let sooner = make(json!({ "name": "sooner", "expires_in": 60 })).await?.json();
    let end = app.call(Method::GET, &format!("{TOKENS}/{id}"), None).await?.json()["expires_at"].take();
    assert_eq!(usual["api_token"]["expires_at"], end);
    assert!(sooner["api_token"]["expires_at"].as_str() < end.as_str(), "{sooner}");
    Ok(())
}

#[tokio::test]
async fn nobody_gives_a_token_the_right_to_read_credentials_without_having_it() -> Outcome<()> {
    let app = TestApp::start().await?;
    let maker = json!({ "name": "maker", "permissions": ["tokens:write", "connected_accounts:read"] });
    let (_, maker) = create(&app, maker).await?;
    let body = json!({ "name": "reader", "permissions": ["connected_accounts:credentials"] });
    let refused = app.call_as(Some(&maker), Method::POST, TOKENS, Some(body)).await?;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let made = app.call(Method::POST, TOKENS, Some(json!({ "name": "default" }))).await?;
    assert!(!made.text.contains("connected_accounts:credentials"), "{}", made.text);
    let unknown = json!({ "name": "reader", "permissions": ["everything"] });
    assert_eq!(app.call(Method::POST, TOKENS, Some(unknown)).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn making_and_revoking_a_token_is_in_the_journal_without_the_token() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (id, token) = create(&app, json!({ "name": "ci" })).await?;
    app.call(Method::POST, &format!("{TOKENS}/{id}:revoke"), Some(json!({}))).await?;
    // The journal is listed a few seconds late.
    app.clock.advance(60);
    let path = "/v1/connect/events?kind=api_token.created&kind=api_token.revoked";
    let journal = app.call(Method::GET, path, None).await?;
    let events = journal.json()["events"].as_array().cloned().ok_or(journal.text.clone())?;
    let told: Vec<_> = events.iter().map(|event| (&event["kind"], &event["details"]["token"])).collect();
    assert_eq!(told, [(&json!("api_token.created"), &json!(id)), (&json!("api_token.revoked"), &json!(id))]);
    assert!(!journal.text.contains(&token));
    Ok(())
}

/// Makes a token with another one.
async fn made_with(app: &TestApp, maker: &str, name: &str) -> Outcome<(String, String)> {
    let answer = app.call_as(Some(maker), Method::POST, TOKENS, Some(json!({ "name": name }))).await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok((text(&answer.json()["api_token"]["id"]), text(&answer.json()["token"])))
}

#[tokio::test]
async fn t59_a_token_takes_along_all_that_was_made_with_it_when_it_is_revoked() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (root_id, root) = create(&app, json!({ "name": "root" })).await?;
    let (_, other) = create(&app, json!({ "name": "other" })).await?;
    let (child_id, child) = made_with(&app, &root, "child").await?;
    let (grandchild_id, grandchild) = made_with(&app, &child, "grandchild").await?;
    for token in [&root, &child, &grandchild] {
        assert_eq!(lists_accounts(&app, token).await?, 200);
    }
    app.call(Method::POST, &format!("{TOKENS}/{root_id}:revoke"), Some(json!({}))).await?;
    for token in [&root, &child, &grandchild] {
        assert_eq!(lists_accounts(&app, token).await?, 401);
    }
    assert_eq!(lists_accounts(&app, &other).await?, 200);
    app.clock.advance(60);
    let journal = app.call(Method::GET, "/v1/connect/events?kind=api_token.revoked", None).await?;
    let events = journal.json()["events"].as_array().cloned().ok_or(journal.text.clone())?;
    let mut told: Vec<_> = events
        .iter()
        .map(|event| (event["details"]["token"].clone(), event["details"]["revoked_with"].clone()))
        .collect();
    told.sort_by_key(|(token, _)| token.to_string());
    let with = json!(root_id);
    let mut expected =
        vec![(json!(root_id), Value::Null), (json!(child_id), with.clone()), (json!(grandchild_id), with)];
    expected.sort_by_key(|(token, _)| token.to_string());
    assert_eq!(told, expected);
    Ok(())
}

#[tokio::test]
async fn t59_what_a_revoked_token_has_made_does_not_hide_behind_it() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (root_id, root) = create(&app, json!({ "name": "root" })).await?;
    let (child_id, child) = made_with(&app, &root, "child").await?;
    let (_, grandchild) = made_with(&app, &child, "grandchild").await?;
    // As a server left it that did not take along what was made.
    let sql = format!("UPDATE api_tokens SET revoked_at = 1 WHERE id = '{child_id}'");
    database::run(&app, &sql).await?;
    assert_eq!(lists_accounts(&app, &grandchild).await?, 200);
    app.call(Method::POST, &format!("{TOKENS}/{root_id}:revoke"), Some(json!({}))).await?;
    assert_eq!(lists_accounts(&app, &grandchild).await?, 401);
    Ok(())
}

#[tokio::test]
async fn t59_a_token_that_was_revoked_elsewhere_a_moment_ago_makes_none() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (id, token) = create(&app, json!({ "name": "ci" })).await?;
    assert_eq!(lists_accounts(&app, &token).await?, 200);
    let mut tx = app.pool.begin().await?;
    valetkey_store::api_token::revoke(&mut tx, &app.environment.id, &id, app.app.now()).await?;
    tx.commit().await?;
    // This server believes what it has read for a second.
    assert_eq!(lists_accounts(&app, &token).await?, 200);
    let refused = app.call_as(Some(&token), Method::POST, TOKENS, Some(json!({ "name": "late" }))).await?;
    assert_eq!(refused.status, 401, "{}", refused.text);
    Ok(())
}

#[tokio::test]
async fn t59_a_client_takes_along_the_tokens_that_it_has_made_when_it_is_revoked() -> Outcome<()> {
    let app = TestApp::start().await?;
    let client = new_client(&app).await?;
    let bearer = app.app.issue_token(&client).await?.access_token;
    let (_, child) = made_with(&app, bearer.expose(), "child").await?;
    let (_, grandchild) = made_with(&app, &child, "grandchild").await?;
    let (_, other) = create(&app, json!({ "name": "other" })).await?;
    assert_eq!(lists_accounts(&app, &grandchild).await?, 200);
    app.app.revoke_client(&app.environment.id, &client.id).await?;
    for token in [bearer.expose(), &child, &grandchild] {
        assert_eq!(lists_accounts(&app, token).await?, 401);
    }
    assert_eq!(lists_accounts(&app, &other).await?, 200);
    Ok(())
}
