//! List the links of an account.

use valetkey_core::id::AccountId;
use valetkey_store::link;

use super::Link;
use crate::{App, Caller, Result};

impl App {
    /// The links of an account, newest first.
    pub async fn list_links(&self, caller: &Caller, account: &AccountId) -> Result<Vec<Link>> {
        Ok(link::list(&mut *self.pool.read().await?, &caller.environment, account).await?)
    }
}
