//! Reading a credential: `POST /v1/connect/accounts/{account_id}:read-credential`.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::client::CreateClient;
use valetkey_testkit::app::{Answer, Outcome, TestApp};

async fn token(app: &TestApp, permissions: &[&str]) -> Outcome<String> {
    let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
    let (environment, name) = (app.environment.id.clone(), "reader".into());
    let made = app.app.create_client(CreateClient { environment, name, permissions }).await?;
    Ok(app.app.issue_token(&made.client).await?.access_token.expose().to_owned())
}

async fn read(app: &TestApp, token: &str, account: &Value) -> Outcome<Answer> {
    let id = account["id"].as_str().ok_or("the account has no id")?;
    let path = format!("/v1/connect/accounts/{id}:read-credential");
    app.call_as(Some(token), Method::POST, &path, Some(json!({}))).await
}

#[tokio::test]
async fn a_credential_is_read_with_its_own_permission_only_and_journalled_each_time() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let account = app.connect("test", "user_123", "alice").await?;
    let others = token(&app, &["connected_accounts:read", "connected_accounts:write"]).await?;
    let refused = read(&app, &others, &account).await?;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (403, &json!("INVALID_PERMISSIONS")));

    let reader = token(&app, &["connected_accounts:credentials"]).await?;
    let first = read(&app, &reader, &account).await?;
    let second = read(&app, &reader, &account).await?;
    assert_eq!(first.status, 200, "{}", first.text);
    let secret = first.json()["access_token"].as_str().unwrap_or_default().to_owned();
    assert!(secret.starts_with("at_") && first.json()["token_type"] == "Bearer", "{}", first.text.len());
    assert_eq!(first.json()["access_token"], second.json()["access_token"]);

    let journal = app.journal(&account).await?;
    let reads = journal.iter().filter(|(_, details)| details["purpose"] == "read");
    assert_eq!(reads.count(), 2, "{journal:?}");
    assert!(journal.iter().all(|(_, details)| !details.to_string().contains(&secret)));
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_not_active_has_no_credential_to_read() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let account = app.connect("test", "user_123", "alice").await?;
    let reader = token(&app, &["connected_accounts:credentials", "connected_accounts:write"]).await?;
    let id = account["id"].as_str().ok_or("the account has no id")?;
    let path = format!("/v1/connect/accounts/{id}:suspend");
    app.call_as(Some(&reader), Method::POST, &path, Some(json!({}))).await?;
    let refused = read(&app, &reader, &account).await?;
    let told = refused.json();
    assert_eq!((&told["code"], &told["next_action"]), (&json!("ACCOUNT_SUSPENDED"), &json!("resume")));
    assert!(!refused.text.contains("at_"), "{}", refused.text);
    Ok(())
}

#[tokio::test]
async fn no_credential_is_given_out_while_the_connection_is_disabled() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    let account = app.connect("test", "user_123", "alice").await?;
    let reader =
        token(&app, &["connected_accounts:credentials", "connected_accounts:read", "tools:execute"]).await?;
    assert_eq!(read(&app, &reader, &account).await?.status, 200);
    app.app.enable_connection(&app.operator(), connection.id.as_str(), false).await?;
    let refused = read(&app, &reader, &account).await?;
    let told = refused.json();
    assert_eq!(
        (&told["code"], &told["next_action"]),
        (&json!("CONNECTION_DISABLED"), &json!("fix_connection"))
    );
    let run = json!({ "tool_name": "testprovider_get_profile", "connector": "test",
        "identifier": "user_123", "params": {} });
    let tool = app.call_as(Some(&reader), Method::POST, "/api/v1/execute_tool", Some(run)).await?;
    assert_eq!(tool.json()["message"], told["message"], "the same as for a tool: {}", tool.text);
    // Published clients ask for the account as a whole, and get it without its credential.
    let path = "/api/v1/connected_accounts/details?connector=test&identifier=user_123";
    let whole = app.call_as(Some(&reader), Method::GET, path, None).await?;
    assert_eq!(whole.json()["connected_account"]["status"], "ACTIVE", "{}", whole.text.len());
    assert!(!whole.text.contains("at_"), "it has a token");
    app.app.enable_connection(&app.operator(), connection.id.as_str(), true).await?;
    assert_eq!(read(&app, &reader, &account).await?.status, 200);
    Ok(())
}
