//! End what has run out of time: flows nobody came back from, users nobody confirmed, calls that were kept long enough.

use valetkey_core::{account::AccountEvent, link::FlowOutcome};
use valetkey_store::{account, bulk, environment, flow, idempotency, sweep, tool_call, verification};

use crate::{App, Caller, Result, account::Change};

/// How many rows of each kind one run ends, and how many one transaction deletes.
const BATCH: i64 = 500;

/// How long spent links, flows and verifications are kept after they have run out, and operations on many accounts after
/// their end, in seconds: a week, in which it can still be said what became of them.
const KEPT: i64 = 7 * 86_400;

impl App {
    /// Ends expired flows and verifications; returns how many. Called about once a minute.
    pub async fn sweep(&self) -> Result<usize> {
        self.snapshots.forget_idle(self.clock.now());
        let ended = self.sweep_flows().await? + self.sweep_verifications().await?;
        self.delete_spent().await?;
        self.delete_old_calls().await?;
        self.delete_old_operations().await?;
        self.delete_old_keys().await?;
        Ok(ended)
    }

    async fn delete_old_calls(&self) -> Result<()> {
        let before = self.clock.now().plus_seconds(-i64::from(self.settings.call_retention_days) * 86_400);
        let environments = environment::list(&mut *self.pool.read().await?).await?;
        for environment in environments {
            let mut tx = self.pool.begin().await?;
            tool_call::delete_sums_before(&mut tx, &environment.id, before).await?;
            tx.commit().await?;
            loop {
                let mut tx = self.pool.begin().await?;
                let deleted = tool_call::delete_before(&mut tx, &environment.id, before, BATCH).await?;
                tx.commit().await?;
                if deleted < BATCH.unsigned_abs() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Operations on many accounts have many items, so that a transaction deletes one.
    async fn delete_old_operations(&self) -> Result<()> {
        let before = self.clock.now().plus_seconds(-KEPT);
        loop {
            let mut tx = self.pool.begin().await?;
            let deleted = bulk::delete_finished(&mut tx, before, 1).await?;
            tx.commit().await?;
            if deleted == 0 {
                return Ok(());
            }
        }
    }

    async fn delete_old_keys(&self) -> Result<()> {
        let now = self.clock.now();
        loop {
            let mut tx = self.pool.begin().await?;
            let deleted = idempotency::delete_expired(&mut tx, now, BATCH).await?;
            tx.commit().await?;
            if deleted < BATCH.unsigned_abs() {
                return Ok(());
            }
        }
    }

    async fn delete_spent(&self) -> Result<()> {
        let before = self.clock.now().plus_seconds(-KEPT);
        loop {
            let mut tx = self.pool.begin().await?;
            let deleted = sweep::delete_spent(&mut tx, before, BATCH).await?;
            tx.commit().await?;
            if deleted < BATCH.unsigned_abs() {
                return Ok(());
            }
        }
    }

    async fn sweep_flows(&self) -> Result<usize> {
        let expired = flow::expired(&mut *self.pool.read().await?, self.clock.now(), BATCH).await?;
        for row in &expired {
            let caller = Caller::server(row.environment_id.clone());
            self.end_flow(&caller, row, FlowOutcome::Expired, None).await?;
        }
        Ok(expired.len())
    }

    async fn sweep_verifications(&self) -> Result<usize> {
        let now = self.clock.now();
        let expired = verification::expired(&mut *self.pool.read().await?, now, BATCH).await?;
        for row in &expired {
            let caller = Caller::server(row.environment_id.clone());
            let mut tx = self.pool.begin().await?;
            if !verification::close(&mut tx, &row.environment_id, &row.id, "expired", now).await? {
                continue;
            }
            if let Some(owner) = account::get(&mut tx, &row.environment_id, &row.account_id).await? {
                let event = Change::Event(AccountEvent::VerificationExpired);
                self.apply(&mut tx, &caller, &owner, event).await?;
            }
            tx.commit().await?;
        }
        Ok(expired.len())
    }
}
