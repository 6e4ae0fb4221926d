//! Read an account, without or with its credential.

use valetkey_core::account::{NextAction, shown};

use super::{Account, AccountAddress, AccountView};
use crate::{App, Caller, Result, permission};

impl App {
    /// The account without its credential.
    pub async fn account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        let mut reader = self.pool.read().await?;
        let row = address.get(&mut reader, caller).await?;
        drop(reader);
        self.view_account(row).await
    }

    /// The account with its credential, where the caller may read credentials and the account is active; every such
    /// reading is journalled. An access token that has run out is refreshed first. A caller who may not gets the
    /// account without it, because published clients ask this way for the mere state.
    pub async fn account_with_credential(
        &self,
        caller: &Caller,
        address: &AccountAddress,
    ) -> Result<AccountView> {
        if !caller.permits(permission::CREDENTIALS) {
            return self.account(caller, address).await;
        }
        match self.fresh_snapshot(caller, address, 0).await {
            Ok(snapshot) => {
                if snapshot.credential.is_some() {
                    self.record_use(caller, &snapshot, "read").await?;
                }
                let account = Account { last_used_at: snapshot.last_used_at(), ..snapshot.account.clone() };
                let mut view = self.view_account(account).await?;
                view.credential.clone_from(&snapshot.credential);
                Ok(view)
            }
            // The state of the account is the answer, as it is after the attempt to refresh it.
            Err(error) if error.is_about_state() || error.is_passing() => self.account(caller, address).await,
            Err(error) => Err(error),
        }
    }

    /// The account in the state that callers see.
    pub(crate) fn shown(&self, mut row: Account) -> Account {
        let valid = row.token_expires_at.is_none_or(|at| self.clock.now() < at);
        (row.state, row.reason) = shown(row.state, row.reason, row.connection_fault.is_some(), valid);
        row
    }
}

impl AccountView {
    /// What brings it back to work.
    pub fn next_action(&self) -> NextAction {
        NextAction::of(self.account.state, self.account.reason)
    }
}
