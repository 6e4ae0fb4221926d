//! The test provider keeps the rules that it is there to check others by.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};
use valetkey_core::Timestamp;
use valetkey_provider::egress::{EgressClient, EgressOptions, EgressPolicy, Purpose, Request};

use super::{TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider, TestProviderHandle};
use crate::{
    app::{SeededEntropy, TestClock},
    browser::Browser,
};

const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

struct World {
    site: TestProviderHandle,
    clock: Arc<TestClock>,
    client: EgressClient,
}

impl World {
    async fn new() -> Self {
        let clock = Arc::new(TestClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let provider = TestProvider::new(Arc::new(SeededEntropy::new(1)), clock.clone());
        let policy = EgressPolicy::public_only().allow(Purpose::Api, "127.0.0.1".parse().unwrap());
        let client = EgressClient::new(EgressOptions { policy, ..EgressOptions::default() }).unwrap();
        Self { site: provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap(), clock, client }
    }

    fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut parameters = BTreeMap::from([
            ("response_type", "code"),
            ("client_id", TEST_CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "read write"),
            ("state", "s1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]);
        parameters.extend(changes.iter().copied());
        Url::parse_with_params(&format!("{}/authorize", self.site.base_url), parameters).unwrap().into()
    }

    async fn code(&self) -> String {
        let mut browser = Browser::new(None).unwrap();
        browser.get(&self.authorize_url(&[])).await.unwrap();
        let _ = browser.submit("Approve", &[("user", "bob")]).await;
        let callback = browser.redirects().last().unwrap();
        let found =
            callback.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
        found.expect("a code")
    }

    async fn send(&self, request: Request) -> (u16, Value) {
        let answer = self.client.send(request).await.unwrap().into_answer();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn post(&self, path: &str, parameters: &[(&str, &str)]) -> (u16, Value) {
        let client = [("client_id", TEST_CLIENT_ID), ("client_secret", TEST_CLIENT_SECRET)];
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(client)
            .extend_pairs(parameters)
            .finish();
        let url = Url::parse(&format!("{}{path}", self.site.base_url)).unwrap();
        let request = Request::new(Purpose::Api, Method::POST, url);
        self.send(request.body("application/x-www-form-urlencoded", form)).await
    }

    async fn exchange(&self, code: &str) -> (u16, Value) {
        let verifier = [("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)];
        self.post(
            "/token",
            &[&[("grant_type", "authorization_code"), ("code", code)], &verifier[..]].concat(),
        )
        .await
    }

    async fn refresh(&self, token: &Value) -> (u16, Value) {
        let token = token.as_str().unwrap();
        self.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn me(&self, token: &Value) -> u16 {
        let url = Url::parse(&format!("{}/api/me", self.site.base_url)).unwrap();
        let value = HeaderValue::from_str(&format!("Bearer {}", token.as_str().unwrap())).unwrap();
        self.send(Request::new(Purpose::Api, Method::GET, url).header(header::AUTHORIZATION, value)).await.0
    }
}

#[tokio::test]
async fn a_refresh_rotates_and_the_reuse_of_a_spent_token_revokes_the_family() {
    let world = World::new().await;
    let (_, first) = world.exchange(&world.code().await).await;
    let (status, second) = world.refresh(&first["refresh_token"]).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(world.me(&second["access_token"]).await, 200);
    assert_eq!(world.refresh(&first["refresh_token"]).await, (400, json!({ "error": "invalid_grant" })));
    assert_eq!(world.me(&second["access_token"]).await, 401);
    assert_eq!(world.refresh(&second["refresh_token"]).await.0, 400);
}

#[tokio::test]
async fn codes_and_access_tokens_run_out() {
    let world = World::new().await;
    let late = world.code().await;
    world.clock.advance(60);
    assert_eq!(world.exchange(&late).await, (400, json!({ "error": "invalid_grant" })));
    let (_, tokens) = world.exchange(&world.code().await).await;
    world.clock.advance(3599);
    assert_eq!(world.me(&tokens["access_token"]).await, 200);
    world.clock.advance(1);
    assert_eq!(world.me(&tokens["access_token"]).await, 401);
}

#[tokio::test]
async fn a_revoked_grant_opens_nothing_and_an_unknown_token_is_no_error() {
    let world = World::new().await;
    let (_, tokens) = world.exchange(&world.code().await).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(world.post("/revoke", &[("token", token)]).await.0, 200);
    assert_eq!(world.me(&tokens["access_token"]).await, 401);
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
    let url = Url::parse(&format!("{}/token", world.site.base_url)).unwrap();
    let request = Request::new(Purpose::Api, Method::POST, url)
        .header(header::AUTHORIZATION, HeaderValue::from_static("Basic dGVzdC1jbGllbnQ6dGVzdC1zZWNyZXQ="))
        .body("application/x-www-form-urlencoded", "client_secret=test-secret&grant_type=refresh_token");
    assert_eq!(world.send(request).await, (400, json!({ "error": "invalid_request" })));
}

#[tokio::test]
async fn the_control_api_sets_and_ends_misbehaviour() {
    let world = World::new().await;
    let control = async |body: &'static str| {
        let url = Url::parse(&format!("{}/_control", world.site.base_url)).unwrap();
        world.send(Request::new(Purpose::Api, Method::POST, url).body("application/json", body)).await.0
    };
    assert_eq!(control(r#"{"misbehave":["wrong_iss",{"token_server_error":{"status":503}}]}"#).await, 204);
    assert_eq!(world.post("/token", &[]).await.0, 503);
    assert_eq!(control(r#"{"misbehave":["no_such_thing"]}"#).await, 422);
    assert_eq!(control(r#"{"misbehave":[]}"#).await, 204);
    assert_eq!(world.post("/token", &[]).await, (400, json!({ "error": "invalid_request" })));
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
