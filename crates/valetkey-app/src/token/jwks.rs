//! The public halves of our signing keys (RFC 7517).

use serde_json::{Value, json};

use crate::{App, Result};

impl App {
    /// The key set for `GET /keys`.
    pub async fn jwks(&self) -> Result<Value> {
        let keys = self.signing_keys().await?;
        Ok(json!({ "keys": keys.iter().map(|key| key.public_jwk.clone()).collect::<Vec<_>>() }))
    }
}
