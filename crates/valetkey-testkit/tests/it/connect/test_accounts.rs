//! Test accounts: made, authorized without a person, read, used, and gone wrong as real ones do.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::Settings;
use valetkey_core::environment::VerificationMode;
use valetkey_testkit::{
    app::{Answer, Outcome, TestApp, TestAppOptions},
    provider::Misbehaviour,
};

use super::steps::{address, allow, brought, consent, exchange, good, post, read, refused, token_requests};

const CONNECTION: &str = "conn_test_provider";

/// A server whose connection [`CONNECTION`] leads to the test provider.
async fn start() -> Outcome<TestApp> {
    let settings: fn(&mut Settings) = |settings| settings.access_token_lifetime = 86_400;
    let app = TestApp::with(TestAppOptions { settings: Some(settings), ..TestAppOptions::default() }).await?;
    app.connection(CONNECTION).await?;
    Ok(app)
}

async fn create(app: &TestApp, connection: &str, test_mode: bool) -> Outcome<Answer> {
    let body = json!({
        "connection_id": connection, "identifier": "test_user", "identifier_type": "user_id",
        "test_mode": test_mode,
    });
    post(app, "accounts", body).await
}

/// A test account; its id.
async fn test_account(app: &TestApp) -> Outcome<String> {
    let made = good(&create(app, CONNECTION, true).await?);
    Ok(made["id"].as_str().ok_or("no id")?.to_owned())
}

/// Another one.
async fn test_account_of(app: &TestApp, identifier: &str) -> Outcome<String> {
    let body = json!({ "connection_id": CONNECTION, "identifier": identifier, "test_mode": true });
    let made = good(&post(app, "accounts", body).await?);
    Ok(made["id"].as_str().ok_or("no id")?.to_owned())
}

async fn test_tokens(app: &TestApp, account: &str) -> Outcome<Answer> {
    post(app, &format!("accounts/{account}:test-tokens"), json!({})).await
}

fn token(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn s60_s79_a_test_account_is_made_on_a_connection_to_the_test_provider() -> Outcome<()> {
    let app = start().await?;
    let made = good(&create(&app, CONNECTION, true).await?);
    assert_eq!((&made["test_mode"], &made["status"]), (&json!(true), &json!("pending")));
    let real = json!({ "connection_id": CONNECTION, "identifier": "real_user" });
    assert_eq!(good(&post(&app, "accounts", real).await?)["test_mode"], false);
    for (filter, found) in [("true", "test_user"), ("false", "real_user")] {
        let path = format!("/v1/connect/accounts?test_mode={filter}");
        let listed = good(&app.call(Method::GET, &path, None).await?);
        let names: Vec<&Value> = listed["accounts"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|account| &account["identifier"])
            .collect();
        assert_eq!(names, [found]);
    }
    Ok(())
}

#[tokio::test]
async fn s60_no_other_connection_has_test_accounts() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection_in(&app.operator(), "gmail", "GMAIL").await?;
    refused(&create(&app, "gmail", true).await?, "TEST_MODE_UNAVAILABLE", "gmail");
    let moved = app.connection("moved").await?;
    let body = json!({ "oauth_config": {
        "token_uri": "https://accounts.example.com/token", "client_secret": "another" } });
    let changed = app.call(Method::PATCH, &format!("/api/v1/connections/{}", moved.id), Some(body)).await?;
    assert_eq!(changed.status, 200, "{}", changed.text);
    refused(&create(&app, "moved", true).await?, "TEST_MODE_UNAVAILABLE", "moved");
    assert_eq!(create(&app, "moved", false).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn s80_s195_tokens_of_a_pending_test_account_come_from_an_authorization_without_a_person() -> Outcome<()>
{
    let app = start().await?;
    let id = test_account(&app).await?;
    let tokens = good(&test_tokens(&app, &id).await?);
    assert!(app.provider.provider.accepts_access_token(token(&tokens)), "{tokens}");
    assert_eq!((&tokens["token_type"], &tokens["scopes"]), (&json!("Bearer"), &json!(["profile", "read"])));
    assert!(tokens["refresh_token"].is_string() && tokens["expires_at"].is_string(), "{tokens}");
    let account = read(&app, &id).await?;
    assert_eq!(account["status"], "active");
    assert_eq!(
        account["metadata"]["provider_account_id"], "user-test_user",
        "its identifier is the user there"
    );
    let requests = app.provider.provider.token_requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].parameter("grant_type").as_deref(), Some("authorization_code"));
    assert!(requests[0].parameter("code_verifier").is_some());
    assert_eq!(
        good(&test_tokens(&app, &id).await?)["access_token"],
        tokens["access_token"],
        "it is active now"
    );
    assert_eq!(token_requests(&app), 1);
    Ok(())
}

