//! Read a connection.

use valetkey_core::{
    error_code::ErrorCode,
    id::{ConnectionId, EnvironmentId},
    sealed::{SealContext, Sealed},
};
use valetkey_store::connection::{self, Connection};

use super::{ConnectionSecrets, ConnectionView, name};
use crate::{App, Caller, Error, Result};

fn context<'a>(environment: &'a EnvironmentId, id: &'a ConnectionId) -> SealContext<'a> {
    SealContext {
        environment: environment.as_str(),
        table: "connections",
        row: id.as_str(),
        field: "secrets",
    }
}

/// The error for an id that no connection of the caller has.
pub(crate) fn unknown(id: &str) -> Error {
    Error::new(ErrorCode::ConnectionNotFound, format!("connection {id} not found"))
}

impl App {
    /// The connection with this id.
    pub async fn connection(&self, caller: &Caller, id: &str) -> Result<ConnectionView> {
        let parsed: ConnectionId = id.parse().map_err(|_| unknown(id))?;
        let row = connection::get(&mut *self.pool.read().await?, &caller.environment, &parsed).await?;
        self.view_connection(row.ok_or_else(|| unknown(id))?).await
    }

    /// The connection with this name, without regard to case.
    pub async fn connection_named(&self, caller: &Caller, wanted: &str) -> Result<ConnectionView> {
        let mut reader = self.pool.read().await?;
        let Some(row) = connection::by_name(&mut reader, &caller.environment, wanted).await? else {
            return Err(name::not_found(&mut reader, &caller.environment, wanted).await?);
        };
        drop(reader);
        self.view_connection(row).await
    }

    pub(crate) async fn view_connection(&self, row: Connection) -> Result<ConnectionView> {
        let connector = self.connector(&row.environment_id, &row.connector).await?;
        let secrets = match &row.secrets {
            Some(sealed) => {
                let plain = self.keys.open(context(&row.environment_id, &row.id), sealed).await?;
                ConnectionSecrets::from_plaintext(&plain)?
            }
            None => ConnectionSecrets::default(),
        };
        Ok(ConnectionView {
            redirect_uri: format!("{}/sso/v1/oauth/{}/callback", self.settings.public_url, row.id),
            id: row.id,
            name: row.name,
            connector,
            enabled: row.enabled,
            config: serde_json::from_str(&row.config).map_err(Error::internal)?,
            secrets,
            allowed_redirect_uris: row.allowed_redirect_uris,
            fault: row.fault,
            fault_count: row.fault_count,
            fault_retry_at: row.fault_retry_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    pub(super) async fn seal_connection_secrets(
        &self,
        caller: &Caller,
        id: &ConnectionId,
        secrets: &ConnectionSecrets,
    ) -> Result<Option<Sealed>> {
        if secrets.is_empty() {
            return Ok(None);
        }
        let plain = secrets.to_plaintext()?;
        self.keys.seal(context(&caller.environment, id), &plain).await.map(Some)
    }
}
