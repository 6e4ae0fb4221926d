//! Links of an account: made with a lifetime and a number of uses, listed, revoked.

use http::Method;
use serde_json::{Value, json};
use valetkey_core::environment::VerificationMode;
use valetkey_testkit::app::{Outcome, TestApp, TestAppOptions, approve};

use super::steps::{account, begin, good, post, read, refused, set_scopes};

/// A link; its answer and its address.
async fn link(app: &TestApp, account: &str, body: Value) -> Outcome<(Value, String)> {
    let made = good(&post(app, &format!("accounts/{account}/links"), body).await?);
    let url = made["url"].as_str().ok_or("no url")?.to_owned();
    Ok((made, url))
}

/// The links of an account as they are listed.
async fn list(app: &TestApp, account: &str) -> Outcome<Vec<Value>> {
    let answer = app.call(Method::GET, &format!("/v1/connect/accounts/{account}/links"), None).await?;
    Ok(good(&answer)["links"].as_array().cloned().unwrap_or_default())
}

#[tokio::test]
async fn a_link_is_good_for_as_many_authorizations_as_it_was_made_for() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let (made, url) = link(&app, &id, json!({ "max_uses": 2 })).await?;
    assert_eq!((&made["state"], &made["max_uses"], &made["uses"]), (&json!("usable"), &json!(2), &json!(0)));
    for (user, uses, state) in [("alice", 1, "usable"), ("alice", 2, "used")] {
        let page = approve(&mut app.browser()?, &url, user).await?;
        assert!(page.text.contains(&format!("{user}@example.test")), "{}", page.text);
        let listed = &list(&app, &id).await?[0];
        assert_eq!((&listed["uses"], &listed["state"]), (&json!(uses), &json!(state)));
        assert!(listed["used_at"].is_string());
    }
    assert_eq!(app.browser()?.get(&url).await?.title, "This link has already been used");
    assert_eq!(read(&app, &id).await?["metadata"]["user_email"], "alice@example.test");
    Ok(())
}

#[tokio::test]
async fn another_user_of_the_provider_does_not_take_an_account_over() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let (_, url) = link(&app, &id, json!({ "max_uses": 3 })).await?;
    approve(&mut app.browser()?, &url, "alice").await?;
    let before = app.account_with_credential("test", "user_123").await?;
    let page = approve(&mut app.browser()?, &url, "bob").await?;
    assert_eq!(page.status, 409, "{}", page.text);
    assert!(page.title.contains("as somebody else"), "{}", page.title);
    assert!(
        !page.text.contains("alice") && !page.text.contains("bob"),
        "who it is stays here: {}",
        page.text
    );
    let after = app.account_with_credential("test", "user_123").await?;
    let token = |account: &Value| account["authorization_details"]["oauth_token"]["access_token"].clone();
    assert!(
        token(&before).is_string() && token(&before) == token(&after),
        "the credential is that of before"
    );
    assert_eq!(list(&app, &id).await?[0]["uses"], 1, "the link is good for alice again");
    let journal = app.journal(&json!({ "id": id })).await?;
    let ended: Vec<_> = journal.iter().filter(|(kind, _)| kind == "flow.ended").collect();
    assert!(ended.iter().any(|(_, details)| details["outcome"] == "another_user"), "{journal:?}");
    assert_eq!(approve(&mut app.browser()?, &url, "alice").await?.status, 200);
    // Whoever is wanted in her place authorizes after a disconnection.
    good(&post(&app, &format!("accounts/{id}:disconnect"), json!({})).await?);
    let (_, url) = link(&app, &id, json!({})).await?;
    assert_eq!(approve(&mut app.browser()?, &url, "bob").await?.status, 200);
    assert_eq!(read(&app, &id).await?["metadata"]["user_email"], "bob@example.test");
    Ok(())
}

#[tokio::test]
async fn an_account_whose_user_the_provider_does_not_tell_is_authorized_by_whoever_has_its_link()
-> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let (_, url) = link(&app, &id, json!({ "max_uses": 2 })).await?;
    app.provider.provider.misbehave(valetkey_testkit::provider::Misbehaviour::UserinfoError);
    assert_eq!(approve(&mut app.browser()?, &url, "alice").await?.status, 200);
    app.provider.provider.behave();
    assert_eq!(approve(&mut app.browser()?, &url, "bob").await?.status, 200);
    assert_eq!(read(&app, &id).await?["metadata"]["user_email"], "bob@example.test");
    Ok(())
}

