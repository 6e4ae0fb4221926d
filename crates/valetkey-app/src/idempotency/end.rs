//! Keep the answer of a request, or let it be carried out again.

use valetkey_core::sealed::SealContext;
use valetkey_store::idempotency::{self, IdempotencyKey};

use super::begin::{LEASE, Ticket};
use crate::{App, Result};

/// Where the answer of a request is sealed.
pub(super) fn answer_context(row: &IdempotencyKey) -> SealContext<'_> {
    SealContext {
        environment: row.environment_id.as_str(),
        table: "idempotency_keys",
        row: row.request_id.as_str(),
        field: "answer",
    }
}

impl App {
    /// Shows that a request is still being carried out. Called every few seconds.
    pub async fn hold_request(&self, ticket: &mut Ticket) -> Result<()> {
        ticket.0.held_until = self.clock.now().plus_seconds(LEASE);
        self.settle_key(&ticket.0).await
    }

    /// Ends a request: with its answer, which everybody gets who sends it again; or without one, so that it is carried
    /// out again then.
    pub async fn end_request(&self, ticket: Ticket, answer: Option<&[u8]>) -> Result<()> {
        let Ticket(mut row) = ticket;
        row.held_until = self.clock.now();
        if let Some(answer) = answer {
            row.answer = Some(self.keys.seal(answer_context(&row), answer).await?);
        }
        self.settle_key(&row).await
    }

    /// Where the key was taken by somebody else meanwhile, their answer counts.
    async fn settle_key(&self, row: &IdempotencyKey) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        idempotency::settle(&mut tx, row).await?;
        Ok(tx.commit().await?)
    }
}
