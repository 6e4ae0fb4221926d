//! Switch a connection on and off.

use valetkey_core::{error_code::ErrorCode, id::ConnectionId, journal::EventKind};
use valetkey_store::connection;

use super::{ConnectionView, read::unknown};
use crate::{App, Caller, Error, Result, journal::About};

impl ConnectionView {
    /// Refuses the use of credentials while the connection is disabled.
    pub(crate) fn check_enabled(&self) -> Result<()> {
        if self.enabled {
            return Ok(());
        }
        let message = format!(
            "connection \"{}\" is disabled; an operator has to enable it before its accounts can be used",
            self.name
        );
        Err(Error::new(ErrorCode::ConnectionDisabled, message))
    }
}

impl App {
    /// Enables or disables a connection. While it is disabled no link of it can be opened or made, and no credential of
    /// its accounts is used or given out.
    pub async fn enable_connection(&self, caller: &Caller, id: &str, enabled: bool) -> Result<()> {
        let parsed: ConnectionId = id.parse().map_err(|_| unknown(id))?;
        let mut tx = self.pool.begin().await?;
        let mut row =
            connection::get(&mut tx, &caller.environment, &parsed).await?.ok_or_else(|| unknown(id))?;
        row.enabled = enabled;
        row.updated_at = self.clock.now();
        if !connection::update(&mut tx, &row).await? {
            return Err(Error::conflict("the connection"));
        }
        let about = About { connection: Some(&parsed), ..About::default() };
        let details = serde_json::json!({ "enabled": enabled });
        self.record(&mut tx, caller, EventKind::ConnectionUpdated, about, &details).await?;
        self.commit_shared(tx).await
    }
}
