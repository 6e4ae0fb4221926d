//! The record of uses. It is written in batches beside the path of the use itself, so that a use costs no write of its
//! own; with the setting `journal.strict` a use waits until its batch is written, and fails where it cannot be.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::sync::oneshot;
use valetkey_core::{Timestamp, error_code::ErrorCode, id::EventId, journal::EventKind};
use valetkey_store::{account, event};

use super::Snapshot;
use crate::{App, Caller, Error, Result};

/// How long a record waits for others at the most, in milliseconds.
const GATHER: u64 = 100;

/// How many records wait in memory where the database is away. Above that a use fails, because it could not be told of.
const WAITING: usize = 100_000;

/// Records on their way.
#[derive(Default)]
pub(crate) struct UseJournal {
    waiting: Mutex<Vec<Waiting>>,
    writing: AtomicBool,
    /// Held while a batch is written, so that whoever wants everything recorded waits for the one under way too.
    turn: tokio::sync::Mutex<()>,
}

struct Waiting {
    event: event::Event,
    told: Option<oneshot::Sender<()>>,
}

impl UseJournal {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Records that a credential is about to be used.
    pub(crate) async fn record_use(&self, caller: &Caller, snapshot: &Snapshot, purpose: &str) -> Result<()> {
        let now = self.clock.now();
        let account = &snapshot.account;
        let kind = if purpose == "read" { EventKind::CredentialRead } else { EventKind::CredentialUsed };
        let event = event::Event {
            id: EventId::new(now, self.entropy.as_ref()),
            environment_id: caller.environment.clone(),
            account_id: Some(account.id.clone()),
            connection_id: Some(account.connection_id.clone()),
            kind,
            actor: caller.actor.clone(),
            details: json!({ "purpose": purpose, "generation": snapshot.generation }).to_string(),
            created_at: now,
        };
        let (told, written) = oneshot::channel();
        let strict = self.settings.strict_journal;
        {
            let mut waiting = self.uses.waiting();
            if waiting.len() >= WAITING {
                return Err(unrecorded());
            }
            waiting.push(Waiting { event, told: strict.then_some(told) });
        }
        if !self.uses.writing.swap(true, Ordering::AcqRel) {
            let app = self.clone();
            tokio::spawn(async move { app.write_uses_until_done().await });
        }
        if strict { written.await.map_err(|_| unrecorded()) } else { Ok(()) }
    }

    async fn write_uses_until_done(&self) {
        loop {
            if !self.settings.strict_journal {
                tokio::time::sleep(Duration::from_millis(GATHER)).await;
            }
            if let Err(error) = self.flush_uses().await {
                tracing::error!(%error, "uses of credentials could not be recorded; they are tried again");
                tokio::time::sleep(Duration::from_millis(GATHER)).await;
            }
            self.uses.writing.store(false, Ordering::Release);
            // One that came in between found a writer at work.
            if self.uses.waiting().is_empty() || self.uses.writing.swap(true, Ordering::AcqRel) {
                return;
            }
        }
    }

    /// Writes the records that wait, in one transaction, after the batch that is being written. Called by itself a
    /// moment after each use, and before the server ends.
    pub async fn flush_uses(&self) -> Result<()> {
        let _turn = self.uses.turn.lock().await;
        let batch = std::mem::take(&mut *self.uses.waiting());
        if batch.is_empty() {
            return Ok(());
        }
        match self.write_uses(&batch).await {
            Ok(()) => {
                for told in batch.into_iter().filter_map(|waiting| waiting.told) {
                    // Whoever has given up does not need to know.
                    let _ = told.send(());
                }
                Ok(())
            }
            Err(error) => {
                // Strict users fail with the batch; the others' records are tried again.
                let again = batch.into_iter().filter(|waiting| waiting.told.is_none());
                let mut waiting = self.uses.waiting();
                let newer = std::mem::take(&mut *waiting);
                waiting.extend(again.chain(newer));
                Err(error)
            }
        }
    }

    async fn write_uses(&self, batch: &[Waiting]) -> Result<()> {
        let mut used: BTreeMap<_, (&event::Event, Timestamp)> = BTreeMap::new();
        let mut tx = self.pool.begin().await?;
        for Waiting { event, .. } in batch {
            event::append(&mut tx, event).await?;
            if let Some(account) = &event.account_id {
                used.insert(account.as_str(), (event, event.created_at));
            }
        }
        for (event, at) in used.into_values() {
            if let Some(account) = &event.account_id {
                account::touch(&mut tx, &event.environment_id, account, at).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

fn unrecorded() -> Error {
    Error::new(
        ErrorCode::Unavailable,
        "the use of the credential could not be recorded, so it was not used; try again",
    )
}
