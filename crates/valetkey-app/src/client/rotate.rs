//! Give an API client a new secret while the old one still works for a while.

use valetkey_core::id::{ClientId, EnvironmentId};
use valetkey_store::client;

use super::NewSecret;
use crate::{App, Error, Result};

impl App {
    /// Adds a secret. Older ones stop working after `overlap` seconds; `None` takes the setting.
    pub async fn rotate_client_secret(
        &self,
        environment: &EnvironmentId,
        id: &ClientId,
        overlap: Option<i64>,
    ) -> Result<NewSecret> {
        let mut tx = self.pool.begin().await?;
        let found = client::get(&mut tx, environment, id).await?;
        let row = found
            .filter(|row| row.revoked_at.is_none())
            .ok_or_else(|| Error::not_found(format!("API client {id} not found, or revoked")))?;
        let end = self.clock.now().plus_seconds(overlap.unwrap_or(self.settings.rotation_overlap));
        client::expire_secrets(&mut tx, environment, id, None, end).await?;
        let secret = self.add_secret(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(NewSecret { client: row, secret })
    }
}
