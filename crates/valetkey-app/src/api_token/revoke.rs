//! Revoke an API token.

use serde_json::json;
use valetkey_core::journal::EventKind;
use valetkey_store::api_token;

use super::ApiToken;
use crate::{App, Caller, Result, journal::About};

impl App {
    /// Revokes a token: at once on this replica, within a second on the others. A revoked one stays as it is.
    pub async fn revoke_api_token(&self, caller: &Caller, id: &str) -> Result<ApiToken> {
        let row = self.api_token(caller, id).await?;
        let mut tx = self.pool.begin().await?;
        if api_token::revoke(&mut tx, &caller.environment, &row.id, self.clock.now()).await? {
            let details = json!({ "token": row.id, "name": row.name });
            self.record(&mut tx, caller, EventKind::ApiTokenRevoked, About::default(), &details).await?;
        }
        tx.commit().await?;
        self.api_tokens.forget(&row.hash);
        self.api_token(caller, id).await
    }
}
