//! Operators and applications switch accounts off and on: disconnect, suspend, resume.

use valetkey_core::account::AccountEvent;

use super::{AccountAddress, AccountView, Change};
use crate::{App, Caller, Result};

impl App {
    /// Destroys the credentials of an account and keeps its record. Open links of it stop working.
    pub async fn disconnect_account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        self.account_event(caller, address, AccountEvent::DisconnectRequested).await
    }

    /// Switches an account off for a while; its credential is kept.
    pub async fn suspend_account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        self.account_event(caller, address, AccountEvent::SuspendRequested).await
    }

    /// Switches a suspended account on again.
    pub async fn resume_account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        self.account_event(caller, address, AccountEvent::ResumeRequested).await
    }

    async fn account_event(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        event: AccountEvent,
    ) -> Result<AccountView> {
        let mut tx = self.pool.begin().await?;
        let row = address.get(&mut tx, caller).await?;
        let row = self.apply(&mut tx, caller, &row, Change::Event(event)).await?;
        tx.commit().await?;
        self.view_account(row).await
    }
}
