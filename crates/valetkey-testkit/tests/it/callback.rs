//! The browser comes back: once, in the browser that started, in time, from the issuer that was asked.

use serde_json::Value;
use url::Url;
use valetkey_app::link::CreateLink;
use valetkey_app::{Caller, account::AccountAddress, connection::UpdateConnection};
use valetkey_testkit::{
    app::{Outcome, SeededEntropy, TestApp, approve, leave},
    browser::{Browser, Page},
    provider::{Misbehaviour, TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider},
};

fn token_calls(app: &TestApp) -> usize {
    app.provider.provider.token_requests().len()
}

fn refusals(journal: &[(String, Value)]) -> Vec<&str> {
    let refused = journal.iter().filter(|(kind, _)| kind == "callback.refused");
    refused.filter_map(|(_, details)| details["reason"].as_str()).collect()
}

#[tokio::test]
async fn t03_a_state_works_once_and_the_second_callback_is_journalled() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut arrived = app.arrive(&app.link("test", "user").await?, "alice").await?;
    assert!(arrived.deliver().await?.title.contains("connected"));
    let account = app.account_with_credential("test", "user").await?;
    let second = arrived.deliver().await?;
    assert_eq!((second.status, second.title.contains("already done")), (409, true), "{}", second.title);
    assert_eq!(token_calls(&app), 1);
    assert_eq!(app.account_with_credential("test", "user").await?, account);
    assert_eq!(refusals(&app.journal(&account).await?), ["state_spent"]);
    Ok(())
}

#[tokio::test]
async fn t03_of_two_callbacks_at_once_one_is_let_in() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let arrived = app.arrive(&app.link("test", "user").await?, "alice").await?;
    let url = Url::parse(&app.url)?;
    let cookie = arrived.browser.cookie(&url, "vk_browser").ok_or("no cookie")?;
    let request = || {
        http::Request::get(arrived.callback.as_str())
            .header("cookie", format!("vk_browser={cookie}"))
            .body(axum::body::Body::empty())
    };
    let answers = tokio::join!(app.send(request()?), app.send(request()?), app.send(request()?));
    assert!([&answers.0, &answers.1, &answers.2].iter().all(|answer| answer.is_ok()));
    assert_eq!(token_calls(&app), 1);
    let account = app.account("test", "user").await?;
    assert_eq!(account["status"], "ACTIVE");
    assert_eq!(refusals(&app.journal(&account).await?), ["state_spent", "state_spent"]);
    Ok(())
}

#[tokio::test]
async fn t04_a_callback_in_a_browser_without_or_with_another_cookie_is_refused() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut arrived = app.arrive(&app.link("test", "user").await?, "alice").await?;
    let without = app.browser()?;
    let mut other = app.browser()?;
    leave(&mut other, &app.link("test", "other").await?).await?;
    for mut wrong in [without, other] {
        let page = wrong.get(arrived.callback.as_str()).await?;
        assert_eq!((page.status, page.title.contains("another browser")), (403, true), "{}", page.title);
    }
    assert_eq!(token_calls(&app), 0);
    let account = app.account("test", "user").await?;
    assert_eq!(account["status"], "PENDING_AUTH");
    assert_eq!(refusals(&app.journal(&account).await?), ["wrong_browser", "wrong_browser"]);
    assert!(arrived.deliver().await?.title.contains("connected"), "the right browser is not locked out");
    Ok(())
}

#[tokio::test]
async fn t05_a_state_of_one_environment_does_nothing_in_another() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let (other, _) = app.another_environment("other").await?;
    let operator = Caller::operator(other.id.clone());
    let theirs = app.connection_in(&operator, "test", "TESTPROVIDER").await?;
    let mut arrived = app.arrive(&app.link("test", "user").await?, "alice").await?;

    let address = AccountAddress {
        connector: Some("test".into()),
        identifier: Some("user".into()),
        ..AccountAddress::default()
    };
    let link = app.app.create_link(&operator, CreateLink { address, ..CreateLink::default() }).await?;
    let mut session = app.browser()?;
    leave(&mut session, link.url.expose()).await?;
    assert_eq!(session.get(arrived.callback.as_str()).await?.status, 403, "session of the other environment");

    let mut moved = arrived.callback.clone();
    moved.set_path(&format!("/sso/v1/oauth/{}/callback", theirs.id));
    for browser in [&mut session, &mut arrived.browser] {
        browser.stop_before(None);
        let page = browser.get(moved.as_str()).await?;
        assert_eq!((page.status, page.title.contains("do not recognize")), (400, true), "{}", page.title);
    }
    assert_eq!(token_calls(&app), 0);
    Ok(())
}

