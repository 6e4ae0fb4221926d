//! What is refused although another way to the same thing is open.

use http::Method;
use serde_json::{Value, json};
use valetkey_testkit::app::{Outcome, TestApp};

use super::{
    idempotency::new_client,
    keyed::{code, keyed_as},
    steps::{
        address, authorize, begin, brought, consent, exchange, good, post, read, refused, token_requests,
    },
};
use crate::database;

#[tokio::test]
async fn an_account_among_many_keeps_the_rules_of_a_single_one() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let with = |field: &str, value: Value| {
        let mut account = json!({ "connection_id": "test", "identifier": format!("user of {field}") });
        account[field] = value;
        account
    };
    let accounts = json!([
        with("identifier", json!("x".repeat(101))),
        with("identifier_type", json!("passport")),
        with("organization_id", json!("o".repeat(33))),
        with("user_id", json!("u".repeat(33))),
        with("connection_id", json!("c".repeat(401))),
        with("scopes", json!(["s".repeat(501)])),
        with("scopes", json!(vec!["read"; 201])),
        with("identifier", json!("x".repeat(100))),
    ]);
    let done = good(&post(&app, "accounts:bulk-create", json!({ "accounts": accounts })).await?);
    assert_eq!((&done["succeeded"], &done["failed"]), (&json!(1), &json!(7)), "{done:#}");
    for (place, account) in accounts.as_array().ok_or("no list")?.iter().enumerate().take(7) {
        let error = &done["results"][place]["error"];
        assert_eq!(error["code"], "INVALID_ARGUMENT", "{error}");
        assert!(error.to_string().len() < 1000, "it does not repeat what is too long");
        let alone = post(&app, "accounts", account.clone()).await?;
        assert_eq!(code(&alone), (400, "INVALID_ARGUMENT".into()));
        let field = |error: &Value| error["details"][0]["field"].as_str().unwrap_or_default().to_owned();
        assert!(field(&alone.json()).starts_with(&field(error)), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn an_authorization_that_is_under_way_does_not_bring_a_disconnected_account_back() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    good(&authorize(&app, &id, "alice").await?);
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    let sent = token_requests(&app);
    good(&post(&app, &format!("accounts/{id}:disconnect"), json!({})).await?);
    let status = read(&app, &id).await?["status"].take();
    refused(&exchange(&app, &id, brought(&callback)).await?, "INVALID_STATE", "disconnected");
    assert_eq!(token_requests(&app), sent, "the code went nowhere");
    assert_eq!(read(&app, &id).await?["status"], status);
    good(&authorize(&app, &id, "alice").await?);
    assert_eq!(read(&app, &id).await?["status"], "active", "a new authorization does");
    Ok(())
}

#[tokio::test]
async fn a_credential_is_not_kept_for_a_repeated_request() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    good(&authorize(&app, &id, "alice").await?);
    let token = app.app.issue_token(&new_client(&app).await?).await?.access_token;
    let path = format!("accounts/{id}:read-credential");
    let read = async || keyed_as(&app, token.expose(), "key-1", (Method::POST, &path), &json!({})).await;
    for _ in 0..2 {
        assert!(good(&read().await?)["access_token"].is_string());
    }
    let journal = app.journal(&json!({ "id": id })).await?;
    assert_eq!(journal.iter().filter(|(_, details)| details["purpose"] == "read").count(), 2, "{journal:?}");
    let kept = "SELECT answer FROM idempotency_keys WHERE answer IS NOT NULL";
    assert_eq!(database::blobs(&app, kept).await?.len(), 0);
    good(&post(&app, &format!("accounts/{id}:suspend"), json!({})).await?);
    refused(&read().await?, "ACCOUNT_SUSPENDED", "resume");
    Ok(())
}
