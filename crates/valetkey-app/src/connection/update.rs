//! Change a connection.

use valetkey_core::{error_code::ErrorCode, id::ConnectionId, journal::EventKind};
use valetkey_store::connection;

use super::{ConnectionConfig, ConnectionSecrets, ConnectionView, name, read::unknown};
use crate::{App, Caller, Error, Result, journal::About};

/// What changes. The closures of the surface lay what the caller gave over what is there.
pub struct UpdateConnection<'a> {
    /// A new name.
    pub name: Option<String>,
    /// Changes settings and secrets; whatever it leaves alone stays.
    #[allow(clippy::type_complexity, reason = "named by its field")]
    pub change: Box<dyn FnOnce(&mut ConnectionConfig, &mut ConnectionSecrets) -> Result<()> + Send + 'a>,
}

impl App {
    /// Changes a connection. Accounts stay as they are until their users authorize again.
    pub async fn update_connection(
        &self,
        caller: &Caller,
        id: &str,
        request: UpdateConnection<'_>,
    ) -> Result<ConnectionView> {
        let parsed: ConnectionId = id.parse().map_err(|_| unknown(id))?;
        let mut row = connection::get(&mut *self.pool.read().await?, &caller.environment, &parsed)
            .await?
            .ok_or_else(|| unknown(id))?;
        let before = self.view_connection(row.clone()).await?;
        let (mut config, mut secrets) = (before.config, before.secrets);
        (request.change)(&mut config, &mut secrets)?;
        config.check(&before.connector)?;
        if let Some(name) = request.name.filter(|name| !name.is_empty()) {
            name::check(&name)?;
            row.name = name;
        }
        row.secrets = self.seal_connection_secrets(caller, &parsed, &secrets).await?;
        row.config = serde_json::to_string(&config).map_err(Error::internal)?;
        row.updated_at = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let namesake = connection::by_name(&mut tx, &caller.environment, &row.name).await?;
        if namesake.is_some_and(|other| other.id != parsed) {
            let message = format!(
                "connection \"{}\" exists already in this environment; choose another name",
                row.name
            );
            return Err(Error::new(ErrorCode::ResourceAlreadyExists, message));
        }
        if !connection::update(&mut tx, &row).await? {
            return Err(Error::conflict("the connection"));
        }
        let about = About { connection: Some(&parsed), ..About::default() };
        self.record(&mut tx, caller, EventKind::ConnectionUpdated, about, &serde_json::json!({})).await?;
        tx.commit().await?;
        self.connection(caller, id).await
    }
}
