//! The authorization request.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::json;
use url::Url;
use valetkey_app::connection::{ConnectionConfig, CreateConnection};
use valetkey_core::connector::{AuthScheme, Field, FieldFormat, Pkce};
use valetkey_testkit::app::{Outcome, TestApp, leave};

fn query(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// A value that the field accepts.
fn plausible(field: &Field) -> String {
    match (field.options.first(), field.format) {
        (Some(option), _) => option.value.clone(),
        (None, FieldFormat::Email) => "user@acme.example".into(),
        (None, FieldFormat::Hostname) if field.host_suffix.is_none() => "acme.example".into(),
        (None, _) => "acme".into(),
    }
}

#[tokio::test]
async fn t01_every_oauth_connector_sends_a_code_challenge_with_s256() -> Outcome<()> {
    let app = TestApp::start().await?;
    let operator = app.operator();
    let mut seen = 0;
    for connector in app.app.registry().iter() {
        let AuthScheme::Oauth2(oauth2) = &connector.auth else { continue };
        let fields = connector.connection_fields.iter().map(|field| (field.name.clone(), plausible(field)));
        let config = ConnectionConfig {
            client_id: Some("client".into()),
            fields: fields.collect(),
            ..ConnectionConfig::default()
        };
        let request = CreateConnection {
            provider_key: connector.provider_key.clone(),
            name: Some(connector.slug.clone()),
            config,
            ..CreateConnection::default()
        };
        app.app.create_connection(&operator, request).await?;
        let mut browser = app.browser()?;
        browser.get(&app.link(&connector.slug, "user").await?).await?;
        browser.stop_before(Some("://"));
        let given: Vec<_> =
            connector.account_fields.iter().map(|field| (field.name.as_str(), plausible(field))).collect();
        let given: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.submit("Continue", &given).await?;
        let url = browser.redirects().first().ok_or_else(|| format!("{}: no request", connector.slug))?;
        let query = query(url);
        match &oauth2.authorization.pkce {
            Pkce::S256 => {
                assert_eq!(query["code_challenge_method"], "S256", "{url}");
                assert_eq!(query["code_challenge"].len(), 43, "{url}");
            }
            Pkce::Disabled(reason) => assert!(!reason.is_empty(), "{}", connector.slug),
        }
        let loopback = url.host_str() == Some("127.0.0.1");
        assert!(url.scheme() == "https" || loopback, "{url}");
        assert!(query["state"].len() >= 43, "{url}");
        seen += 1;
    }
    assert!(seen >= 18, "only {seen} OAuth connectors");
    Ok(())
}

#[tokio::test]
async fn t02_states_and_verifiers_have_256_bits_and_none_repeats_or_follows_from_another() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut texts = BTreeSet::new();
    for number in 0..20 {
        let link = app.link("test", &format!("user-{number}")).await?;
        let mut arrived = app.arrive(&link, "alice").await?;
        assert_eq!(arrived.deliver().await?.status, 200);
        let request = app.provider.provider.token_requests().pop().ok_or("no token request")?;
        let verifier = request.parameter("code_verifier").ok_or("no verifier")?;
        let state = arrived.parameter("state");
        for text in [verifier, state] {
            assert_eq!(text.len(), 43);
            assert!(texts.insert(text));
        }
    }
    assert_eq!(texts.len(), 40);
    Ok(())
}

#[tokio::test]
async fn t07_the_redirect_uri_is_the_registered_one_byte_for_byte() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    let shown = app.call(Method::GET, &format!("/api/v1/connections/{}", connection.id), None).await?.json();
    let registered = shown["connection"]["oauth_config"]["redirect_uri"].as_str().ok_or("no redirect URI")?;
    assert_eq!(registered, format!("{}/sso/v1/oauth/{}/callback", app.url, connection.id));
    app.provider.provider.register_client("test-client", Some("test-secret"), &[registered]);
    let mut arrived = app.arrive(&app.link("test", "user").await?, "alice").await?;
    assert_eq!(query(&arrived.authorization)["redirect_uri"], registered);
    assert!(arrived.callback.as_str().starts_with(&format!("{registered}?")));
    arrived.deliver().await?;
    let request = app.provider.provider.token_requests().pop().ok_or("no token request")?;
    assert_eq!(request.parameter("redirect_uri").as_deref(), Some(registered));
    Ok(())
}

#[tokio::test]
async fn t10_an_endpoint_is_https_or_on_loopback() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    let path = format!("/api/v1/connections/{}", connection.id);
    for wrong in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "myapp://authorize",
        "http://provider.example/authorize",
        "https://user:password@provider.example/authorize",
        "//provider.example/authorize",
    ] {
        for field in ["authorize_uri", "token_uri", "user_info_uri"] {
            let body = json!({ "oauth_config": { field: wrong } });
            let answer = app.call(Method::PATCH, &path, Some(body)).await?;
            assert_eq!(answer.status, 400, "{field} {wrong}: {}", answer.text);
            assert!(answer.text.contains(field), "{}", answer.text);
        }
    }
    let authorization = leave(&mut app.browser()?, &app.link("test", "user").await?).await?;
    assert!(authorization.as_str().starts_with(&app.provider.base_url), "nothing was stored");
    Ok(())
}

#[tokio::test]
async fn parameters_of_the_protocol_cannot_be_set_on_a_connection() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    let path = format!("/api/v1/connections/{}", connection.id);
    for name in ["state", "redirect_uri", "code_challenge", "code_challenge_method", "response_type"] {
        let body = json!({ "oauth_config": { "extensions": { "extra_authorize_params": { name: "x" } } } });
        let answer = app.call(Method::PATCH, &path, Some(body)).await?;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text);
    }
    let off = json!({ "oauth_config": { "pkce_enabled": false } });
    assert_eq!(app.call(Method::PATCH, &path, Some(off)).await?.status, 400);
    Ok(())
}
