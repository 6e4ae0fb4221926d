//! Create an API client.

use valetkey_core::{
    Secret,
    id::{ClientId, ClientSecretId, EnvironmentId},
};
use valetkey_store::{Tx, client};

use super::{Client, ClientSecret, SECRET_PREFIX};
use crate::{App, Error, Result, permission, secrets};

/// What to create.
#[derive(Clone, Debug)]
pub struct CreateClient {
    /// The environment whose data the client will see.
    pub environment: EnvironmentId,
    /// A name for people.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<String>,
}

/// A client and its secret, which is shown this once.
pub struct NewSecret {
    /// The client.
    pub client: Client,
    /// The secret. Only its hash is stored.
    pub secret: Secret,
}

impl App {
    /// Creates a client with a first secret.
    pub async fn create_client(&self, request: CreateClient) -> Result<NewSecret> {
        if let Some(unknown) =
            request.permissions.iter().find(|name| !permission::ALL.contains(&name.as_str()))
        {
            let known = permission::ALL.join(", ");
            return Err(Error::invalid("permissions", "in", format!("\"{unknown}\" is none of {known}")));
        }
        if request.name.is_empty() || request.name.len() > 100 {
            return Err(Error::invalid("name", "length", "must have 1 to 100 characters"));
        }
        let now = self.clock.now();
        let row = Client {
            id: ClientId::new(now, self.entropy.as_ref()),
            environment_id: request.environment,
            name: request.name,
            permissions: request.permissions,
            created_at: now,
            revoked_at: None,
            last_used_at: None,
        };
        let mut tx = self.pool.begin().await?;
        client::insert(&mut tx, &row).await?;
        let secret = self.add_secret(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(NewSecret { client: row, secret })
    }

    pub(super) async fn add_secret(&self, tx: &mut Tx, client: &Client) -> Result<Secret> {
        let now = self.clock.now();
        let secret = secrets::with_checksum(SECRET_PREFIX, &secrets::random_token(self.entropy.as_ref()));
        let row = ClientSecret {
            id: ClientSecretId::new(now, self.entropy.as_ref()),
            client_id: client.id.clone(),
            hash: secrets::hash("client secret", secret.expose()),
            hint: secret.masked(),
            created_at: now,
            expires_at: None,
            revoked_at: None,
        };
        client::add_secret(tx, &client.environment_id, &row).await?;
        Ok(secret)
    }
}
