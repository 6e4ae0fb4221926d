//! User verification: the application, or an operator, says that the right person has authorized.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::environment::UpdateEnvironment;
use valetkey_core::environment::VerificationMode;
use valetkey_testkit::app::{Answer, Outcome, TestApp, TestAppOptions, approve};

async fn start(mode: VerificationMode) -> Outcome<TestApp> {
    let options = TestAppOptions { verification: Some(mode), ..TestAppOptions::default() };
    let app = TestApp::with(options).await?;
    app.connection("test").await?;
    Ok(app)
}

async fn link(app: &TestApp) -> Outcome<String> {
    let body = json!({ "connector": "test", "identifier": "user", "state": "a b&c",
        "user_verify_url": "https://app.example/verify?tab=1" });
    app.link_with(body).await
}

/// Consents as `user`; returns the `auth_request_id`.
async fn consent(app: &TestApp, user: &str) -> Outcome<String> {
    let mut browser = app.browser()?;
    browser.stop_before(Some("https://app.example/"));
    approve(&mut browser, &link(app).await?, user).await?;
    let end = browser.redirects().last().ok_or("no redirect")?;
    let parameter = |wanted: &str| {
        let found = end.query_pairs().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    assert_eq!((parameter("tab").as_str(), parameter("state").as_str()), ("1", "a b&c"), "{end}");
    Ok(parameter("auth_request_id"))
}

async fn verify(app: &TestApp, id: &str, identifier: &str) -> Outcome<Answer> {
    let body = json!({ "auth_request_id": id, "identifier": identifier });
    app.call(Method::POST, "/api/v1/connected_accounts/user/verify", Some(body)).await
}

fn unknown(answer: &Answer) {
    assert_eq!(answer.status, 404, "{}", answer.text);
    assert!(answer.text.contains("auth request not found or no longer valid"), "{}", answer.text);
}

#[tokio::test]
async fn the_right_identifier_activates_the_account_once() -> Outcome<()> {
    let app = start(VerificationMode::Custom).await?;
    let id = consent(&app, "alice").await?;
    let pending = app.account_with_credential("test", "user").await?;
    assert_eq!(pending["status"], "PENDING_VERIFICATION");
    assert_eq!(pending["authorization_details"]["oauth_token"]["access_token"], json!(""));
    let answer = verify(&app, &id, "user").await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let next = answer.json()["post_user_verify_redirect_url"].as_str().unwrap_or_default().to_owned();
    assert!(next.starts_with(&app.url), "{next}");
    assert_eq!(app.account("test", "user").await?["status"], "ACTIVE");
    unknown(&verify(&app, &id, "user").await?);
    Ok(())
}

#[tokio::test]
async fn another_identifier_is_refused_and_spends_the_request() -> Outcome<()> {
    let app = start(VerificationMode::Custom).await?;
    let id = consent(&app, "alice").await?;
    let refused = verify(&app, &id, "somebody else").await?;
    assert_eq!((refused.status.as_u16(), refused.text.contains("USER_MISMATCH")), (403, true));
    unknown(&verify(&app, &id, "user").await?);
    assert_eq!(app.account("test", "user").await?["status"], "PENDING_AUTH");
    assert_eq!(verify(&app, &consent(&app, "alice").await?, "user").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_unknown_or_late_request_is_not_found_and_a_malformed_one_is_refused() -> Outcome<()> {
    let app = start(VerificationMode::Custom).await?;
    unknown(&verify(&app, &"x".repeat(43), "user").await?);
    for (id, identifier) in [("", "user"), ("x", ""), (&*"x".repeat(1001), "user"), ("x", &*"x".repeat(201))]
    {
        assert_eq!(verify(&app, id, identifier).await?.status, 400);
    }
    let id = consent(&app, "alice").await?;
    app.clock.advance(10 * 60);
    unknown(&verify(&app, &id, "user").await?);
    app.app.sweep().await?;
    assert_eq!(app.account("test", "user").await?["status"], "PENDING_AUTH");
    Ok(())
}

#[tokio::test]
async fn in_custom_mode_a_link_without_verify_url_is_not_made() -> Outcome<()> {
    let app = start(VerificationMode::Custom).await?;
    app.connection_in(&app.operator(), "key", "TESTKEY").await?;
    let path = "/api/v1/connected_accounts/magic_link";
    let body = json!({ "connector": "test", "identifier": "user" });
    let refused = app.call(Method::POST, path, Some(body)).await?;
    assert_eq!((refused.status.as_u16(), refused.text.contains("USER_VERIFY_URL_REQUIRED")), (400, true));
    let wrong = json!({ "connector": "test", "identifier": "user", "user_verify_url": "javascript:x" });
    assert_eq!(app.call(Method::POST, path, Some(wrong)).await?.status, 400);
    app.link("key", "user").await?;
    Ok(())
}

#[tokio::test]
async fn a_link_made_before_users_were_confirmed_connects_nobody_afterwards() -> Outcome<()> {
    let app = start(VerificationMode::None).await?;
    let (early, late) = (app.link("test", "user").await?, app.link("test", "user").await?);
    let mut under_way = app.arrive(&early, "alice").await?;
    let change = UpdateEnvironment {
        verification_mode: Some(VerificationMode::Custom),
        ..UpdateEnvironment::default()
    };
    app.app.update_environment(&app.environment.id, change).await?;
    assert_eq!(under_way.deliver().await?.status, 410);
    let mut browser = app.browser()?;
    browser.get(&late).await?;
    assert_eq!(browser.submit("Continue", &[]).await?.status, 410);
    assert_eq!(app.account("test", "user").await?["status"], "PENDING_AUTH");
    Ok(())
}

#[tokio::test]
async fn a_credential_that_comes_meanwhile_is_not_replaced_by_an_older_consent() -> Outcome<()> {
    let app = start(VerificationMode::Custom).await?;
    let id = consent(&app, "alice").await?;
    let newer = json!({ "connector": "test", "identifier": "user", "connected_account": {
        "authorization_details": { "oauth_token": { "access_token": "newer" } } } });
    let updated = app.call(Method::PUT, "/api/v1/connected_accounts", Some(newer)).await?;
    assert_eq!(updated.json()["connected_account"]["status"], "ACTIVE", "{}", updated.text);
    unknown(&verify(&app, &id, "user").await?);
    let account = app.account_with_credential("test", "user").await?;
    assert_eq!(account["authorization_details"]["oauth_token"]["access_token"], "newer");
    Ok(())
}

#[tokio::test]
async fn an_operator_whose_session_has_run_out_signs_in_again_in_the_same_browser() -> Outcome<()> {
    let app = start(VerificationMode::Platform).await?;
    for _ in 0..2 {
        let link = app.app.create_sign_in_link().await?;
        let token = link.url.expose().rsplit('/').next().unwrap_or_default();
        app.app.sign_operator_in(token, "one browser").await?;
        assert!(app.app.operator_signed_in(Some("one browser")).await?);
        app.clock.advance(13 * 3600);
        assert!(!app.app.operator_signed_in(Some("one browser")).await?);
    }
    Ok(())
}

#[tokio::test]
async fn a_newer_consent_replaces_the_parked_one() -> Outcome<()> {
    let app = start(VerificationMode::Custom).await?;
    let first = consent(&app, "alice").await?;
    let second = consent(&app, "bob").await?;
    unknown(&verify(&app, &first, "user").await?);
    assert_eq!(verify(&app, &second, "user").await?.status, 200);
    Ok(())
}

fn token(account: &Value) -> &Value {
    &account["authorization_details"]["oauth_token"]["access_token"]
}

#[tokio::test]
async fn during_a_reauthorization_the_old_credential_stays_until_the_new_one_is_confirmed() -> Outcome<()> {
    let app = start(VerificationMode::Custom).await?;
    verify(&app, &consent(&app, "alice").await?, "user").await?;
    let old = app.account_with_credential("test", "user").await?;
    let refused = consent(&app, "alice").await?;
    assert_eq!(app.account_with_credential("test", "user").await?, old, "while it is parked");
    assert_eq!(verify(&app, &refused, "somebody else").await?.status, 403);
    let after = app.account_with_credential("test", "user").await?;
    assert_eq!((&after["status"], token(&after)), (&json!("ACTIVE"), token(&old)), "after a refusal");
    verify(&app, &consent(&app, "alice").await?, "user").await?;
    let new = app.account_with_credential("test", "user").await?;
    assert_eq!(new["status"], "ACTIVE");
    assert_ne!(token(&new), token(&old));
    Ok(())
}

#[tokio::test]
async fn in_platform_mode_only_the_browser_of_an_operator_completes_a_flow() -> Outcome<()> {
    let app = start(VerificationMode::Platform).await?;
    let link = app.link("test", "user").await?;
    let mut browser = app.browser()?;
    browser.get(&link).await?;
    let page = browser.submit("Continue", &[]).await?;
    assert_eq!((page.status, page.title.as_str()), (403, "Sign in first"));
    assert!(app.provider.provider.requests().is_empty());
    let sign_in = app.app.create_sign_in_link().await?;
    browser.get(sign_in.url.expose()).await?;
    assert!(browser.submit("Sign in", &[]).await?.title.contains("signed in"));
    assert!(approve(&mut browser, &link, "alice").await?.title.contains("connected"));
    let mut other = app.browser()?;
    other.get(sign_in.url.expose()).await?;
    assert!(other.submit("Sign in", &[]).await?.status >= 400, "the sign-in link works once");
    Ok(())
}

#[tokio::test]
async fn in_platform_mode_the_session_must_still_last_when_the_provider_calls_back() -> Outcome<()> {
    let app = start(VerificationMode::Platform).await?;
    let link = app.link("test", "user").await?;
    let mut browser = app.browser()?;
    browser.get(app.app.create_sign_in_link().await?.url.expose()).await?;
    browser.submit("Sign in", &[]).await?;
    app.clock.advance(12 * 3600 - 60);
    valetkey_testkit::app::leave(&mut browser, &link).await?;
    app.clock.advance(60);
    let page = browser.submit("Approve", &[]).await?;
    assert_eq!(page.title, "Sign in first");
    assert_eq!(app.provider.provider.token_requests().len(), 0);
    Ok(())
}
