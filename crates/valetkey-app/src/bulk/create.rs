//! Create the accounts of a chunk.

use std::{collections::HashMap, sync::Arc};

use serde_json::json;
use valetkey_core::{id::ConnectionId, journal::EventKind};
use valetkey_store::{Tx, account, bulk::Item, connection, event};

use super::{
    chunk::{Chunk, Work},
    item::Outcome,
};
use crate::{
    App, Error, Result,
    account::{Account, NewAccount},
    connection::ConnectionView,
};

/// Connections by the id or name that items give.
type Known = HashMap<String, Arc<ConnectionView>>;

/// The account that an item wants, or why there cannot be one.
type Wanted = std::result::Result<Account, Error>;

impl App {
    /// Creates the accounts of a chunk that do not exist yet, in one transaction.
    pub(super) async fn create_chunk(&self, work: &mut Work, items: &[Item]) -> Result<Chunk> {
        let (mut known, mut wanted) = (Known::new(), vec![]);
        for item in items {
            wanted.push(match self.wanted(work, item, &mut known).await {
                Err(error) if error.is_passing() => return Err(error),
                prepared => prepared,
            });
        }
        let mut tx = self.pool.begin().await?;
        self.refuse_orphans(&mut tx, work, &mut wanted).await?;
        let rows: Vec<Account> = wanted.iter().filter_map(|row| row.as_ref().ok().cloned()).collect();
        let added = account::insert_all(&mut tx, &rows).await?;
        let new: Vec<&Account> =
            rows.iter().zip(&added).filter_map(|(row, added)| added.then_some(row)).collect();
        self.record_created(&mut tx, work, &new).await?;
        let results = results(&mut tx, items, &wanted, &added).await?;
        let after = self.write_results(&mut tx, work, &results).await?;
        tx.commit().await?;
        for row in new {
            self.snapshots.forget_name(row);
        }
        work.operation = after;
        Ok(Chunk::Done)
    }

    async fn wanted(&self, work: &Work, item: &Item, known: &mut Known) -> Wanted {
        let new: NewAccount = item.input()?;
        let connection = if let Some(connection) = known.get(&new.connection) {
            connection.clone()
        } else {
            let found = self.connection_of(&work.caller, &new).await?;
            known.insert(new.connection.clone(), found.clone());
            found
        };
        self.prepare_account_on(&work.caller, &connection, new).await
    }

    /// Refuses accounts whose connection has been deleted since it was read.
    async fn refuse_orphans(&self, tx: &mut Tx, work: &Work, wanted: &mut [Wanted]) -> Result<()> {
        let mut there: HashMap<ConnectionId, bool> = HashMap::new();
        for one in wanted {
            let Ok(row) = one else { continue };
            let exists = if let Some(exists) = there.get(&row.connection_id) {
                *exists
            } else {
                let found = connection::get(tx, &work.caller.environment, &row.connection_id).await?;
                there.insert(row.connection_id.clone(), found.is_some());
                found.is_some()
            };
            if !exists {
                *one = Err(Error::not_found(format!("connection \"{}\" was deleted", row.connection_name)));
            }
        }
        Ok(())
    }

    async fn record_created(&self, tx: &mut Tx, work: &Work, new: &[&Account]) -> Result<()> {
        let now = self.clock.now();
        let created = |row: &&Account| event::Event {
            id: self.next_event_id(now),
            environment_id: row.environment_id.clone(),
            account_id: Some(row.id.clone()),
            connection_id: Some(row.connection_id.clone()),
            kind: EventKind::AccountCreated,
            actor: work.caller.actor.clone(),
            details: json!({}).to_string(),
            created_at: now,
        };
        let events: Vec<event::Event> = new.iter().map(created).collect();
        Ok(event::append_all(tx, &events.iter().collect::<Vec<_>>()).await?)
    }
}

/// The items with what became of them, once the accounts that were not there have been `added`.
async fn results(tx: &mut Tx, items: &[Item], wanted: &[Wanted], added: &[bool]) -> Result<Vec<Item>> {
    let mut added = added.iter();
    let mut results = Vec::with_capacity(items.len());
    for (item, one) in items.iter().zip(wanted) {
        results.push(match one {
            Err(error) => item.failed(error),
            Ok(row) if added.next() == Some(&true) => item.succeeded(Some(row.id.clone()), true),
            Ok(row) => {
                let there = account::id_of(tx, row).await?;
                item.succeeded(Some(there.ok_or_else(|| Error::conflict("the account"))?), false)
            }
        });
    }
    Ok(results)
}
