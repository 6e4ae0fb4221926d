//! What the person at the browser sees.

use std::collections::BTreeSet;

use http::{Method, Request};
use serde_json::json;
use valetkey_app::{account::AccountAddress, link::CreateLink};
use valetkey_testkit::{
    app::{Outcome, TestApp, TestAppOptions, approve},
    browser::Page,
    provider::Misbehaviour,
};

const RETURN: &str = "https://app.example/connected?tab=1";

fn with_return_urls() -> TestAppOptions {
    TestAppOptions { return_urls: vec![RETURN.into()], ..TestAppOptions::default() }
}

fn link_to(return_url: &str, identifier: &str) -> CreateLink {
    let address = AccountAddress {
        connector: Some("test".into()),
        identifier: Some(identifier.into()),
        ..AccountAddress::default()
    };
    CreateLink {
        address,
        return_url: Some(return_url.into()),
        state: Some("s1".into()),
        ..CreateLink::default()
    }
}

#[tokio::test]
async fn t08_a_return_url_must_be_on_the_list_character_by_character() -> Outcome<()> {
    let app = TestApp::with(with_return_urls()).await?;
    app.connection("test").await?;
    let client = app.client().await?;
    for wrong in [
        "https://app.example/connected",
        "https://app.example/connected?tab=1&x=2",
        "https://app.example/connected?tab=1#top",
        "https://app.example/connected?tab=1/",
        "https://APP.example/connected?tab=1",
        "https://app.example:443/connected?tab=1",
        "https://app.example@evil.example/connected?tab=1",
        "https://app.example.evil.example/connected?tab=1",
        "http://app.example/connected?tab=1",
        "//app.example/connected?tab=1",
        "javascript:alert(1)",
        " https://app.example/connected?tab=1",
    ] {
        let refused = app.app.create_link(&client, link_to(wrong, "refused")).await;
        let code = refused.err().map(|error| error.code.as_str());
        assert_eq!(code, Some("REDIRECT_URL_NOT_ALLOWED"), "{wrong}");
    }
    let sql = "SELECT details FROM links";
    assert_eq!(crate::database::blobs(&app, sql).await?.len(), 0, "nothing is stored");
    app.app.create_link(&client, link_to(RETURN, "user")).await?;
    Ok(())
}

#[tokio::test]
async fn t08_success_returns_to_the_application_and_failure_offers_the_way_back() -> Outcome<()> {
    let app = TestApp::with(with_return_urls()).await?;
    app.connection("test").await?;
    let link = app.app.create_link(&app.client().await?, link_to(RETURN, "user")).await?;
    app.provider.provider.misbehave(Misbehaviour::TokenHtml200);
    let failed = approve(&mut app.browser()?, link.url.expose(), "alice").await?;
    assert!(failed.links.iter().any(|link| link.href == RETURN), "{:?}", failed.links);
    app.provider.provider.behave();
    let mut browser = app.browser()?;
    browser.stop_before(Some("https://app.example/"));
    approve(&mut browser, link.url.expose(), "alice").await?;
    let end = browser.redirects().last().ok_or("no redirect")?;
    assert_eq!(end.as_str(), "https://app.example/connected?tab=1&status=success&state=s1");
    Ok(())
}

#[tokio::test]
async fn t11_the_last_page_has_a_clean_address_and_no_page_sends_a_referrer() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut browser = app.browser()?;
    let start = browser.get(&link).await?.clone();
    let mut arrived = app.arrive(&link, "alice").await?;
    let end = arrived.deliver().await?;
    for page in [&start, &end] {
        assert_eq!(page.headers["referrer-policy"], "no-referrer", "{}", page.title);
        assert_eq!(page.headers["cache-control"], "no-store", "{}", page.title);
    }
    let secrets = [arrived.parameter("code"), arrived.parameter("state")];
    assert!(end.url.path().starts_with("/connect/done/") && end.url.query().is_none(), "{}", end.url);
    assert!(secrets.iter().all(|secret| !end.source.contains(secret) && !end.url.as_str().contains(secret)));
    let again = arrived.browser.get(end.url.as_str()).await?;
    assert_eq!(again.title, end.title, "the page can be reloaded");
    Ok(())
}

async fn after(error: &str, description: Option<&str>) -> Outcome<Page> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let (error, description) = (error.to_owned(), description.map(ToOwned::to_owned));
    app.provider.provider.misbehave(Misbehaviour::DenyConsent { error, description });
    let page = approve(&mut app.browser()?, &app.link("test", "user").await?, "alice").await?;
    assert_eq!(app.provider.provider.token_requests().len(), 0);
    assert_eq!(app.account("test", "user").await?["status"], "PENDING_AUTH");
    assert!(page.url.path().starts_with("/connect/done/"), "{}", page.url);
    assert!(page.text.contains("What you can do"), "{}", page.text);
    Ok(page)
}

#[tokio::test]
async fn t12_every_error_of_the_provider_ends_on_a_page_that_says_what_to_do() -> Outcome<()> {
    let mut titles = BTreeSet::new();
    for (error, title, retry) in [
        ("access_denied", "was not connected", true),
        ("consent_required", "needs an answer from you", true),
        ("interaction_required", "needs an answer from you", true),
        ("login_required", "needs an answer from you", true),
        ("invalid_scope", "refused what was asked for", false),
        ("unauthorized_client", "does not accept Test app", false),
        ("server_error", "does not answer", true),
        ("temporarily_unavailable", "does not answer", true),
        ("made_up_by_the_provider", "reported an error", true),
    ] {
        let page = after(error, Some("told by the provider")).await?;
        assert!(page.title.contains(title), "{error}: {}", page.title);
        assert!(!page.source.contains("told by the provider"), "its words are not ours");
        assert_eq!(page.links.iter().any(|link| link.text == "Try again"), retry, "{error}");
        titles.insert(page.title);
    }
    assert!(titles.len() >= 6, "{titles:?}");
    Ok(())
}

