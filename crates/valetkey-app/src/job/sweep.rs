//! End what has run out of time: flows nobody came back from, users nobody confirmed.

use valetkey_core::{account::AccountEvent, link::FlowOutcome};
use valetkey_store::{account, flow, verification};

use crate::{App, Caller, Result, account::Change};

/// How many rows of each kind one run ends.
const BATCH: i64 = 500;

impl App {
    /// Ends expired flows and verifications; returns how many. Called about once a minute.
    pub async fn sweep(&self) -> Result<usize> {
        Ok(self.sweep_flows().await? + self.sweep_verifications().await?)
    }

    async fn sweep_flows(&self) -> Result<usize> {
        let expired = flow::expired(&mut *self.pool.read().await?, self.clock.now(), BATCH).await?;
        for row in &expired {
            let caller = Caller { actor: "server".into(), ..Caller::user(row.environment_id.clone()) };
            self.end_flow(&caller, row, FlowOutcome::Expired, None).await?;
        }
        Ok(expired.len())
    }

    async fn sweep_verifications(&self) -> Result<usize> {
        let now = self.clock.now();
        let expired = verification::expired(&mut *self.pool.read().await?, now, BATCH).await?;
        for row in &expired {
            let caller = Caller { actor: "server".into(), ..Caller::user(row.environment_id.clone()) };
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
