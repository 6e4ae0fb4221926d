//! Pushed authorization requests, and grants that are not offered.

use valetkey_testkit::{
    app::{Outcome, TestApp, TestAppOptions, approve, leave},
    provider::Misbehaviour,
};

/// The test provider under another name, with a change to its definition.
fn variant(from: &str, to: &str) -> (String, String) {
    let file = "testvariant/connector.yaml".to_owned();
    let text = include_str!("../../../../connectors/testprovider/connector.yaml");
    let text = text.replace("slug: testprovider", "slug: testvariant").replace("TESTPROVIDER", "TESTVARIANT");
    assert!(text.contains(from), "the definition has changed");
    (file, text.replacen(from, to, 1))
}

const AUTHORIZE: &str = "      url: http://127.0.0.1:8444/authorize\n";

fn pushed() -> TestAppOptions {
    let with = format!("{AUTHORIZE}      pushed: {{url: \"http://127.0.0.1:8444/par\", required: true}}\n");
    TestAppOptions { connectors: vec![variant(AUTHORIZE, &with)], ..TestAppOptions::default() }
}

#[tokio::test]
async fn t14_a_pushed_request_shows_the_browser_a_reference_only() -> Outcome<()> {
    let app = TestApp::with(pushed()).await?;
    app.connection_in(&app.operator(), "pushed", "TESTVARIANT").await?;
    let mut browser = app.browser()?;
    let url = leave(&mut browser, &app.link("pushed", "user").await?).await?;
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    let requests = app.provider.provider.requests();
    let pushed = requests.iter().find(|request| request.path == "/par").ok_or("nothing was pushed")?;
    assert_eq!(pushed.parameter("code_challenge_method").as_deref(), Some("S256"));
    assert!(browser.submit("Approve", &[]).await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn t14_a_push_that_fails_ends_the_attempt_and_never_falls_back() -> Outcome<()> {
    let app = TestApp::with(pushed()).await?;
    app.connection_in(&app.operator(), "pushed", "TESTVARIANT").await?;
    let link = app.link("pushed", "user").await?;
    for status in [400, 401, 404, 500, 503] {
        app.provider.provider.misbehave(Misbehaviour::PushedError { status });
        let mut browser = app.browser()?;
        browser.get(&link).await?;
        let page = browser.submit("Continue", &[]).await?;
        assert!(page.status >= 400 && page.url.as_str().starts_with(&app.url), "{status}: {}", page.title);
        app.provider.provider.behave();
    }
    assert!(app.provider.provider.requests().iter().all(|request| request.path != "/authorize"));
    assert!(approve(&mut app.browser()?, &link, "alice").await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn t09_a_connector_with_an_implicit_or_password_grant_keeps_the_server_from_starting() {
    let token = "    token:\n";
    for (from, to, path) in [
        (AUTHORIZE, format!("{AUTHORIZE}      response_type: token\n"), "response_type"),
        (AUTHORIZE, format!("{AUTHORIZE}      response_type: code id_token token\n"), "response_type"),
        (token, format!("{token}      grant_type: password\n"), "grant_type"),
        (token, format!("{token}      grant_type: implicit\n"), "grant_type"),
    ] {
        let connectors = vec![variant(from, &to)];
        let refused = TestApp::with(TestAppOptions { connectors, ..TestAppOptions::default() }).await;
        let error = refused.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(path) && error.contains("RFC 9700"), "{error}");
    }
}
