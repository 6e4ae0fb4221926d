//! Revoke an API token, and what was made with it.

use serde_json::json;
use valetkey_core::journal::EventKind;
use valetkey_store::{Tx, api_token};

use super::ApiToken;
use crate::{App, Caller, Result, journal::About};

impl App {
    /// Revokes a token, and all that it has made, directly or through another one: at once on this replica, within a
    /// second on the others. One that is revoked already stays as it is.
    pub async fn revoke_api_token(&self, caller: &Caller, id: &str) -> Result<ApiToken> {
        let row = self.api_token(caller, id).await?;
        let mut tx = self.pool.begin().await?;
        let revoked = self.revoke_made_by(&mut tx, caller, row.id.as_str()).await?;
        tx.commit().await?;
        self.forget_api_tokens(&revoked);
        self.api_token(caller, id).await
    }

    /// Revokes what a token or a client has made, directly or through other tokens, and the maker too where it is a token.
    /// The caller forgets them after the commit.
    pub(crate) async fn revoke_made_by(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        maker: &str,
    ) -> Result<Vec<ApiToken>> {
        let mut all = vec![];
        loop {
            let revoked = api_token::revoke(tx, &caller.environment, maker, self.clock.now()).await?;
            if revoked.is_empty() {
                return Ok(all);
            }
            for row in &revoked {
                let mut details = json!({ "token": row.id, "name": row.name });
                if row.id.as_str() != maker {
                    details["revoked_with"] = json!(maker);
                }
                self.record(tx, caller, EventKind::ApiTokenRevoked, About::default(), &details).await?;
            }
            all.extend(revoked);
        }
    }

    /// Lets this replica ask the database when one of these tokens comes.
    pub(crate) fn forget_api_tokens(&self, rows: &[ApiToken]) {
        for row in rows {
            self.api_tokens.forget(&row.hash);
        }
    }
}
