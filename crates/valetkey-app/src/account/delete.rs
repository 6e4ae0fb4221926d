//! Delete an account.

use serde_json::json;
use valetkey_core::journal::EventKind;
use valetkey_store::account;

use super::AccountAddress;
use crate::{App, Caller, Error, Result, journal::About};

impl App {
    /// Deletes an account with its credentials, links and flows. The journal keeps that it was there.
    pub async fn delete_account(&self, caller: &Caller, address: &AccountAddress) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        let row = address.get(&mut tx, caller).await?;
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        let details = json!({ "state": row.state.as_str() });
        self.record(&mut tx, caller, EventKind::AccountDeleted, about, &details).await?;
        if !account::delete(&mut tx, &caller.environment, &row.id).await? {
            return Err(Error::conflict("the account"));
        }
        Ok(tx.commit().await?)
    }
}
