//! Issue an access token to an API client.

use jsonwebtoken::{Algorithm, Header, encode};
use serde_json::json;
use valetkey_core::{Secret, id::RequestId};

use crate::{App, Error, Result, client::Client};

/// An access token and how long it is valid.
pub struct IssuedToken {
    /// The token.
    pub access_token: Secret,
    /// Its lifetime in seconds.
    pub expires_in: i64,
}

impl App {
    /// Issues a token to a client that has authenticated. Published clients read scopes from a `scopes` list.
    pub async fn issue_token(&self, client: &Client) -> Result<IssuedToken> {
        let keys = self.signing_keys().await?;
        let key = keys.last().ok_or_else(|| Error::not_found("no signing key"))?;
        let now = self.clock.now();
        let expires_in = self.settings.access_token_lifetime;
        let claims = json!({
            "iss": self.settings.public_url,
            "sub": client.id.as_str(),
            "aud": [self.settings.public_url],
            "client_id": client.id.as_str(),
            "environment_id": client.environment_id.as_str(),
            "scopes": client.permissions,
            "iat": now.seconds(),
            "nbf": now.seconds(),
            "exp": now.seconds() + expires_in,
            "jti": RequestId::new(now, self.entropy.as_ref()).body(),
        });
        let header = Header { kid: Some(key.id.to_string()), ..Header::new(Algorithm::RS256) };
        let token = encode(&header, &claims, &key.signer).map_err(Error::internal)?;
        Ok(IssuedToken { access_token: Secret::from(token), expires_in })
    }
}
