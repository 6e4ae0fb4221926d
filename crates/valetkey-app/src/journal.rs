//! Writing journal events inside the transaction of the change.

use serde_json::Value;
use valetkey_core::{
    id::{AccountId, ConnectionId, EventId},
    journal::EventKind,
};
use valetkey_store::{Tx, event};

use crate::{App, Caller, Result};

/// What an event is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) account: Option<&'a AccountId>,
    pub(crate) connection: Option<&'a ConnectionId>,
}

impl App {
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
            id: EventId::new(now, self.entropy.as_ref()),
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
