//! Change, delete or disconnect the accounts of a chunk.

use valetkey_core::{error_code::ErrorCode, settings::AccountSettings};
use valetkey_store::{Tx, bulk::Item};

use super::{
    chunk::{Chunk, Work},
    item::Outcome,
};
use crate::{
    App, Error, Result,
    account::{Account, AccountAddress, PreparedSettings},
    cleanup::CleanupQuery,
    revocation::PreparedRevocation,
};

/// What is done to every account of an operation.
pub(super) enum Deed {
    /// Change the settings that are named.
    Settings(AccountSettings),
    /// Delete it, if the cleanup policy finds it, where there is one.
    Delete(Option<CleanupQuery>),
    /// Disconnect it, on the same condition.
    Disconnect(Option<CleanupQuery>),
}

/// What is done to one account, with everything that has to be made before the transaction.
enum Change {
    Settings(PreparedSettings),
    Delete(Option<PreparedRevocation>),
    Disconnect(Option<PreparedRevocation>),
}

/// An account and its change, or why there is none.
type Wanted = std::result::Result<(AccountAddress, Change), Error>;

impl App {
    /// Changes the accounts of a chunk in one transaction. What fails before it is the result of its item; what fails
    /// within spoils the chunk, because writes of the item may have been made.
    pub(super) async fn change_chunk(&self, work: &mut Work, items: &[Item], deed: &Deed) -> Result<Chunk> {
        let mut wanted = vec![];
        for item in items {
            wanted.push(match self.wanted_change(work, item, deed).await {
                Err(error) if error.is_passing() => return Err(error),
                prepared => prepared,
            });
        }
        let (mut results, mut changed) = (vec![], vec![]);
        let mut tx = self.pool.begin().await?;
        for (item, one) in items.iter().zip(wanted) {
            let (address, change) = match one {
                Ok(prepared) => prepared,
                Err(error) => {
                    results.push(item.failed(&error));
                    continue;
                }
            };
            match self.change_in(&mut tx, work, &address, deed, change).await {
                Ok(row) => {
                    results.push(item.succeeded(Some(row.id.clone()), false));
                    changed.push(row.id);
                }
                // Asked before anything of the item is written.
                Err(error) if error.code == ErrorCode::CleanupNotNeeded => results.push(item.failed(&error)),
                Err(error) => return Ok(Chunk::Spoiled(error)),
            }
        }
        let after = self.write_results(&mut tx, work, &results).await?;
        tx.commit().await?;
        for id in &changed {
            self.forget_snapshot(id);
        }
        work.operation = after;
        Ok(Chunk::Done)
    }

    async fn wanted_change(&self, work: &Work, item: &Item, deed: &Deed) -> Wanted {
        let address = AccountAddress::of_id(item.input::<String>()?);
        let row = address.get(&mut *self.pool.read().await?, &work.caller).await?;
        let change = match deed {
            Deed::Settings(named) => {
                Change::Settings(self.prepare_settings(&row, row.settings.with(named)).await?)
            }
            Deed::Delete(_) => Change::Delete(self.prepare_revocation(&row).await?),
            Deed::Disconnect(_) => Change::Disconnect(self.prepare_revocation(&row).await?),
        };
        Ok((address, change))
    }

    async fn change_in(
        &self,
        tx: &mut Tx,
        work: &Work,
        address: &AccountAddress,
        deed: &Deed,
        change: Change,
    ) -> Result<Account> {
        if let Deed::Delete(Some(query)) | Deed::Disconnect(Some(query)) = deed {
            self.check_cleanup(tx, &work.caller, address, query, work.operation.kind).await?;
        }
        match change {
            Change::Settings(settings) => self.set_settings_in(tx, &work.caller, address, settings).await,
            Change::Delete(revocation) => self.delete_in(tx, &work.caller, address, revocation).await,
            Change::Disconnect(revocation) => self.disconnect_in(tx, &work.caller, address, revocation).await,
        }
    }
}
