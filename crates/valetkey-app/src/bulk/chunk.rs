//! Work an operation off, chunk by chunk.

use std::sync::atomic::Ordering;

use valetkey_core::bulk::{BulkItemState, BulkKind};
use valetkey_store::{
    Tx,
    bulk::{self, Item, Operation},
};

use super::{change::Deed, item::Outcome};
use crate::{App, Caller, Error, Result};

/// For how long a process takes an operation until it writes the next results, in seconds. A chunk takes a fraction of
/// it, one of refreshes up to what a provider is waited for.
pub(super) const fn lease(kind: BulkKind) -> i64 {
    match kind {
        BulkKind::Create | BulkKind::UpdateSettings | BulkKind::Delete | BulkKind::Disconnect => 15,
        BulkKind::Refresh => 120,
    }
}

/// Items of a chunk: few enough that other writers do not wait long.
const CHUNK: i64 = 250;

/// What became of an attempt at a chunk.
pub(super) enum Chunk {
    /// It is done, and its results are written.
    Done,
    /// Nothing of it is done, because this happened to one of its items while it was written.
    Spoiled(Error),
}

/// An operation at work, for whoever asked for it.
pub(super) struct Work {
    pub(super) operation: Operation,
    pub(super) caller: Caller,
}

impl Work {
    fn new(operation: Operation) -> Self {
        let caller = Caller {
            environment: operation.environment_id.clone(),
            actor: operation.actor.clone(),
            permissions: [].into(),
        };
        Self { operation, caller }
    }
}

impl App {
    /// Works off what is left of an operation that this process has taken, until it is done or taken by another
    /// process, or this one is to end.
    pub(super) async fn work_off(&self, operation: Operation) -> Result<()> {
        let mut work = Work::new(operation);
        while work.operation.finished_at.is_none() {
            if self.winding_down.load(Ordering::Acquire) {
                return self.hand_over(work).await;
            }
            let refusal = self.bulk_refusal(&work).await?;
            let (environment, id) = (&work.operation.environment_id, &work.operation.id);
            let most = if refusal.is_some() { CHUNK } else { self.chunk_of(work.operation.kind) };
            let range = (work.operation.next_place(), most);
            let items = bulk::items(&mut *self.pool.read().await?, environment, id, false, range).await?;
            match refusal {
                Some(refusal) => self.fail_items(&mut work, &items, &refusal).await?,
                None => self.work_chunk(&mut work, items).await?,
            }
        }
        Ok(())
    }

    fn chunk_of(&self, kind: BulkKind) -> i64 {
        match kind {
            BulkKind::Create | BulkKind::UpdateSettings | BulkKind::Delete | BulkKind::Disconnect => CHUNK,
            BulkKind::Refresh => i64::from(self.settings.refresher.per_host.max(1)),
        }
    }

    /// Works off a chunk, and its items one by one where one of them spoils it.
    async fn work_chunk(&self, work: &mut Work, items: Vec<Item>) -> Result<()> {
        match self.attempt_chunk(work, &items).await? {
            Chunk::Done => Ok(()),
            Chunk::Spoiled(_) => {
                for item in items {
                    self.work_item(work, item).await?;
                }
                Ok(())
            }
        }
    }

    async fn work_item(&self, work: &mut Work, item: Item) -> Result<()> {
        for _ in 0..crate::account::TRIES {
            match self.attempt_chunk(work, std::slice::from_ref(&item)).await? {
                Chunk::Done => return Ok(()),
                Chunk::Spoiled(error) if error.is_conflict() => {}
                Chunk::Spoiled(error) if error.is_passing() => return Err(error),
                Chunk::Spoiled(error) => return self.fail_items(work, &[item], &error).await,
            }
        }
        self.fail_items(work, &[item], &Error::conflict("the account")).await
    }

    async fn fail_items(&self, work: &mut Work, items: &[Item], error: &Error) -> Result<()> {
        let failed: Vec<Item> = items.iter().map(|item| item.failed(error)).collect();
        let mut tx = self.pool.begin().await?;
        let after = self.write_results(&mut tx, work, &failed).await?;
        tx.commit().await?;
        work.operation = after;
        Ok(())
    }

    /// Fails where this server cannot work at the moment, so that the operation is continued later. Whatever else goes
    /// wrong is put down to an item, so that none keeps the operation from its end.
    async fn attempt_chunk(&self, work: &mut Work, items: &[Item]) -> Result<Chunk> {
        match self.do_chunk(work, items).await {
            Err(error) if !error.is_passing() => Ok(Chunk::Spoiled(error)),
            attempted => attempted,
        }
    }

    async fn do_chunk(&self, work: &mut Work, items: &[Item]) -> Result<Chunk> {
        match work.operation.kind {
            BulkKind::Create => self.create_chunk(work, items).await,
            BulkKind::Refresh => self.refresh_chunk(work, items).await,
            BulkKind::UpdateSettings => {
                let named = serde_json::from_str(&work.operation.input).map_err(Error::internal)?;
                self.change_chunk(work, items, &Deed::Settings(named)).await
            }
            BulkKind::Delete => {
                let query = serde_json::from_str(&work.operation.input).map_err(Error::internal)?;
                self.change_chunk(work, items, &Deed::Delete(query)).await
            }
            BulkKind::Disconnect => {
                let query = serde_json::from_str(&work.operation.input).map_err(Error::internal)?;
                self.change_chunk(work, items, &Deed::Disconnect(query)).await
            }
        }
    }

    /// Writes the results of the next items in the transaction that has done them, and takes the operation for longer.
    /// Answers with the operation as it is once the transaction is committed; fails where another process has it.
    pub(super) async fn write_results(&self, tx: &mut Tx, work: &Work, items: &[Item]) -> Result<Operation> {
        let mut next = work.operation.clone();
        let succeeded = items.iter().filter(|item| item.state == BulkItemState::Succeeded).count();
        next.succeeded += i64::try_from(succeeded).map_err(Error::internal)?;
        next.failed += i64::try_from(items.len() - succeeded).map_err(Error::internal)?;
        let now = self.clock.now();
        let ended = next.next_place() >= next.total;
        next.finished_at = ended.then_some(now);
        next.due_at = (!ended).then(|| now.plus_seconds(lease(next.kind)));
        bulk::finish_items(tx, &next.environment_id, &next.id, items).await?;
        if !bulk::advance(tx, &next).await? {
            return Err(Error::unavailable("another process has taken the bulk operation"));
        }
        Ok(next)
    }

    /// Lets another process go on at once.
    async fn hand_over(&self, work: Work) -> Result<()> {
        let free = Operation { due_at: Some(self.clock.now()), ..work.operation };
        let mut tx = self.pool.begin().await?;
        bulk::advance(&mut tx, &free).await?;
        Ok(tx.commit().await?)
    }
}
