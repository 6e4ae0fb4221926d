//! Read API tokens.

use valetkey_core::id::ApiTokenId;
use valetkey_store::api_token;

use super::ApiToken;
use crate::{App, Caller, Error, Result};

/// The error for a token that the caller's environment does not have.
pub(super) fn not_found(id: &str) -> Error {
    Error::not_found(format!("API token {id} not found"))
}

impl App {
    /// The tokens of the caller's environment, newest first: those that work, or all.
    pub async fn list_api_tokens(&self, caller: &Caller, inactive_too: bool) -> Result<Vec<ApiToken>> {
        let mut reader = self.pool.read().await?;
        Ok(api_token::list(&mut reader, &caller.environment, inactive_too, self.clock.now()).await?)
    }

    /// One token of the caller's environment.
    pub async fn api_token(&self, caller: &Caller, id: &str) -> Result<ApiToken> {
        let parsed: ApiTokenId = id.parse().map_err(|_| not_found(id))?;
        let mut reader = self.pool.read().await?;
        api_token::get(&mut reader, &caller.environment, &parsed).await?.ok_or_else(|| not_found(id))
    }
}
