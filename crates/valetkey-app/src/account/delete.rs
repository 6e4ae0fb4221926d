//! Delete an account.

use serde_json::json;
use valetkey_core::{error_code::ErrorCode, journal::EventKind};
use valetkey_store::{account, credential, refresh};

use super::AccountAddress;
use crate::{App, Caller, Error, Result, journal::About};

/// How often it is tried anew where a refresh stores new tokens at the same time.
const TRIES: usize = 5;

impl App {
    /// Deletes an account with its credentials, links and flows; the provider is told in the background. The journal
    /// keeps that it was there.
    pub async fn delete_account(&self, caller: &Caller, address: &AccountAddress) -> Result<()> {
        for _ in 1..TRIES {
            match self.delete_once(caller, address).await {
                Err(error) if error.code == ErrorCode::Conflict => {}
                ended => return ended,
            }
        }
        self.delete_once(caller, address).await
    }

    async fn delete_once(&self, caller: &Caller, address: &AccountAddress) -> Result<()> {
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        let revocation = self.prepare_revocation(&row).await?;
        let mut tx = self.pool.begin().await?;
        let row = address.get(&mut tx, caller).await?;
        let live = credential::get(&mut tx, &row.environment_id, &row.id).await?;
        self.queue_revocation(&mut tx, caller, &row, live.as_ref(), revocation).await?;
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        let details = json!({ "state": row.state.as_str() });
        self.record(&mut tx, caller, EventKind::AccountDeleted, about, &details).await?;
        // First, like every writer of an account.
        refresh::delete(&mut tx, &row.environment_id, &row.id).await?;
        if !account::delete(&mut tx, &caller.environment, &row.id).await? {
            return Err(Error::conflict("the account"));
        }
        self.forget_snapshot(&row.id);
        tx.commit().await?;
        self.forget_snapshot(&row.id);
        Ok(())
    }
}