#[tokio::test]
async fn opening_denying_and_failing_use_nothing() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let (_, url) = link(&app, &id, json!({})).await?;
    let mut browser = app.browser()?;
    browser.get(&url).await?;
    browser.submit("Continue", &[]).await?;
    browser.submit("Deny", &[]).await?;
    let listed = &list(&app, &id).await?[0];
    assert_eq!((&listed["uses"], &listed["state"]), (&json!(0), &json!("usable")));
    assert!(listed["opened_at"].is_string());
    assert!(approve(&mut app.browser()?, &url, "alice").await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn forms_and_parked_credentials_count_as_uses_too() -> Outcome<()> {
    let custom = Some(VerificationMode::Custom);
    let app = TestApp::with(TestAppOptions { verification: custom, ..TestAppOptions::default() }).await?;
    let id = begin(&app).await?;
    let verify = json!({ "max_uses": 2, "user_verify_url": format!("{}/healthz", app.url) });
    let (_, url) = link(&app, &id, verify).await?;
    approve(&mut app.browser()?, &url, "alice").await?;
    assert_eq!(list(&app, &id).await?[0]["uses"], 1);
    app.connection_in(&app.operator(), "key", "TESTKEY").await?;
    let keyed = account(&app, "key", "user").await?;
    let (_, url) = link(&app, &keyed, json!({ "max_uses": 2 })).await?;
    let mut browser = app.browser()?;
    browser.get(&url).await?;
    browser.submit("Connect", &[("api_key", "test-key-good")]).await?;
    assert_eq!(list(&app, &keyed).await?[0]["uses"], 1);
    Ok(())
}

#[tokio::test]
async fn a_link_ends_with_its_own_time() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let (_, url) = link(&app, &id, json!({ "expires_in": 60 })).await?;
    app.clock.advance(59);
    assert_eq!(app.browser()?.get(&url).await?.status, 200);
    app.clock.advance(1);
    assert_eq!(app.browser()?.get(&url).await?.title, "This link has expired");
    assert_eq!(list(&app, &id).await?[0]["state"], "expired");
    for wrong in [json!({ "expires_in": 59 }), json!({ "max_uses": 0 }), json!({ "max_uses": 101 })] {
        let answer = post(&app, &format!("accounts/{id}/links"), wrong).await?;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn links_are_listed_newest_first_and_without_their_addresses() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let (first, one) = link(&app, &id, json!({})).await?;
    app.clock.advance(1);
    let (second, two) = link(&app, &id, json!({ "scopes": ["read"] })).await?;
    let listed = list(&app, &id).await?;
    let ids: Vec<&Value> = listed.iter().map(|link| &link["id"]).collect();
    assert_eq!(ids, [&second["id"], &first["id"]]);
    assert_eq!((&listed[0]["scopes"], &listed[0]["account_id"]), (&json!(["read"]), &json!(id)));
    let text = Value::from(listed).to_string();
    let secret = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
    assert!(!text.contains(&secret(&one)) && !text.contains(&secret(&two)), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_revoked_link_does_nothing_even_while_its_user_is_away() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let (made, url) = link(&app, &id, json!({})).await?;
    let mut arrived = app.arrive(&url, "alice").await?;
    let path = format!("/v1/connect/links/{}", made["id"].as_str().ok_or("no id")?);
    assert_eq!(app.call(Method::DELETE, &path, None).await?.status, 200);
    assert_eq!(arrived.deliver().await?.title, "This link was withdrawn");
    assert_eq!(read(&app, &id).await?["status"], "pending");
    let listed = &list(&app, &id).await?[0];
    assert_eq!(listed["state"], "revoked");
    assert!(listed["revoked_at"].is_string());
    refused(&app.call(Method::DELETE, &path, None).await?, "LINK_NOT_FOUND", "not found");
    Ok(())
}

#[tokio::test]
async fn a_link_brings_its_state_back_and_goes_to_listed_addresses_only() -> Outcome<()> {
    let done = "https://your-app.com/done";
    let options = TestAppOptions { return_urls: vec![done.into()], ..TestAppOptions::default() };
    let app = TestApp::with(options).await?;
    let id = begin(&app).await?;
    let (_, url) = link(&app, &id, json!({ "return_url": done, "state": "mine" })).await?;
    let mut browser = app.browser()?;
    browser.get(&url).await?;
    browser.submit("Continue", &[]).await?;
    browser.stop_before(Some("your-app.com"));
    browser.submit("Approve", &[("user", "alice")]).await?;
    let last = browser.redirects().last().map(ToString::to_string);
    assert_eq!(last.as_deref(), Some("https://your-app.com/done?status=success&state=mine"));
    let elsewhere = json!({ "return_url": "https://your-app.com/done/" });
    let answer = post(&app, &format!("accounts/{id}/links"), elsewhere).await?;
    refused(&answer, "REDIRECT_URL_NOT_ALLOWED", "list");
    Ok(())
}

#[tokio::test]
async fn x8_a_link_asks_for_fewer_scopes_than_its_connection_has() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    set_scopes(&app, &["profile", "email", "read"]).await?;
    let (_, url) = link(&app, &id, json!({ "scopes": ["email"] })).await?;
    approve(&mut app.browser()?, &url, "alice").await?;
    assert_eq!(read(&app, &id).await?["scopes"], json!(["email"]));
    let answer = post(&app, &format!("accounts/{id}/links"), json!({ "scopes": ["write"] })).await?;
    refused(&answer, "INVALID_SCOPE", "write");
    Ok(())
}

#[tokio::test]
async fn t60_links_of_another_environment_cannot_be_seen_made_or_revoked() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let (made, url) = link(&app, &id, json!({})).await?;
    let (_, token) = app.another_environment("other").await?;
    let links = format!("/v1/connect/accounts/{id}/links");
    let one = format!("/v1/connect/links/{}", made["id"].as_str().ok_or("no id")?);
    for (method, path, body) in
        [(Method::GET, &links, None), (Method::POST, &links, Some(json!({}))), (Method::DELETE, &one, None)]
    {
        let answer = app.call_as(Some(token.expose()), method, path, body).await?;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    assert_eq!(app.browser()?.get(&url).await?.status, 200);
    Ok(())
}