#[tokio::test]
async fn t12_text_of_the_provider_is_never_markup() -> Outcome<()> {
    let page = after("<script>alert(1)</script>", Some("<img src=x onerror=alert(1)>")).await?;
    assert!(!page.source.contains("<script") && !page.source.contains("onerror"), "{}", page.source);
    Ok(())
}

#[tokio::test]
async fn t12_the_user_can_try_again_with_the_same_link() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut browser = app.browser()?;
    valetkey_testkit::app::leave(&mut browser, &app.link("test", "user").await?).await?;
    let denied = browser.submit("Deny", &[]).await?;
    assert!(denied.text.contains("You chose not to give access"), "{}", denied.text);
    browser.follow("Try again").await?;
    browser.submit("Continue", &[]).await?;
    assert!(browser.submit("Approve", &[]).await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn t54_the_page_names_application_service_account_and_scopes_and_waits_for_the_button() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "alice@app.example").await?;
    let mut browser = app.browser()?;
    let page = browser.get(&link).await?;
    assert_eq!(page.headers.get("refresh"), None);
    for words in [
        "Connect Test provider to Test app",
        "see who you are",
        "read your test data",
        "This link works until",
    ] {
        assert!(page.text.contains(words), "{words} is not in: {}", page.text);
    }
    assert!(!page.text.contains("alice@app.example"), "who finds the link does not learn the user's address");
    assert!(browser.redirects().is_empty());
    assert!(app.provider.provider.requests().is_empty(), "nothing happens before the button");
    Ok(())
}

#[tokio::test]
async fn t55_every_answer_to_a_browser_is_protected() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let path = url::Url::parse(&link)?.path().to_owned();
    let unknown = format!("/connect/{}", "x".repeat(43));
    for path in [
        path.as_str(),
        unknown.as_str(),
        "/connect/done/0",
        "/sso/v1/oauth/x/callback?code=1",
        "/operator/sign-in/x",
    ] {
        let answer = app.send(Request::get(path).body(axum::body::Body::empty())?).await?;
        let header =
            |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!((header("x-frame-options"), header("x-content-type-options")), ("DENY", "nosniff"));
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str()?;
            assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"), "{cookie}");
            assert!(!cookie.contains("Domain="), "{cookie}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn t56_a_key_is_never_shown_again_and_only_a_good_one_is_saved() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection_in(&app.operator(), "key", "TESTKEY").await?;
    let link = app.link("key", "user").await?;
    let mut browser = app.browser()?;
    let form = browser.get(&link).await?.clone();
    assert!(form.source.contains("type=\"password\"") && form.source.contains("autocomplete=\"off\""));
    assert!(!form.source.contains("<script"), "nothing can keep it in the browser");
    let refused = browser.submit("Connect", &[("api_key", "wrong-key-1234")]).await?.clone();
    assert_eq!((refused.status, refused.source.contains("wrong-key-1234")), (422, false));
    assert!(refused.text.contains("did not accept what you entered"), "{}", refused.text);
    assert_eq!(app.account("key", "user").await?["status"], "PENDING_AUTH");
    let good = browser.submit("Connect", &[("api_key", "test-key-good")]).await?.clone();
    assert!(good.title.contains("connected") && !good.source.contains("test-key-good"), "{}", good.title);
    let account = app.account_with_credential("key", "user").await?;
    let details = json!({ "api_key": "test-key-good" });
    assert_eq!(account["authorization_details"]["static_auth"]["details"], details);
    Ok(())
}

#[tokio::test]
async fn t57_names_that_an_operator_or_application_gives_are_text_on_every_page() -> Outcome<()> {
    let app = TestApp::start().await?;
    let hostile = "<svg onload=alert(1)>\"'><script>alert(2)</script>";
    let (environment, _) = match app.another_environment(hostile).await {
        Ok(made) => made,
        Err(refused) => {
            assert!(refused.to_string().contains("name"), "{refused}");
            app.another_environment("plain").await?
        }
    };
    let operator = valetkey_app::Caller::operator(environment.id.clone());
    app.connection_in(&operator, "test", "TESTPROVIDER").await?;
    let address = AccountAddress {
        connector: Some("test".into()),
        identifier: Some(hostile.into()),
        ..AccountAddress::default()
    };
    let link = app.app.create_link(&operator, CreateLink { address, ..CreateLink::default() }).await?;
    let mut browser = app.browser()?;
    let pages = [
        browser.get(link.url.expose()).await?.clone(),
        approve(&mut app.browser()?, link.url.expose(), "bob").await?,
    ];
    for page in pages {
        assert!(!page.source.contains("<svg onload") && !page.source.contains("<script"), "{}", page.source);
    }
    for icon in
        ["javascript:alert(1)", "data:image/svg+xml,<svg onload=alert(1)>", "http://icons.example/x.svg"]
    {
        let body = json!({ "display_name": "Branded", "proxy_url": "https://api.example",
            "icon_src": icon, "auth_patterns": [{ "type": "NO_AUTH" }] });
        let answer = app.call(Method::POST, "/api/v1/custom-providers", Some(body)).await?;
        assert_eq!(answer.status, 400, "{icon}: {}", answer.text);
    }
    Ok(())
}
