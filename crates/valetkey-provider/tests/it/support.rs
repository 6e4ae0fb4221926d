//! A world with one test provider, one client and a clock that stands still.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use valetkey_core::{
    Clock, Entropy, Secret, Timestamp,
    connector::{Api, ClientAuthentication, Oauth2, Placement},
    credential::Credential,
    scope::ScopeSet,
};
use valetkey_provider::{
    Access, Fields, Provider, ProviderOptions,
    egress::{EgressPolicy, Timeouts},
    oauth::{
        AuthorizationInput, AuthorizationRequest, CodeExchange, OauthClient, TokenError, TokenGrant,
        callback_state, read_callback,
    },
};
use valetkey_testkit::{
    browser::Browser,
    provider::{TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider, TestProviderHandle},
};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Nothing listens here: the browser stops with this address as its last redirect.
pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

pub(crate) struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

#[derive(Default)]
pub(crate) struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let next = self.0.fetch_add(1, Ordering::Relaxed);
        for (byte, value) in bytes.iter_mut().zip(next.to_le_bytes().into_iter().cycle()) {
            *byte = value;
        }
    }
}

pub(crate) struct World {
    pub(crate) site: TestProviderHandle,
    pub(crate) provider: Provider,
    pub(crate) secret: Secret,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) fields: Fields,
}

/// What an authorization leaves behind for the exchange.
pub(crate) struct Authorized {
    pub(crate) request: AuthorizationRequest,
    pub(crate) query: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Timeouts::default()).await
    }

    pub(crate) async fn with(timeouts: Timeouts) -> Self {
        let entropy = Arc::new(CountingEntropy::default());
        let clock = Arc::new(StandingClock);
        let provider = TestProvider::new(entropy.clone(), clock.clone());
        let site = provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let policy = EgressPolicy::public_only().allow_everywhere(&"127.0.0.0/8".parse().unwrap());
        let options = ProviderOptions { policy, timeouts, ..ProviderOptions::default() };
        Self {
            site,
            provider: Provider::new(options, entropy, clock).unwrap(),
            secret: Secret::from(TEST_CLIENT_SECRET),
            authentication: ClientAuthentication::ClientSecretPost,
            fields: Fields::new(),
        }
    }

    /// The definition of the test provider, changed by a JSON merge patch.
    pub(crate) fn oauth2(&self, patch: Value) -> Oauth2 {
        let base = &self.site.base_url;
        let mut definition = json!({
            "authorization": { "url": format!("{base}/authorize"), "issuer": base },
            "token": { "url": format!("{base}/token") },
            "identity": { "url": format!("{base}/userinfo"), "account_id": "/sub", "email": "/email" },
        });
        merge(&mut definition, patch);
        serde_json::from_value(definition).unwrap()
    }

    pub(crate) fn api(&self) -> Api {
        serde_json::from_value(json!({
            "base_url": format!("{}/api", self.site.base_url),
            "check": { "path": "/key-check", "refused": [401] },
        }))
        .unwrap()
    }

    pub(crate) fn client(&self) -> OauthClient<'_> {
        OauthClient {
            client_id: TEST_CLIENT_ID,
            client_secret: Some(&self.secret),
            authentication: self.authentication,
        }
    }

    pub(crate) async fn request(&self, oauth2: &Oauth2) -> AuthorizationRequest {
        let scopes = ["read", "write"].into_iter().collect();
        let input = AuthorizationInput {
            oauth2,
            client: self.client(),
            redirect_uri: REDIRECT_URI,
            scopes: &scopes,
            secondary_scopes: &ScopeSet::default(),
            parameters: &Fields::new(),
            fields: &self.fields,
            state: None,
        };
        self.provider.authorization_request(input).await.unwrap()
    }

    /// Lets the user press `button` on the consent page; returns the query of the callback.
    pub(crate) async fn consent(&self, request: &AuthorizationRequest, button: &str) -> String {
        let mut browser = Browser::new(None).unwrap();
        browser.get(request.url.as_str()).await.unwrap();
        // The callback has no server; what counts is where the browser was sent.
        let _ = browser.submit(button, &[("user", "alice")]).await;
        let callback = browser.redirects().last().expect("the provider sends the browser back");
        assert!(callback.as_str().starts_with(REDIRECT_URI), "{callback}");
        callback.query().unwrap().to_owned()
    }

    pub(crate) async fn authorize(&self, oauth2: &Oauth2) -> Authorized {
        let request = self.request(oauth2).await;
        let query = self.consent(&request, "Approve").await;
        Authorized { request, query }
    }

    /// Redeems the code of a callback as the application would.
    pub(crate) async fn redeem(&self, oauth2: &Oauth2, done: &Authorized) -> Result<TokenGrant, TokenError> {
        assert_eq!(callback_state(oauth2, &done.query).as_ref(), Some(&done.request.state));
        let callback = read_callback(oauth2, &[], &done.query).unwrap();
        let exchange = CodeExchange {
            oauth2,
            client: self.client(),
            redirect_uri: REDIRECT_URI,
            code: &callback.code,
            code_verifier: done.request.code_verifier.as_ref(),
            state: Some(&done.request.state),
            fields: &self.fields,
        };
        self.provider.exchange(exchange).await
    }

    /// Authorizes and redeems.
    pub(crate) async fn connect(&self, oauth2: &Oauth2) -> Result<TokenGrant, TokenError> {
        let done = self.authorize(oauth2).await;
        self.redeem(oauth2, &done).await
    }

    pub(crate) fn access<'a>(
        &'a self,
        api: &'a Api,
        placements: &'a [Placement],
        credential: &'a Credential,
    ) -> Access<'a> {
        Access { api, placements, credential, fields: &self.fields }
    }
}

/// RFC 7396.
pub(crate) fn merge(target: &mut Value, patch: Value) {
    match (target.as_object_mut(), patch) {
        (Some(target), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(target.entry(name).or_insert_with(|| json!({})), value);
            }
        }
        (_, patch) => *target = patch,
    }
}
