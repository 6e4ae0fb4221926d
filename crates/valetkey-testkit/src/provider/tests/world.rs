//! The provider under test, as a client sees it.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};
use valetkey_core::Timestamp;
use valetkey_provider::egress::{EgressClient, EgressOptions, EgressPolicy, Purpose, Request, Timeouts};

use super::super::{GrantTokens, Rule, TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider, TestProviderHandle};
use crate::{
    app::{SeededEntropy, TestClock},
    browser::Browser,
};

pub(super) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
pub(super) const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

pub(super) struct World {
    pub(super) site: TestProviderHandle,
    pub(super) clock: Arc<TestClock>,
    pub(super) client: EgressClient,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Timeouts::default()).await
    }

    /// A world in which this is done wrong.
    pub(super) async fn misbehaving(rule: impl Into<Rule>) -> Self {
        let world = Self::new().await;
        world.site.provider.misbehave(rule);
        world
    }

    /// A client that soon gives up, where an answer never comes.
    pub(super) async fn impatient() -> Self {
        Self::with(Timeouts { total: Duration::from_millis(100), ..Timeouts::default() }).await
    }

    async fn with(timeouts: Timeouts) -> Self {
        let clock = Arc::new(TestClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let provider = TestProvider::new(Arc::new(SeededEntropy::new(1)), clock.clone());
        let policy = EgressPolicy::public_only().allow(Purpose::Api, "127.0.0.1".parse().unwrap());
        let client =
            EgressClient::new(EgressOptions { policy, timeouts, ..EgressOptions::default() }).unwrap();
        Self { site: provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap(), clock, client }
    }

    pub(super) fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
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

    /// Where the browser of bob is sent after he has approved.
    pub(super) async fn callback(&self) -> Url {
        let mut browser = Browser::new(None).unwrap();
        browser.get(&self.authorize_url(&[])).await.unwrap();
        let _ = browser.submit("Approve", &[("user", "bob")]).await;
        browser.redirects().last().unwrap().clone()
    }

    pub(super) async fn code(&self) -> String {
        code_in(&self.callback().await).expect("a code")
    }

    /// Sends a request; nothing where the connection broke off.
    pub(super) async fn try_send(&self, request: Request) -> Option<Seen> {
        let answer = self.client.send(request).await.ok()?.into_answer();
        Some(Seen {
            status: answer.status.as_u16(),
            headers: answer.headers,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        })
    }

    pub(super) async fn send(&self, request: Request) -> (u16, Value) {
        let seen = self.try_send(request).await.unwrap();
        (seen.status, seen.json())
    }

    /// A form of the registered client.
    pub(super) fn form(&self, path: &str, parameters: &[(&str, &str)]) -> Request {
        let client = [("client_id", TEST_CLIENT_ID), ("client_secret", TEST_CLIENT_SECRET)];
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(client)
            .extend_pairs(parameters)
            .finish();
        self.request(Method::POST, path).body("application/x-www-form-urlencoded", form)
    }

    pub(super) fn request(&self, method: Method, path: &str) -> Request {
        let url = Url::parse(&format!("{}{path}", self.site.base_url)).unwrap();
        Request::new(Purpose::Api, method, url)
    }

    pub(super) async fn post(&self, path: &str, parameters: &[(&str, &str)]) -> (u16, Value) {
        self.send(self.form(path, parameters)).await
    }

    pub(super) async fn exchange(&self, code: &str) -> (u16, Value) {
        let seen = self.try_exchange(code).await.unwrap();
        (seen.status, seen.json())
    }

    pub(super) async fn try_exchange(&self, code: &str) -> Option<Seen> {
        let verifier = [("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)];
        let parameters = [&[("grant_type", "authorization_code"), ("code", code)], &verifier[..]].concat();
        self.try_send(self.form("/token", &parameters)).await
    }

    pub(super) async fn refresh(&self, token: &str) -> (u16, Value) {
        let seen = self.try_refresh(token).await.unwrap();
        (seen.status, seen.json())
    }

    /// Nothing where the connection broke off.
    pub(super) async fn try_refresh(&self, token: &str) -> Option<Seen> {
        let parameters = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.try_send(self.form("/token", &parameters)).await
    }

    /// The status of an API call with an access token.
    pub(super) async fn me(&self, token: &str) -> u16 {
        self.get("/api/me", token).await.status
    }

    /// The answer to a request with a bearer token.
    pub(super) async fn get(&self, path: &str, token: &str) -> Seen {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        let request = self.request(Method::GET, path).header(header::AUTHORIZATION, value);
        self.try_send(request).await.unwrap()
    }

    /// Asks the control API.
    pub(super) async fn control(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.request(method, &format!("/_control{path}"));
        self.send(request.body("application/json", body.to_string())).await
    }

    /// A grant of alice.
    pub(super) fn grant(&self) -> GrantTokens {
        self.site.provider.issue_grant(TEST_CLIENT_ID, "alice", &["read", "write"])
    }
}

/// The code in a callback.
pub(super) fn code_in(callback: &Url) -> Option<String> {
    callback.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned())
}

/// An answer.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body, where it is JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// A member of an answer that is text.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
