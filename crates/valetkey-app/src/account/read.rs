//! Read an account, without or with its credential.

use std::sync::Arc;

use valetkey_core::account::{NextAction, shown};

use super::{Account, AccountAddress, AccountView};
use crate::{
    App, Caller, Result,
    connection::ConnectionView,
    credential::{Usable, Wanted},
    permission,
};

impl App {
    /// The account without its credential.
    pub async fn account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        let mut reader = self.pool.read().await?;
        let row = address.get(&mut reader, caller).await?;
        drop(reader);
        self.view_account(row).await
    }

    /// The credential of an account, which is journalled. An access token that has run out is refreshed first. Fails where
    /// the account is not active, and while its connection is disabled.
    pub async fn read_credential(&self, caller: &Caller, address: &AccountAddress) -> Result<Usable> {
        let known = self.snapshot(caller, address).await?;
        self.connection_of_account(&known.account).await?.check_enabled()?;
        self.usable_credential(caller, address, Wanted { min_ttl: 0, purpose: "read" }).await
    }

    async fn connection_of_account(&self, row: &Account) -> Result<Arc<ConnectionView>> {
        self.known_connection(&row.environment_id, &row.connection_id).await
    }

    /// The account with its credential, where the caller may read credentials, the account is active and its connection
    /// enabled; every such reading is journalled. An access token that has run out is refreshed first. A caller who may
    /// not gets the account without it, because published clients ask this way for the mere state.
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
                if !self.connection_of_account(&snapshot.account).await?.enabled {
                    return self.account(caller, address).await;
                }
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
