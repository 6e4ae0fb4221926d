//! Records on their way to the database: uses of credentials and calls to providers. They are written in batches beside
//! the path of what they tell of, so that nothing waits for a write of its own.
//!
//! With the setting `journal.strict` a use waits until its batch is written, and fails where it cannot be.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
};
use valetkey_core::{
    Timestamp,
    error_code::ErrorCode,
    id::{AccountId, EnvironmentId},
};
use valetkey_store::{account, event, tool_call};

use crate::{App, Result};

/// How long a record waits for others at the most, and how long nothing is tried after a failure.
const GATHER: Duration = Duration::from_millis(100);

/// How many records one transaction writes. They wait for no others once there are as many. More would keep other writers
/// of SQLite waiting for longer than some 30 ms.
const BATCH: usize = 4_000;

/// How many records wait in memory where the database is away: about 100 MB of them.
const WAITING: usize = 100_000;

/// How much of that is kept for calls that are under way when there is no room for further ones.
const UNDER_WAY: usize = 10_000;

/// What is recorded.
pub(crate) enum Record {
    /// A use of a credential.
    Use(Box<event::Event>),
    /// A call to a provider. It is also the record of the use of its credential.
    Call(Box<tool_call::ToolCall>),
    /// That an account was used, for its own row.
    Noted(EnvironmentId, AccountId, Timestamp),
}

struct Waiting {
    record: Record,
    /// Who waits for it to be written.
    told: Option<oneshot::Sender<()>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Calls for which there was no room since the log last said so.
    lost: usize,
}

/// Records that wait, and who writes them.
#[derive(Default)]
pub(crate) struct Recorder {
    queue: Mutex<Queue>,
    full: Notify,
    /// Whether somebody is going to write what waits.
    writing: AtomicBool,
    /// Held while a batch is out of the queue and not yet written.
    writer: tokio::sync::Mutex<()>,
}

impl Recorder {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is room for the record of a further call when it has ended.
    pub(crate) fn has_room(&self) -> bool {
        self.queue().waiting.len() < WAITING - UNDER_WAY
    }

    /// Counts a call for which there was no room.
    pub(crate) fn count_lost(&self) {
        self.queue().lost += 1;
    }

    fn take(&self) -> Batch<'_> {
        let mut queue = self.queue();
        let size = queue.waiting.len().min(BATCH);
        Batch { waiting: queue.waiting.drain(..size).collect(), recorder: self }
    }
}

/// Records that are out of the queue. What was not written goes back when this is dropped, for whatever reason; those
/// who wait for it fail instead.
struct Batch<'a> {
    waiting: Vec<Waiting>,
    recorder: &'a Recorder,
}

impl Batch<'_> {
    fn written(mut self) {
        for told in self.waiting.drain(..).filter_map(|waiting| waiting.told) {
            // Whoever has given up does not need to know.
            let _ = told.send(());
        }
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut queue = self.recorder.queue();
        for waiting in self.waiting.drain(..).rev().filter(|waiting| waiting.told.is_none()) {
            queue.waiting.push_front(waiting);
        }
    }
}

impl App {
    /// Leaves a record to be written soon; `false` where there is no room for it. `told` hears when it is written, and
    /// is dropped where it cannot be.
    pub(crate) fn leave_record(&self, record: Record, told: Option<oneshot::Sender<()>>) -> bool {
        {
            let mut queue = self.recorder.queue();
            if queue.waiting.len() >= WAITING {
                return false;
            }
            queue.waiting.push_back(Waiting { record, told });
            if queue.waiting.len() == BATCH {
                self.recorder.full.notify_one();
            }
        }
        if !self.recorder.writing.swap(true, Ordering::AcqRel) {
            match Handle::try_current() {
                Ok(runtime) => {
                    let app = self.clone();
                    runtime.spawn(async move { app.write_records_until_done().await });
                }
                // The process ends, and with it whoever would write. Its last flush may still come.
                Err(_) => self.recorder.writing.store(false, Ordering::Release),
            }
        }
        true
    }

    async fn write_records_until_done(&self) {
        loop {
            if !self.settings.strict_journal {
                // A full batch does not wait for more.
                let _ = tokio::time::timeout(GATHER, self.recorder.full.notified()).await;
            }
            if let Err(error) = self.flush_uses().await {
                let waiting = self.recorder.queue().waiting.len();
                tracing::error!(%error, waiting, "uses and calls could not be recorded; they are tried again");
                tokio::time::sleep(GATHER).await;
            }
            let lost = std::mem::take(&mut self.recorder.queue().lost);
            if lost > 0 {
                tracing::warn!(
                    calls = lost,
                    "calls are missing from the log: too many waited for the database"
                );
            }
            self.recorder.writing.store(false, Ordering::Release);
            // One that came in between found a writer at work.
            if self.recorder.queue().waiting.is_empty() || self.recorder.writing.swap(true, Ordering::AcqRel)
            {
                return;
            }
        }
    }

    /// Writes the records that wait, uses and calls. Called by itself a moment after each, and before the server ends.
    pub async fn flush_uses(&self) -> Result<()> {
        let _writer = self.recorder.writer.lock().await;
        loop {
            let batch = self.recorder.take();
            if batch.waiting.is_empty() {
                return Ok(());
            }
            self.write_batch(&batch.waiting).await?;
            batch.written();
        }
    }

    async fn write_batch(&self, batch: &[Waiting]) -> Result<()> {
        let mut records: Vec<_> = batch.iter().map(|waiting| &waiting.record).collect();
        match self.write_records(&records).await {
            // A connection was lost while it committed, and the commit took place nevertheless.
            Err(error) if error.code == ErrorCode::Conflict => {
                let mut missing = vec![];
                let mut reader = self.pool.read().await?;
                for record in records.drain(..) {
                    let known = match record {
                        Record::Use(event) => {
                            event::exists(&mut reader, &event.environment_id, &event.id).await?
                        }
                        Record::Call(call) => {
                            tool_call::exists(&mut reader, &call.environment_id, &call.id).await?
                        }
                        Record::Noted(..) => false,
                    };
                    missing.extend((!known).then_some(record));
                }
                drop(reader);
                self.write_records(&missing).await
            }
            done => done,
        }
    }

    async fn write_records(&self, records: &[&Record]) -> Result<()> {
        let (mut accounts, mut uses, mut calls) = (BTreeMap::new(), vec![], vec![]);
        let mut tx = self.pool.begin().await?;
        for record in records {
            match record {
                Record::Use(event) => {
                    uses.push(event.as_ref());
                    if let Some(account) = &event.account_id {
                        accounts.insert(account.as_str(), (&event.environment_id, account, event.created_at));
                    }
                }
                Record::Call(call) => calls.push(call.as_ref()),
                Record::Noted(environment, account, at) => {
                    accounts.insert(account.as_str(), (environment, account, *at));
                }
            }
        }
        event::append_all(&mut tx, &uses).await?;
        for (environment, account, at) in accounts.into_values() {
            account::touch(&mut tx, environment, account, at).await?;
        }
        tool_call::append(&mut tx, &calls).await?;
        Ok(tx.commit().await?)
    }
}
