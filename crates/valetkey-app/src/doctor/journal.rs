//! The journal of an account.

use valetkey_store::{Page, PageRequest, event};

use crate::{App, Caller, Result, account::AccountAddress};

pub use valetkey_store::event::Event;

impl App {
    /// What happened to an account, newest first. No event contains a secret.
    pub async fn account_journal(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        page: &PageRequest,
    ) -> Result<Page<Event>> {
        let mut reader = self.pool.read().await?;
        let row = address.get(&mut reader, caller).await?;
        Ok(event::list(&mut reader, &row.environment_id, &row.id, page).await?)
    }
}
