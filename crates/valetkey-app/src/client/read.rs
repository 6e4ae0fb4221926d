//! Read API clients.

use valetkey_core::id::{ClientId, EnvironmentId};
use valetkey_store::client;

use super::{Client, ClientSecret};
use crate::{App, Error, Result};

impl App {
    /// The clients of an environment.
    pub async fn list_clients(&self, environment: &EnvironmentId) -> Result<Vec<Client>> {
        Ok(client::list(&mut *self.pool.read().await?, environment).await?)
    }

    /// A client and what is known of its secrets.
    pub async fn client(
        &self,
        environment: &EnvironmentId,
        id: &ClientId,
    ) -> Result<(Client, Vec<ClientSecret>)> {
        let mut reader = self.pool.read().await?;
        let found = client::get(&mut reader, environment, id).await?;
        let row = found.ok_or_else(|| Error::not_found(format!("API client {id} not found")))?;
        let secrets = client::secrets(&mut reader, id).await?;
        Ok((row, secrets))
    }
}
