//! Verify an access token of ours.

use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use valetkey_core::{Timestamp, id::ClientId};

use super::{
    signing_key::LoadedKey,
    verified::{Verified, hash},
};
use crate::{App, Result};

/// What a verified token says.
#[derive(Clone, Debug, Deserialize)]
pub struct Claims {
    /// The client that got it.
    pub client_id: ClientId,
    exp: i64,
    nbf: i64,
}

impl Claims {
    /// Whether the token is valid at `now`.
    pub(super) fn valid_at(&self, now: Timestamp) -> bool {
        self.nbf <= now.seconds() && now.seconds() < self.exp
    }
}

impl App {
    /// The claims of a token that we signed for ourselves and that is valid now; `None` for any other text.
    pub async fn verify_token(&self, token: &str) -> Result<Option<Claims>> {
        let (keys, now, hash) = (self.signing_keys().await?, self.clock.now(), hash(token));
        let known =
            self.signing.verified.get(&hash).filter(|known| keys.iter().any(|key| key.id == known.key));
        if let Some(known) = known {
            return Ok(Some(known.claims).filter(|claims| claims.valid_at(now)));
        }
        let found = self.check_signature(token, &keys).filter(|found| found.claims.valid_at(now));
        let claims = found.as_ref().map(|found| found.claims.clone());
        if let Some(found) = found {
            self.signing.verified.put(hash, found, now);
        }
        Ok(claims)
    }

    /// What a token says that one of `keys` has signed for us, whenever it is valid.
    fn check_signature(&self, token: &str, keys: &[LoadedKey]) -> Option<Verified> {
        let kid = decode_header(token).ok()?.kid?;
        let key = keys.iter().find(|key| key.id.as_str() == kid)?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[&self.settings.public_url]);
        rules.set_audience(&[&self.settings.public_url]);
        // Time is checked against the injected clock.
        (rules.validate_exp, rules.validate_nbf) = (false, false);
        let claims = decode::<Claims>(token, &key.verifier, &rules).ok()?.claims;
        Some(Verified { key: key.id.clone(), claims })
    }
}
