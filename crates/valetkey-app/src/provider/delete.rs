//! Delete a custom provider.

use valetkey_core::error_code::ErrorCode;
use valetkey_store::custom_connector;

use crate::{App, Caller, Error, Result};

impl App {
    /// Deletes a custom provider that no connection uses.
    pub async fn delete_custom_provider(&self, caller: &Caller, identifier: &str) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        if custom_connector::get(&mut tx, &caller.environment, identifier).await?.is_none() {
            return Err(Error::not_found(format!("custom provider \"{identifier}\" not found")));
        }
        let used = custom_connector::connections_using(&mut tx, &caller.environment, identifier).await?;
        if used > 0 {
            let message =
                format!("provider \"{identifier}\" is used by {used} connections; delete them first");
            return Err(Error::new(ErrorCode::ResourceInUse, message));
        }
        custom_connector::delete(&mut tx, &caller.environment, identifier).await?;
        self.commit_shared(tx).await
    }
}
