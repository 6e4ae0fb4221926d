//! Verify an access token of ours.

use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use valetkey_core::id::ClientId;

use crate::{App, Result};

/// What a verified token says.
#[derive(Clone, Debug, Deserialize)]
pub struct Claims {
    /// The client that got it.
    pub client_id: ClientId,
    exp: i64,
    nbf: i64,
}

impl App {
    /// The claims of a token that we signed for ourselves and that is valid now; `None` for any other text.
    pub async fn verify_token(&self, token: &str) -> Result<Option<Claims>> {
        let Some(kid) = decode_header(token).ok().and_then(|header| header.kid) else { return Ok(None) };
        let keys = self.signing_keys().await?;
        let Some(key) = keys.iter().find(|key| key.id.as_str() == kid) else { return Ok(None) };
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[&self.settings.public_url]);
        rules.set_audience(&[&self.settings.public_url]);
        // Time is checked below, against the injected clock.
        (rules.validate_exp, rules.validate_nbf) = (false, false);
        let claims = decode::<Claims>(token, &key.verifier, &rules).ok().map(|data| data.claims);
        let now = self.clock.now().seconds();
        Ok(claims.filter(|claims| claims.nbf <= now && now < claims.exp))
    }
}
