//! The record of uses: an event of the journal each, or, where that need not come first, the row of the call in the log
//! of calls.

use serde_json::json;
use tokio::sync::oneshot;
use valetkey_core::{error_code::ErrorCode, journal::EventKind};
use valetkey_store::event;

use super::Snapshot;
use crate::{App, Caller, Error, Result, recorder::Record};

impl App {
    /// Records that a credential is about to be used. Where there is no room for the record, or it cannot be written
    /// and the journal is strict, the credential must not be used.
    pub(crate) async fn record_use(&self, caller: &Caller, snapshot: &Snapshot, purpose: &str) -> Result<()> {
        let now = self.clock.now();
        let account = &snapshot.account;
        let kind = if purpose == "read" { EventKind::CredentialRead } else { EventKind::CredentialUsed };
        let event = event::Event {
            id: self.next_event_id(now),
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
        if !self.leave_record(Record::Use(Box::new(event)), strict.then_some(told)) {
            return Err(unrecorded());
        }
        if strict { written.await.map_err(|_| unrecorded()) } else { Ok(()) }
    }
}

impl App {
    /// Sees to the record of a call that is about to use a credential. The row that the call leaves when it has ended says
    /// who used the credential of which account, when and what for. Where the journal is strict, an event comes before the
    /// use.
    pub(crate) async fn record_call_use(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        purpose: &str,
    ) -> Result<()> {
        if self.settings.strict_journal {
            return Box::pin(self.record_use(caller, snapshot, purpose)).await;
        }
        if !self.recorder.has_room() {
            return Err(unrecorded());
        }
        let now = self.clock.now();
        if snapshot.is_use_to_note(now) {
            let account = &snapshot.account;
            let noted = Record::Noted(account.environment_id.clone(), account.id.clone(), now);
            self.leave_record(noted, None);
        }
        Ok(())
    }
}

fn unrecorded() -> Error {
    Error::new(
        ErrorCode::Unavailable,
        "the use of the credential could not be recorded, so it was not used; try again",
    )
}