#[tokio::test]
async fn test_tokens_are_not_given_out_while_the_connection_is_disabled() -> Outcome<()> {
    let app = start().await?;
    let (pending, active) = (test_account(&app).await?, test_account_of(&app, "other").await?);
    good(&test_tokens(&app, &active).await?);
    let requests = token_requests(&app);
    let connection = app.app.connection_named(&app.operator(), CONNECTION).await?;
    app.app.enable_connection(&app.operator(), connection.id.as_str(), false).await?;
    for id in [&pending, &active] {
        refused(&test_tokens(&app, id).await?, "CONNECTION_DISABLED", "enable");
    }
    assert_eq!(token_requests(&app), requests, "nobody was authorized");
    Ok(())
}

#[tokio::test]
async fn each_reading_of_test_tokens_is_journalled_as_one_of_a_credential() -> Outcome<()> {
    let app = start().await?;
    let id = test_account(&app).await?;
    for _ in 0..2 {
        good(&test_tokens(&app, &id).await?);
    }
    let journal = app.journal(&json!({ "id": id })).await?;
    let kinds: Vec<&str> = journal.iter().rev().map(|(kind, _)| kind.as_str()).collect();
    let expected = [
        "account.created",
        "flow.started",
        "credential.stored",
        "account.state_changed",
        "flow.ended",
        "credential.read",
        "credential.read",
    ];
    assert_eq!(kinds, expected);
    Ok(())
}

#[tokio::test]
async fn s195_tokens_of_a_real_account_are_never_handed_out_this_way() -> Outcome<()> {
    let app = start().await?;
    app.connect(CONNECTION, "real_user", "alice").await?;
    let account = app.account(CONNECTION, "real_user").await?;
    let id = account["id"].as_str().ok_or("no id")?;
    let answer = test_tokens(&app, id).await?;
    refused(&answer, "NOT_A_TEST_ACCOUNT", "test_mode");
    assert!(!app.journal(&account).await?.iter().any(|(kind, _)| kind == "credential.read"));
    refused(&test_tokens(&app, "ca_unknown").await?, "ACCOUNT_NOT_FOUND", "not found");
    Ok(())
}

#[tokio::test]
async fn a_test_account_whose_connection_leads_elsewhere_by_now_gives_no_tokens_and_gets_none() -> Outcome<()>
{
    let app = start().await?;
    let (id, connection) =
        (test_account(&app).await?, app.app.connection_named(&app.operator(), CONNECTION).await?);
    allow(&app, CONNECTION, &[super::steps::CALLBACK]).await?;
    let body = json!({ "oauth_config": {
        "authorize_uri": format!("{}/authorize", app.provider.base_url), "client_secret": "another" } });
    let path = format!("/api/v1/connections/{}", connection.id);
    assert_eq!(app.call(Method::PATCH, &path, Some(body)).await?.status, 200);
    refused(&test_tokens(&app, &id).await?, "TEST_MODE_UNAVAILABLE", CONNECTION);
    let body = json!({ "redirect_uri": super::steps::CALLBACK });
    let answer = super::steps::auth_url(&app, &id, body).await?;
    refused(&answer, "CONNECTION_MISCONFIGURED", "configured");
    Ok(())
}

