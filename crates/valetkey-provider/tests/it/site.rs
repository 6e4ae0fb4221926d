//! A scripted authorization server with a provider that may call it.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use valetkey_core::{
    Secret, Timestamp,
    connector::{ClientAuthentication, Oauth2},
    credential::{AdditionalCredential, OauthCredential},
    refresh::OutcomeClass,
    scope::ScopeSet,
};
use valetkey_provider::{
    Fields, Provider, ProviderOptions,
    egress::EgressPolicy,
    oauth::{OauthClient, RefreshRequest, Refreshed, RevocationResult, RevokeRequest, TokenError},
};

use crate::{
    server::{Reply, Server},
    support::{CountingEntropy, NOW, StandingClock, merge},
};

pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) provider: Provider,
    pub(crate) secret: Secret,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) granted: ScopeSet,
    pub(crate) fields: Fields,
    pub(crate) timeout: Duration,
}

impl Site {
    pub(crate) async fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        Self::with(script, ProviderOptions::default()).await
    }

    /// With loopback addresses allowed, whatever `options` say.
    pub(crate) async fn with(script: impl IntoIterator<Item = Reply>, options: ProviderOptions) -> Self {
        let policy = EgressPolicy::public_only().allow_everywhere(&"127.0.0.0/8".parse().unwrap());
        let options = ProviderOptions { policy, ..options };
        let entropy = Arc::new(CountingEntropy::default());
        Self {
            server: Server::new(script).await,
            provider: Provider::new(options, entropy, Arc::new(StandingClock)).unwrap(),
            secret: Secret::from("client-secret"),
            authentication: ClientAuthentication::ClientSecretPost,
            granted: ["read"].into_iter().collect(),
            fields: Fields::new(),
            timeout: Duration::from_secs(10),
        }
    }

    /// A plain definition at the server, changed by a JSON merge patch.
    pub(crate) fn oauth2(&self, patch: Value) -> Oauth2 {
        let mut definition = json!({
            "authorization": { "url": self.at("/authorize") },
            "token": { "url": self.at("/token") },
        });
        merge(&mut definition, patch);
        serde_json::from_value(definition).unwrap()
    }

    /// An address of the server.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.server.base_url)
    }

    pub(crate) fn client(&self) -> OauthClient<'_> {
        OauthClient {
            client_id: "client-id",
            client_secret: Some(&self.secret),
            authentication: self.authentication,
        }
    }

    pub(crate) async fn refresh(
        &self,
        oauth2: &Oauth2,
        credential: &OauthCredential,
    ) -> Result<Refreshed, TokenError> {
        let request = RefreshRequest {
            oauth2,
            client: self.client(),
            credential,
            granted: &self.granted,
            fields: &self.fields,
            timeout: self.timeout,
        };
        self.provider.refresh(request).await
    }

    pub(crate) async fn revoke(&self, oauth2: &Oauth2, credential: &OauthCredential) -> RevocationResult {
        let request = RevokeRequest {
            oauth2,
            client: self.client(),
            credential,
            fields: &self.fields,
            timeout: self.timeout,
        };
        self.provider.revoke(request).await
    }
}

/// Tokens `at-0` and `rt-0` that ran out a minute ago.
pub(crate) fn expired() -> OauthCredential {
    OauthCredential {
        access_token: "at-0".into(),
        refresh_token: Some("rt-0".into()),
        expires_at: Some(NOW.plus_seconds(-60)),
        ..OauthCredential::default()
    }
}

/// A further token.
pub(crate) fn further(
    access: &str,
    refresh: Option<&str>,
    expires_at: Option<Timestamp>,
) -> AdditionalCredential {
    AdditionalCredential { access_token: access.into(), refresh_token: refresh.map(Secret::from), expires_at }
}

/// The class of what one refresh comes to; nothing is ever sent twice.
pub(crate) async fn class(reply: Reply, patch: Value) -> OutcomeClass {
    let site = Site::new([reply]).await;
    let class = match site.refresh(&site.oauth2(patch), &expired()).await {
        Ok(_) => OutcomeClass::Success,
        Err(error) => error.class(),
    };
    assert_eq!(site.server.received().len(), 1, "nothing is sent twice");
    class
}
