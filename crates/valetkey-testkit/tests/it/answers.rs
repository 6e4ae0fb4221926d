//! What the token endpoint answers, and what becomes of the account.

use serde_json::json;
use valetkey_testkit::{
    app::{Outcome, TestApp, approve},
    provider::Misbehaviour,
};

fn broken_answers() -> Vec<Misbehaviour> {
    vec![
        Misbehaviour::TokenOversize,
        Misbehaviour::TokenHtml200,
        Misbehaviour::TokenErrorIn200 { error: "invalid_grant".into() },
        Misbehaviour::UnknownTokenType,
        Misbehaviour::TokenServerError { status: 503 },
        Misbehaviour::TokenRateLimited { retry_after: 30 },
        Misbehaviour::TokenError { status: 400, error: "invalid_grant".into(), description: None },
        Misbehaviour::TokenNested,
        Misbehaviour::TokenRedirect,
    ]
}

#[tokio::test]
async fn t19_an_unusable_token_answer_leaves_a_new_account_as_it_was_and_the_link_usable() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let before = app.account_with_credential("test", "user").await?;
    for wrong in broken_answers() {
        app.provider.provider.misbehave(wrong.clone());
        let page = approve(&mut app.browser()?, &link, "alice").await?;
        assert!(page.status >= 500, "{wrong:?}: {} {}", page.status, page.title);
        assert!(page.text.contains("Reference for support"), "{wrong:?}");
        assert_eq!(app.account_with_credential("test", "user").await?, before, "{wrong:?}");
        app.provider.provider.behave();
    }
    assert!(approve(&mut app.browser()?, &link, "alice").await?.title.contains("connected"));
    assert_eq!(app.account("test", "user").await?["status"], "ACTIVE");
    Ok(())
}

#[tokio::test]
async fn t19_an_unusable_token_answer_leaves_an_active_account_with_its_credential() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    app.connect("test", "user", "alice").await?;
    // The first reading is a use, whose time the account has a moment later.
    app.account_with_credential("test", "user").await?;
    app.app.flush_uses().await?;
    let before = app.account_with_credential("test", "user").await?;
    let link = app.link("test", "user").await?;
    for wrong in broken_answers() {
        app.provider.provider.misbehave(wrong.clone());
        approve(&mut app.browser()?, &link, "alice").await?;
        assert_eq!(app.account_with_credential("test", "user").await?, before, "{wrong:?}");
        app.provider.provider.behave();
    }
    Ok(())
}

#[tokio::test]
async fn without_user_information_the_account_is_connected_all_the_same() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    app.provider.provider.misbehave(Misbehaviour::UserinfoError);
    app.connect("test", "user", "alice").await?;
    Ok(())
}

#[tokio::test]
async fn t22_less_scope_than_asked_is_stored_shown_and_journalled() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    app.provider.provider.misbehave(Misbehaviour::LessScopeThanAsked);
    let page = approve(&mut app.browser()?, &app.link("test", "user").await?, "alice").await?;
    assert!(page.text.contains("Not everything was allowed") && page.text.contains("read your test data"));
    let account = app.account("test", "user").await?;
    assert_eq!(account["authorization_details"]["oauth_token"]["scopes"], json!(["profile"]));
    let journal = app.journal(&account).await?;
    let stored = journal.iter().find(|(kind, _)| kind == "credential.stored").ok_or("nothing stored")?;
    assert_eq!(stored.1["missing_scopes"], json!(["read"]));
    Ok(())
}

#[tokio::test]
async fn t22_an_answer_without_scopes_grants_what_was_asked_for() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    app.provider.provider.misbehave(Misbehaviour::NoScope);
    let account = app.connect("test", "user", "alice").await?;
    assert_eq!(account["authorization_details"]["oauth_token"]["scopes"], json!(["profile", "read"]));
    Ok(())
}
