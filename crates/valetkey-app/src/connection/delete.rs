//! Delete a connection.

use valetkey_core::{error_code::ErrorCode, id::ConnectionId, journal::EventKind};
use valetkey_store::connection;

use super::read::unknown;
use crate::{App, Caller, Error, Result, journal::About};

impl App {
    /// Deletes a connection that has no accounts.
    pub async fn delete_connection(&self, caller: &Caller, id: &str) -> Result<()> {
        let parsed: ConnectionId = id.parse().map_err(|_| unknown(id))?;
        let mut tx = self.pool.begin().await?;
        let row = connection::get(&mut tx, &caller.environment, &parsed).await?.ok_or_else(|| unknown(id))?;
        let accounts = connection::accounts_of(&mut tx, &caller.environment, &parsed).await?;
        if accounts > 0 {
            let message = format!(
                "connection \"{}\" has {accounts} connected accounts; delete them first, or disable the connection",
                row.name
            );
            return Err(Error::new(ErrorCode::ResourceInUse, message));
        }
        connection::delete(&mut tx, &caller.environment, &parsed).await?;
        let about = About { connection: Some(&parsed), ..About::default() };
        let details = serde_json::json!({ "name": row.name });
        self.record(&mut tx, caller, EventKind::ConnectionDeleted, about, &details).await?;
        self.commit_shared(tx).await
    }
}
