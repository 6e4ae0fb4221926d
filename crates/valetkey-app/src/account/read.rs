//! Read an account, without or with its credential.

use valetkey_core::journal::EventKind;

use super::{AccountAddress, AccountView};
use crate::{App, Caller, Result, journal::About, permission};

impl App {
    /// The account without its credential.
    pub async fn account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        let mut reader = self.pool.read().await?;
        let row = address.get(&mut reader, caller).await?;
        drop(reader);
        self.view_account(row).await
    }

    /// The account with its credential, where the caller may read credentials; every such reading is journalled
    /// before the credential is given out. A caller who may not gets the account without it, because published
    /// clients ask this way for the mere state.
    pub async fn account_with_credential(
        &self,
        caller: &Caller,
        address: &AccountAddress,
    ) -> Result<AccountView> {
        let mut view = self.account(caller, address).await?;
        if !caller.permits(permission::CREDENTIALS) {
            return Ok(view);
        }
        view.credential = self.open_credential(&view.account).await?;
        if view.credential.is_some() {
            let mut tx = self.pool.begin().await?;
            let about =
                About { account: Some(&view.account.id), connection: Some(&view.account.connection_id) };
            self.record(&mut tx, caller, EventKind::CredentialRead, about, &serde_json::json!({})).await?;
            tx.commit().await?;
        }
        Ok(view)
    }
}
