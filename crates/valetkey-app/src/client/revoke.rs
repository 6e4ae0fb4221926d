//! Revoke an API client: its secrets and every token it holds stop working.

use valetkey_core::id::{ClientId, EnvironmentId};
use valetkey_store::client;

use crate::{App, Error, Result};

impl App {
    /// Revokes a client. Tokens that it holds are refused within a second, on every replica.
    pub async fn revoke_client(&self, environment: &EnvironmentId, id: &ClientId) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        if !client::revoke(&mut tx, environment, id, self.clock.now()).await? {
            return Err(Error::not_found(format!("API client {id} not found, or revoked already")));
        }
        tx.commit().await?;
        self.clients.forget(id);
        Ok(())
    }
}
