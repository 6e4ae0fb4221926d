//! Where there is no answer of the provider, the error says whose it is and what to do.

use axum::body::Body;
use http::{Method, Request, header::AUTHORIZATION};
use valetkey_app::client::CreateClient;
use valetkey_testkit::app::{Outcome, TestApp};

use super::{code, get, header, to, with_alice};
use crate::fresh::world::World;

#[tokio::test]
async fn our_own_401_is_told_apart_from_that_of_the_provider() -> Outcome<()> {
    let world = with_alice().await?;
    for token in [None, Some("Bearer wrong"), Some("Basic dGVzdA==")] {
        let mut request = Request::builder().uri("/proxy/api/me").header("connection_name", "test");
        request = request.header("identifier", "alice");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
        }
        let answer = world.app.send(request.body(Body::empty())?).await?;
        assert_eq!(code(&answer), (401, "UNAUTHENTICATED".into()));
        assert_eq!(header(&answer, "x-valetkey-error-source"), Some("valetkey"));
        assert!(header(&answer, "x-valetkey-execution-id").is_some_and(|id| id.starts_with("exec_")));
    }
    assert!(world.provider.requests().iter().all(|request| request.path != "/api/me"));
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_not_active_is_a_400_with_reason_and_a_way_back() -> Outcome<()> {
    let world = World::new().await?;
    world.app.link("test", "alice").await?;
    let answer = get(&world.app, "/api/me").await?;
    assert_eq!(code(&answer), (400, "ACCOUNT_NOT_ACTIVE".into()));
    assert!(answer.text.contains("authorization link"), "{}", answer.text);
    let link = &answer.json()["details"][0]["help_info"]["links"][0]["url"];
    assert_eq!(*link, format!("{}/api/v1/connected_accounts/magic_link", world.app.url));
    Ok(())
}

#[tokio::test]
async fn an_account_must_be_named_and_known() -> Outcome<()> {
    let world = with_alice().await?;
    let ask = async |headers: &[(&str, &str)]| -> Outcome<(u16, String)> {
        let token = format!("Bearer {}", world.app.token.expose());
        let mut request = Request::builder().uri("/proxy/api/me").header(AUTHORIZATION, token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Ok(code(&world.app.send(request.body(Body::empty())?).await?))
    };
    assert_eq!(ask(&[]).await?, (400, "INVALID_ARGUMENT".into()));
    assert_eq!(ask(&[("connection_name", "test")]).await?, (400, "INVALID_ARGUMENT".into()));
    assert_eq!(ask(&[("identifier", "alice")]).await?, (400, "INVALID_ARGUMENT".into()));
    let unknown = [("connection_name", "test"), ("identifier", "carol")];
    assert_eq!(ask(&unknown).await?, (404, "RESOURCE_NOT_FOUND".into()));
    let unknown = [("connection_name", "other"), ("identifier", "alice")];
    assert_eq!(ask(&unknown).await?, (404, "RESOURCE_NOT_FOUND".into()));
    Ok(())
}

#[tokio::test]
async fn an_account_of_another_environment_is_not_found() -> Outcome<()> {
    let world = with_alice().await?;
    let (_, token) = world.app.another_environment("other").await?;
    let id = world.app.account("test", "alice").await?["id"].as_str().unwrap_or_default().to_owned();
    let named: [&[(&str, &str)]; 2] =
        [&[("connected_account_id", &id)], &[("connection_name", "test"), ("identifier", "alice")]];
    for headers in named {
        let mut request = Request::builder().uri("/proxy/api/me");
        request = request.header(AUTHORIZATION, format!("Bearer {}", token.expose()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = world.app.send(request.body(Body::empty())?).await?;
        assert_eq!(code(&answer), (404, "RESOURCE_NOT_FOUND".into()));
    }
    Ok(())
}

#[tokio::test]
async fn the_permission_to_execute_tools_is_needed() -> Outcome<()> {
    let world = with_alice().await?;
    let request = CreateClient {
        environment: world.app.environment.id.clone(),
        name: "reader".into(),
        permissions: vec!["connected_accounts:read".into()],
    };
    let client = world.app.app.create_client(request).await?.client;
    let token = world.app.app.issue_token(&client).await?.access_token;
    let mut request = to(&world.app, Method::GET, "/api/me");
    if let Some(headers) = request.headers_mut() {
        headers.insert(AUTHORIZATION, format!("Bearer {}", token.expose()).parse()?);
    }
    let answer = world.app.send(request.body(Body::empty())?).await?;
    assert_eq!(code(&answer), (403, "PERMISSION_DENIED".into()));
    assert!(answer.text.contains("tools:execute"), "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn a_provider_that_is_away_is_a_503_and_one_that_is_silent_a_504() -> Outcome<()> {
    let world = with_alice().await?;
    let elsewhere = "auth: {oauth2: {identity: null}}\napi: {base_url: \"http://127.0.0.1:9\"}";
    let away = World::defined(elsewhere).await?;
    away.connect("alice").await?;
    let answer = get(&away.app, "/anything").await?;
    assert_eq!(code(&answer), (503, "PROVIDER_UNREACHABLE".into()));
    let short = valetkey_core::settings::AccountSettings { timeout: Some(1), ..Default::default() };
    super::set(&world, short).await?;
    let feed = world.provider.feed_events();
    let answer = get(&world.app, "/api/silence").await?;
    assert_eq!(code(&answer), (504, "PROVIDER_TIMEOUT".into()));
    drop(feed);
    Ok(())
}

#[tokio::test]
async fn a_path_beside_the_proxy_is_not_proxied() -> Outcome<()> {
    let app = TestApp::start().await?;
    let request = Request::builder().uri("/proxyapi/me").body(Body::empty())?;
    assert_eq!(app.send(request).await?.status, 404);
    Ok(())
}
