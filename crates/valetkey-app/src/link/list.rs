//! List the links of an account.

use valetkey_store::link;

use super::Link;
use crate::{App, Caller, Result, account::AccountAddress};

impl App {
    /// The links of an account, newest first.
    pub async fn list_links(&self, caller: &Caller, account: &str) -> Result<Vec<Link>> {
        let address = AccountAddress::of_id(account);
        let mut reader = self.pool.read().await?;
        let row = address.get(&mut reader, caller).await?;
        Ok(link::list(&mut reader, &caller.environment, &row.id).await?)
    }
}
