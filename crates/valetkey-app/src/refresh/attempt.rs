//! One request for new tokens, with no transaction and no lock of the database held.

use std::time::Duration;

use valetkey_core::{
    credential::Credential,
    refresh::{OutcomeClass, TOKEN_TIMEOUT_SECONDS},
};
use valetkey_provider::oauth::{RefreshRequest, Refreshed, TokenError};

use super::claim::Job;
use crate::{App, Error, Result, account::credential_context};

/// What came of a request.
#[derive(Debug)]
pub(crate) enum Attempted {
    /// The provider issued tokens.
    Issued(Box<Refreshed>),
    /// It did not, or the request was not made.
    Failed(TokenError),
    /// The request could not be made, for a reason of this server.
    NotSent(Error),
}

impl Attempted {
    /// The class of the outcome.
    pub(crate) const fn class(&self) -> OutcomeClass {
        match self {
            Self::Issued(_) => OutcomeClass::Success,
            Self::Failed(error) => error.class(),
            Self::NotSent(_) => OutcomeClass::Transient,
        }
    }

    /// Whether tokens may have been issued that did not arrive.
    pub(crate) const fn maybe_issued(&self) -> bool {
        match self {
            Self::Failed(error) => error.maybe_issued(),
            Self::Issued(_) | Self::NotSent(_) => false,
        }
    }

    /// Seconds that the provider asks to wait.
    pub(crate) const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Failed(error) => error.retry_after(),
            Self::Issued(_) | Self::NotSent(_) => None,
        }
    }

    /// What happened, in words without secrets.
    pub(crate) fn detail(&self) -> Option<String> {
        match self {
            Self::Issued(refreshed) => refreshed
                .unrenewed
                .iter()
                .next()
                .map(|(name, error)| format!("the token \"{name}\" was not renewed: {error}")),
            Self::Failed(error) => Some(error.to_string()),
            Self::NotSent(error) => Some(error.to_string()),
        }
    }
}

impl App {
    /// Sends the request of a job. Its slot must have been taken and committed.
    pub(crate) async fn attempt(&self, job: &Job) -> Attempted {
        match self.request_tokens(job).await {
            Ok(Ok(refreshed)) => Attempted::Issued(Box::new(refreshed)),
            Ok(Err(error)) => Attempted::Failed(error),
            Err(error) => Attempted::NotSent(error),
        }
    }

    async fn request_tokens(&self, job: &Job) -> Result<std::result::Result<Refreshed, TokenError>> {
        let row = &job.account;
        let context = credential_context(&row.environment_id, &row.id);
        let plain = self.keys.open(context, &job.credential.sealed).await?;
        let Credential::Oauth2(credential) = Credential::from_plaintext(&plain).map_err(Error::internal)?
        else {
            return Ok(Err(TokenError::NotRenewable("the credential is not of OAuth")));
        };
        let config = self.open_api_config(&row.environment_id, &row.id, row.api_config.as_ref()).await?;
        let request = RefreshRequest {
            oauth2: &job.target.oauth2,
            client: job.target.client(),
            credential: &credential,
            granted: &row.granted_scopes,
            fields: &job.target.fields(&config),
            timeout: Duration::from_secs(TOKEN_TIMEOUT_SECONDS.unsigned_abs()),
        };
        Ok(self.provider.refresh(request).await)
    }
}
