//! Refresh the accounts of a chunk.

use valetkey_store::bulk::Item;

use super::{
    chunk::{Chunk, Work},
    item::Outcome,
};
use crate::{App, Result, account::AccountAddress};

impl App {
    /// Refreshes the accounts of a chunk, all at once. One that was refreshed when the process died is refreshed again,
    /// which changes nothing but its tokens.
    pub(super) async fn refresh_chunk(&self, work: &mut Work, items: &[Item]) -> Result<Chunk> {
        let ids: Vec<String> = items.iter().map(Outcome::input).collect::<Result<_>>()?;
        let addresses: Vec<_> = ids.into_iter().map(AccountAddress::of_id).collect();
        let refreshed = self.refresh_accounts(&work.caller, &addresses).await;
        let results: Vec<Item> = items
            .iter()
            .zip(refreshed)
            .map(|(item, refreshed)| match refreshed {
                Ok(view) => item.succeeded(Some(view.account.id), false),
                Err(error) => item.failed(&error),
            })
            .collect();
        let mut tx = self.pool.begin().await?;
        let after = self.write_results(&mut tx, work, &results).await?;
        tx.commit().await?;
        work.operation = after;
        Ok(Chunk::Done)
    }
}
