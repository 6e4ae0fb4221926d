//! Create a connection.

use valetkey_core::{error_code::ErrorCode, id::ConnectionId, journal::EventKind};
use valetkey_store::connection;

use super::{ConnectionConfig, ConnectionSecrets, ConnectionView, name, redirect_uris};
use crate::{App, Caller, Error, Result, journal::About};

/// What to create.
#[derive(Clone, Debug, Default)]
pub struct CreateConnection {
    /// The connector: its provider key, or the identifier of a custom provider.
    pub provider_key: String,
    /// The name; made up from the connector where absent.
    pub name: Option<String>,
    /// Settings.
    pub config: ConnectionConfig,
    /// Secrets.
    pub secrets: ConnectionSecrets,
    /// Callbacks of applications that an authorization may come back to.
    pub redirect_uris: Vec<String>,
}

impl App {
    /// Creates a connection, enabled at once.
    pub async fn create_connection(
        &self,
        caller: &Caller,
        request: CreateConnection,
    ) -> Result<ConnectionView> {
        let connector = self.connector(&caller.environment, &request.provider_key).await?;
        let now = self.clock.now();
        let id = ConnectionId::new(now, self.entropy.as_ref());
        let chosen = request.name.filter(|name| !name.is_empty());
        let name = chosen.unwrap_or_else(|| format!("{}-{}", connector.slug, &id.body()[18..]));
        name::check(&name)?;
        let mut config = request.config;
        if !connector.connection_fields.iter().any(|field| field.required && field.default.is_none())
            || !config.fields.is_empty()
        {
            config.check(&connector)?;
        }
        let sealed = self.seal_connection_secrets(caller, &id, &request.secrets).await?;
        let row = connection::Connection {
            id: id.clone(),
            environment_id: caller.environment.clone(),
            name: name.clone(),
            connector: connector.provider_key.clone(),
            auth_type: connector.auth.kind(),
            enabled: true,
            config: serde_json::to_string(&config).map_err(Error::internal)?,
            secrets: sealed,
            allowed_redirect_uris: redirect_uris::checked(request.redirect_uris)?,
            fault: None,
            fault_count: 0,
            fault_retry_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.pool.begin().await?;
        if connection::by_name(&mut tx, &caller.environment, &name).await?.is_some() {
            let message =
                format!("connection \"{name}\" exists already in this environment; choose another name");
            return Err(Error::new(ErrorCode::ResourceAlreadyExists, message));
        }
        connection::insert(&mut tx, &row).await?;
        let about = About { connection: Some(&id), ..About::default() };
        let details = serde_json::json!({ "name": name, "connector": connector.provider_key });
        self.record(&mut tx, caller, EventKind::ConnectionCreated, about, &details).await?;
        tx.commit().await?;
        self.view_connection(row).await
    }
}
