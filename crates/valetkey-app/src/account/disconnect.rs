//! Operators and applications switch accounts off and on: disconnect, suspend, resume.

use valetkey_core::account::AccountEvent;
use valetkey_store::Tx;

use super::{Account, AccountAddress, AccountView, Change, undisturbed};
use crate::{App, Caller, Result, revocation::PreparedRevocation};

impl App {
    /// Destroys the credentials of an account and keeps its record; the provider is told in the background. Open links
    /// of it stop working.
    pub async fn disconnect_account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        undisturbed(|| self.disconnect_once(caller, address)).await
    }

    async fn disconnect_once(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        let revocation = self.prepare_revocation(&row).await?;
        let mut tx = self.pool.begin().await?;
        let row = self.disconnect_in(&mut tx, caller, address, revocation).await?;
        tx.commit().await?;
        self.forget_snapshot(&row.id);
        self.view_account(row).await
    }

    /// Disconnects an account in a transaction, with what the provider is to be told. The caller forgets its snapshot
    /// once more after the commit.
    pub(crate) async fn disconnect_in(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        address: &AccountAddress,
        revocation: Option<PreparedRevocation>,
    ) -> Result<Account> {
        let row = address.get(tx, caller).await?;
        self.apply(tx, caller, &row, Change::Disconnected(revocation)).await
    }

    /// Switches an account off for a while; its credential is kept.
    pub async fn suspend_account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        self.account_event(caller, address, AccountEvent::SuspendRequested).await
    }

    /// Switches a suspended account on again, in the state that its credential has by then.
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
        self.forget_snapshot(&row.id);
        self.view_account(row).await
    }
}
