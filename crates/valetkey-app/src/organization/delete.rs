//! Delete an organization and the accounts that belong to it.

use valetkey_core::journal::EventKind;
use valetkey_store::organization;

use crate::{App, Caller, Result, journal::About};

impl App {
    /// Deletes an organization; its accounts and their credentials go with it.
    pub async fn delete_organization(&self, caller: &Caller, id: &str) -> Result<()> {
        let row = self.organization(caller, id).await?;
        let mut tx = self.pool.begin().await?;
        let accounts = organization::delete(&mut tx, &caller.environment, &row.id).await?;
        for account in &accounts {
            let about = About { account: Some(account), ..About::default() };
            let details = serde_json::json!({ "with_organization": row.id });
            self.record(&mut tx, caller, EventKind::AccountDeleted, about, &details).await?;
        }
        Ok(tx.commit().await?)
    }
}
