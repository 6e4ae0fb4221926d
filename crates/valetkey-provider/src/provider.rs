//! The façade.

use std::sync::Arc;

use url::Url;
use valetkey_core::{Clock, Entropy, connector::Oauth2};

use crate::{
    Access, ApiAnswer, ApiCall, CallError, CheckResult, Diagnosis, DiagnosisError, DiagnosisRequest, Fields,
    ForwardAnswer, ForwardRequest, call, check, diagnose,
    egress::{EgressClient, EgressOptions, InvalidCa},
    forward,
    oauth::{
        self, AuthorizationError, AuthorizationInput, AuthorizationRequest, CodeExchange, Context,
        IdentityValues, RefreshRequest, Refreshed, RevocationResult, RevokeRequest, TokenError, TokenGrant,
        UnattendedError,
    },
    scheme::{Minted, Signer},
};

/// Everything that goes to third parties. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    client: EgressClient,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    minted: Arc<Minted>,
}

impl Provider {
    /// A provider with its own connections. Must be used within a Tokio runtime.
    pub fn new(
        options: EgressOptions,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidCa> {
        Ok(Self { client: EgressClient::new(options)?, entropy, clock, minted: Arc::default() })
    }

    fn context(&self) -> Context<'_> {
        Context { client: &self.client, entropy: &*self.entropy, now: self.clock.now() }
    }

    fn signer(&self) -> Signer<'_> {
        let Self { client, entropy, clock, minted } = self;
        Signer { client, entropy: &**entropy, clock: &**clock, minted }
    }

    /// Makes an authorization request, and pushes it where the definition says so.
    pub async fn authorization_request(
        &self,
        input: AuthorizationInput<'_>,
    ) -> Result<AuthorizationRequest, AuthorizationError> {
        oauth::authorization_request(self.context(), input).await
    }

    /// Sends an authorization request that needs no person, and returns the callback. For test providers only.
    ///
    /// # Errors
    /// Where the provider does not send back to `redirect_uri`.
    pub async fn authorize_unattended(&self, url: Url, redirect_uri: &str) -> Result<Url, UnattendedError> {
        oauth::authorize_unattended(&self.client, url, redirect_uri).await
    }

    /// Exchanges a code for tokens. The code is spent after this, whatever the outcome.
    pub async fn exchange(&self, input: CodeExchange<'_>) -> Result<TokenGrant, TokenError> {
        oauth::exchange(self.context(), input).await
    }

    /// Renews tokens, by the way that the definition says. Nothing is sent twice, and no redirect is followed.
    pub async fn refresh(&self, input: RefreshRequest<'_>) -> Result<Refreshed, TokenError> {
        oauth::refresh(self.context(), input).await
    }

    /// Revokes tokens, by the way that the definition says. It may be repeated.
    pub async fn revoke(&self, input: RevokeRequest<'_>) -> RevocationResult {
        oauth::revoke(self.context(), input).await
    }

    /// Asks the provider who has authorized; empty where the definition has no such request. A failure here is no
    /// reason to fail an authorization.
    pub async fn identity(&self, access: &Access<'_>, oauth2: &Oauth2) -> Result<IdentityValues, CallError> {
        oauth::identity(self.signer(), access, oauth2).await
    }

    /// Makes the definition's requests that fill account fields.
    pub async fn discover(&self, access: &Access<'_>, oauth2: &Oauth2) -> Result<Fields, CallError> {
        oauth::discover(self.signer(), access, oauth2).await
    }

    /// Asks the provider whether a credential works, by the definition's check request.
    pub async fn check(&self, access: &Access<'_>) -> CheckResult {
        check::check(self.signer(), access).await
    }

    /// Finds out how far a request for new tokens would come, without presenting a token.
    ///
    /// # Errors
    /// Where the endpoint has no usable address.
    pub async fn diagnose(&self, request: DiagnosisRequest<'_>) -> Result<Diagnosis, DiagnosisError> {
        diagnose::diagnose(self.context(), &*self.clock, request).await
    }

    /// Calls the API with the credential.
    pub async fn call(&self, access: &Access<'_>, call: ApiCall<'_>) -> Result<ApiAnswer, CallError> {
        call::call(self.signer(), access, call).await
    }

    /// Passes a call on to the API with the credential, and its answer back as it comes.
    pub async fn forward(
        &self,
        access: &Access<'_>,
        request: ForwardRequest<'_>,
    ) -> Result<ForwardAnswer, CallError> {
        forward::forward(self.signer(), access, request).await
    }
}
