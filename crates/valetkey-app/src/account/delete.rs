//! Delete an account.

use serde_json::json;
use valetkey_core::journal::EventKind;
use valetkey_store::{Tx, account, credential, refresh};

use super::{Account, AccountAddress, undisturbed};
use crate::{App, Caller, Error, Result, journal::About, revocation::PreparedRevocation};

impl App {
    /// Deletes an account with its credentials, links and flows; the provider is told in the background. The journal
    /// keeps that it was there.
    pub async fn delete_account(&self, caller: &Caller, address: &AccountAddress) -> Result<()> {
        undisturbed(|| self.delete_once(caller, address)).await
    }

    async fn delete_once(&self, caller: &Caller, address: &AccountAddress) -> Result<()> {
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        let revocation = self.prepare_revocation(&row).await?;
        let mut tx = self.pool.begin().await?;
        let row = self.delete_in(&mut tx, caller, address, revocation).await?;
        tx.commit().await?;
        self.forget_snapshot(&row.id);
        Ok(())
    }

    /// Deletes an account in a transaction, with what the provider is to be told. The caller forgets its snapshot once
    /// more after the commit.
    pub(crate) async fn delete_in(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        address: &AccountAddress,
        revocation: Option<PreparedRevocation>,
    ) -> Result<Account> {
        let row = address.get(tx, caller).await?;
        let live = credential::get(tx, &row.environment_id, &row.id).await?;
        self.queue_revocation(tx, caller, &row, live.as_ref(), revocation).await?;
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        let details = json!({ "state": row.state.as_str() });
        self.record(tx, caller, EventKind::AccountDeleted, about, &details).await?;
        // First, like every writer of an account.
        refresh::delete(tx, &row.environment_id, &row.id).await?;
        if !account::delete(tx, &caller.environment, &row.id).await? {
            return Err(Error::conflict("the account"));
        }
        self.forget_snapshot(&row.id);
        Ok(row)
    }
}
