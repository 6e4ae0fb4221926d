//! Revoke an API client: its secrets, every token it holds and every API token it has made stop working.

use valetkey_core::id::{ClientId, EnvironmentId};
use valetkey_store::client;

use crate::{App, Caller, Error, Result};

impl App {
    /// Revokes a client, and the API tokens that it has made, directly or through another one. They are refused within a
    /// second on every replica, as are the tokens that the client holds.
    pub async fn revoke_client(&self, environment: &EnvironmentId, id: &ClientId) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        if !client::revoke(&mut tx, environment, id, self.clock.now()).await? {
            return Err(Error::not_found(format!("API client {id} not found, or revoked already")));
        }
        let made = self.revoke_made_by(&mut tx, &Caller::operator(environment.clone()), id.as_str()).await?;
        tx.commit().await?;
        self.clients.forget(id);
        self.forget_api_tokens(&made);
        Ok(())
    }
}
