//! Writing journal events inside the transaction of the change.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use valetkey_core::{
    Timestamp,
    id::{AccountId, ConnectionId, EventId},
    journal::EventKind,
};
use valetkey_store::{Tx, event};

use crate::{App, Caller, Result, event::SETTLING_SECONDS};

/// What an event is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) account: Option<&'a AccountId>,
    pub(crate) connection: Option<&'a ConnectionId>,
}

/// The id of the event that this process has made last.
pub(crate) type LastEvent = Mutex<Option<EventId>>;

impl App {
    /// The id of an event of now, which sorts after those that this process has made before.
    pub(crate) fn next_event_id(&self, now: Timestamp) -> EventId {
        let mut last = self.last_event.lock().unwrap_or_else(PoisonError::into_inner);
        let id = EventId::after(last.as_ref(), now, SETTLING_SECONDS * 1000, self.entropy.as_ref());
        last.insert(id).clone()
    }

    /// Appends an event. `details` must not contain a secret.
    pub(crate) async fn record(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        kind: EventKind,
        about: About<'_>,
        details: &Value,
    ) -> Result<()> {
        let now = self.clock.now();
        let event = event::Event {
            id: self.next_event_id(now),
            environment_id: caller.environment.clone(),
            account_id: about.account.cloned(),
            connection_id: about.connection.cloned(),
            kind,
            actor: caller.actor.clone(),
            details: details.to_string(),
            created_at: now,
        };
        Ok(event::append(tx, &event).await?)
    }
}