#[tokio::test]
async fn s194_test_tokens_need_the_permission_to_change_accounts_and_not_that_of_reading_credentials()
-> Outcome<()> {
    let app = start().await?;
    let id = test_account(&app).await?;
    for (permission, status) in [("connected_accounts:read", 403), ("connected_accounts:write", 200)] {
        let body = json!({ "name": permission, "permissions": [permission] });
        let made = good(&app.call(Method::POST, "/v1/connect/tokens", Some(body)).await?);
        let path = format!("/v1/connect/accounts/{id}:test-tokens");
        let answer = app.call_as(made["token"].as_str(), Method::POST, &path, Some(json!({}))).await?;
        assert_eq!(answer.status, status, "{permission}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn several_callers_at_once_get_tokens_of_one_authorization() -> Outcome<()> {
    let app = start().await?;
    let id = test_account(&app).await?;
    let ask = || test_tokens(&app, &id);
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    let answers = [one?, two?, three?];
    let given: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert!(!given.is_empty(), "{answers:?}");
    let others = answers.iter().filter(|answer| answer.status != 200);
    others.for_each(|answer| refused(answer, "CONFLICT", "try again"));
    assert_eq!(read(&app, &id).await?["status"], "active");
    assert_eq!(test_tokens(&app, &id).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_provider_that_fails_leaves_the_test_account_pending() -> Outcome<()> {
    let app = start().await?;
    let id = test_account(&app).await?;
    let denied = Misbehaviour::DenyConsent { error: "access_denied".into(), description: None };
    for (wrong, code) in [
        (denied, "PROVIDER_ERROR"),
        (Misbehaviour::WrongIss, "ISSUER_MISMATCH"),
        (Misbehaviour::TokenServerError { status: 503 }, "EXCHANGE_FAILED"),
        (Misbehaviour::InvalidClient, "CONNECTION_MISCONFIGURED"),
    ] {
        app.provider.provider.misbehave(wrong);
        refused(&test_tokens(&app, &id).await?, code, "");
        assert_eq!(read(&app, &id).await?["status"], "pending");
        app.provider.provider.behave();
    }
    assert_eq!(test_tokens(&app, &id).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn where_users_are_confirmed_a_test_account_needs_no_confirmation() -> Outcome<()> {
    for mode in [VerificationMode::Custom, VerificationMode::Platform] {
        let options = TestAppOptions { verification: Some(mode), ..TestAppOptions::default() };
        let app = TestApp::with(options).await?;
        app.connection(CONNECTION).await?;
        let id = test_account(&app).await?;
        good(&test_tokens(&app, &id).await?);
        assert_eq!(read(&app, &id).await?["status"], "active");
    }
    Ok(())
}

#[tokio::test]
async fn s197_s198_s199_s200_s201_a_test_account_goes_through_the_whole_life_of_one() -> Outcome<()> {
    let app = start().await?;
    allow(&app, CONNECTION, &[super::steps::CALLBACK]).await?;
    let id = test_account(&app).await?;
    let callback = consent(&app, &address(&app, &id, "mine").await?, "alice").await?;
    let done = good(&exchange(&app, &id, brought(&callback)).await?);
    assert_eq!((&done["account"]["status"], &done["state"]), (&json!("active"), &json!("mine")));

    let body = json!({
        "tool_name": "testprovider_get_profile", "connector": CONNECTION, "identifier": "test_user", "params": {},
    });
    let ran = good(&app.call(Method::POST, "/api/v1/execute_tool", Some(body.clone())).await?);
    assert_eq!(ran["data"]["subject"], "alice", "{ran}");

    let before = good(&test_tokens(&app, &id).await?);
    good(&post(&app, &format!("accounts/{id}:refresh"), json!({})).await?);
    let after = good(&test_tokens(&app, &id).await?);
    assert_ne!(token(&before), token(&after));
    assert!(app.provider.provider.accepts_access_token(token(&after)));

    app.clock.advance(3600);
    let later = good(&test_tokens(&app, &id).await?);
    assert_ne!(token(&after), token(&later), "what has run out is refreshed before it is handed out");

    let error = "invalid_grant".into();
    app.provider.provider.misbehave(Misbehaviour::TokenError { status: 400, error, description: None });
    let refresh = post(&app, &format!("accounts/{id}:refresh"), json!({})).await?;
    refused(&refresh, "ACCOUNT_EXPIRED", "");
    refused(&test_tokens(&app, &id).await?, "ACCOUNT_EXPIRED", "");
    app.provider.provider.behave();
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    good(&exchange(&app, &id, brought(&callback)).await?);
    assert_eq!(
        good(&app.call(Method::POST, "/api/v1/execute_tool", Some(body)).await?)["data"]["subject"],
        "alice"
    );
    Ok(())
}
