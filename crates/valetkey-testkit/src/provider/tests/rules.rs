//! The rules of an authorization server.

use http::{HeaderValue, Method, header};
use serde_json::json;

use super::{
    super::{TEST_CLIENT_ID, TEST_CLIENT_SECRET},
    world::{REDIRECT_URI, World, text},
};
use crate::browser::Browser;

#[tokio::test]
async fn codes_and_access_tokens_run_out() {
    let world = World::new().await;
    let late = world.code().await;
    world.clock.advance(60);
    assert_eq!(world.exchange(&late).await, (400, json!({ "error": "invalid_grant" })));
    let (_, tokens) = world.exchange(&world.code().await).await;
    world.clock.advance(3599);
    assert_eq!(world.me(text(&tokens["access_token"])).await, 200);
    world.clock.advance(1);
    assert_eq!(world.me(text(&tokens["access_token"])).await, 401);
}

#[tokio::test]
async fn a_revoked_grant_opens_nothing_and_an_unknown_token_is_no_error() {
    let world = World::new().await;
    let (_, tokens) = world.exchange(&world.code().await).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(world.post("/revoke", &[("token", token)]).await.0, 200);
    assert_eq!(world.me(text(&tokens["access_token"])).await, 401);
    assert_eq!(world.post("/revoke", &[("token", "unknown")]).await.0, 200);
}

#[tokio::test]
async fn a_registered_redirect_uri_must_match_byte_for_byte() {
    let world = World::new().await;
    world.site.provider.register_client(TEST_CLIENT_ID, Some(TEST_CLIENT_SECRET), &[REDIRECT_URI]);
    let mut browser = Browser::new(None).unwrap();
    assert_eq!(browser.get(&world.authorize_url(&[])).await.unwrap().status, 200);
    for uri in ["http://127.0.0.1:9/callback/", "http://127.0.0.1:9/callback?x=1", "https://evil.example/"] {
        let page = browser.get(&world.authorize_url(&[("redirect_uri", uri)])).await.unwrap();
        assert_eq!((page.status, page.forms.len()), (400, 0), "{uri}");
    }
}

#[tokio::test]
async fn a_request_without_s256_goes_back_with_an_error() {
    let world = World::new().await;
    for change in [("code_challenge_method", "plain"), ("code_challenge", "")] {
        let mut browser = Browser::new(None).unwrap();
        let _ = browser.get(&world.authorize_url(&[change])).await;
        let callback = browser.redirects().last().unwrap();
        assert!(
            callback.as_str().contains("error=invalid_request") && callback.as_str().contains("state=s1")
        );
    }
}

#[tokio::test]
async fn the_consent_page_shows_who_asks_for_what_and_escapes_it() {
    let world = World::new().await;
    let mut browser = Browser::new(None).unwrap();
    let page = browser.get(&world.authorize_url(&[("scope", "read <script>")])).await.unwrap();
    assert!(page.text.contains("test-client asks for access to: read <script>"), "{}", page.text);
    assert!(!page.source.contains("<script>"));
    assert_eq!(
        page.forms[0].field("user").map(|field| field.choices.clone()),
        Some(vec!["alice".into(), "bob".into()])
    );
}

#[tokio::test]
async fn two_ways_of_client_authentication_at_once_are_refused() {
    let world = World::new().await;
    let request = world
        .request(Method::POST, "/token")
        .header(header::AUTHORIZATION, HeaderValue::from_static("Basic dGVzdC1jbGllbnQ6dGVzdC1zZWNyZXQ="))
        .body("application/x-www-form-urlencoded", "client_secret=test-secret&grant_type=refresh_token");
    assert_eq!(world.send(request).await, (400, json!({ "error": "invalid_request" })));
}

#[tokio::test]
async fn the_browser_names_what_a_page_does_not_have() {
    let world = World::new().await;
    let mut browser = Browser::new(None).unwrap();
    assert!(browser.submit("Approve", &[]).await.is_err());
    browser.get(&world.authorize_url(&[])).await.unwrap();
    let button = browser.submit("Agree", &[]).await.unwrap_err().to_string();
    assert!(
        button.contains("\"Agree\"") && button.contains("Approve, Deny") && !button.contains("state"),
        "{button}"
    );
    let field = browser.submit("Approve", &[("usr", "bob")]).await.unwrap_err().to_string();
    assert!(field.contains("\"usr\"") && field.contains("request, user"), "{field}");
    let choice = browser.submit("Approve", &[("user", "mallory")]).await.unwrap_err().to_string();
    assert!(choice.contains("\"mallory\""), "{choice}");
}