async fn with_issuer(wrong: Misbehaviour, denied: bool) -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    app.provider.provider.misbehave(wrong.clone());
    if denied {
        let (error, description) = ("access_denied".into(), None);
        app.provider.provider.misbehave(Misbehaviour::DenyConsent { error, description });
    }
    let page = approve(&mut app.browser()?, &link, "alice").await?;
    let refused = (400, true);
    assert_eq!((page.status, page.title.contains("wrong place")), refused, "{wrong:?}: {}", page.title);
    assert_eq!(token_calls(&app), 0);
    assert_eq!(app.account("test", "user").await?["status"], "PENDING_AUTH");
    app.provider.provider.behave();
    assert!(approve(&mut app.browser()?, &link, "alice").await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn t06_a_callback_without_the_announced_issuer_is_refused_before_any_token_request() -> Outcome<()> {
    with_issuer(Misbehaviour::NoIss, false).await
}

#[tokio::test]
async fn t06_a_callback_of_another_issuer_is_refused_before_any_token_request() -> Outcome<()> {
    with_issuer(Misbehaviour::WrongIss, false).await
}

#[tokio::test]
async fn t06_the_issuer_counts_on_errors_too() -> Outcome<()> {
    with_issuer(Misbehaviour::NoIss, true).await?;
    with_issuer(Misbehaviour::WrongIss, true).await
}

#[tokio::test]
async fn t07_a_callback_takes_the_browser_nowhere_else() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut arrived = app.arrive(&app.link("test", "user").await?, "alice").await?;
    for name in ["redirect_uri", "return_url", "next", "url", "RelayState", "post_login_redirect"] {
        arrived.callback.query_pairs_mut().append_pair(name, "https://evil.example/");
    }
    let page = arrived.deliver().await?;
    assert_eq!(page.status, 200);
    assert!(arrived.browser.redirects().iter().all(|url| url.as_str().starts_with(&app.url)));
    assert!(!page.source.contains("evil.example"));
    Ok(())
}

#[tokio::test]
async fn t13_a_late_callback_fails_safely_and_the_link_can_be_tried_again() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut arrived = app.arrive(&link, "alice").await?;
    app.clock.advance(15 * 60);
    let page = arrived.deliver().await?;
    assert_eq!((page.status, page.title.contains("took too long")), (410, true), "{}", page.title);
    assert_eq!(
        (token_calls(&app), app.account("test", "user").await?["status"].as_str()),
        (0, Some("PENDING_AUTH"))
    );
    assert!(approve(&mut app.browser()?, &link, "alice").await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn t13_flows_nobody_came_back_from_are_swept() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut arrived = app.arrive(&app.link("test", "user").await?, "alice").await?;
    app.clock.advance(15 * 60 - 1);
    assert_eq!(app.app.sweep().await?, 0);
    app.clock.advance(1);
    assert_eq!((app.app.sweep().await?, app.app.sweep().await?), (1, 0));
    let account = app.account("test", "user").await?;
    let ended = app
        .journal(&account)
        .await?
        .into_iter()
        .any(|(kind, details)| kind == "flow.ended" && details["outcome"] == "expired");
    assert!(ended);
    assert!(arrived.deliver().await?.title.contains("took too long"));
    assert_eq!(token_calls(&app), 0);
    Ok(())
}

#[tokio::test]
async fn a_newer_attempt_takes_over_from_an_older_one() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut first = app.arrive(&link, "alice").await?;
    let mut second = app.arrive(&link, "bob").await?;
    assert!(first.deliver().await?.title.contains("started again elsewhere"));
    assert_eq!(token_calls(&app), 0);
    let page = second.deliver().await?;
    assert!(page.text.contains("bob@example.test"), "{}", page.text);
    Ok(())
}

/// The page that `browser` gets for the callback of one connection with the query of another.
async fn swapped(browser: &mut Browser, path: &Url, query: &Url) -> Outcome<Page> {
    let mut url = path.clone();
    url.set_query(query.query());
    browser.stop_before(None);
    Ok(browser.get(url.as_str()).await?.clone())
}

#[tokio::test]
async fn t15_swapped_callbacks_of_two_providers_send_no_code_anywhere() -> Outcome<()> {
    let app = TestApp::start().await?;
    let second = TestProvider::new(std::sync::Arc::new(SeededEntropy::new(99)), app.clock.clone());
    second.register_client(TEST_CLIENT_ID, Some(&format!("{TEST_CLIENT_SECRET}-2")), &[]);
    let second = second.spawn(([127, 0, 0, 1], 0).into()).await?;
    app.connection("one").await?;
    let two = app.connection("two").await?;
    let base = second.base_url.clone();
    let change = UpdateConnection {
        name: None,
        change: Box::new(move |config, secrets| {
            // It goes to another place now, so that it has to be given again.
            secrets.client_secret = Some(format!("{TEST_CLIENT_SECRET}-2").into());
            config.authorize_uri = Some(format!("{base}/authorize"));
            config.token_uri = Some(format!("{base}/token"));
            config.user_info_uri = Some(format!("{base}/userinfo"));
            Ok(())
        }),
    };
    app.app.update_connection(&app.operator(), two.id.as_str(), change).await?;

    let mut browser = app.browser()?;
    let mut callbacks = vec![];
    for connector in ["one", "two"] {
        browser.stop_before(None);
        leave(&mut browser, &app.link(connector, "user").await?).await?;
        browser.stop_before(Some("/sso/v1/oauth/"));
        browser.submit("Approve", &[]).await?;
        callbacks.push(browser.redirects().last().ok_or("no callback")?.clone());
    }
    for (path, query) in [(0, 1), (1, 0)] {
        let page = swapped(&mut browser, &callbacks[path], &callbacks[query]).await?;
        assert_eq!(page.status, 400, "{}", page.title);
    }
    assert_eq!((token_calls(&app), second.provider.token_requests().len()), (0, 0));
    for callback in &callbacks {
        assert_eq!(browser.get(callback.as_str()).await?.status, 200, "each still works at its own place");
    }
    assert_eq!((token_calls(&app), second.provider.token_requests().len()), (1, 1));
    Ok(())
}
