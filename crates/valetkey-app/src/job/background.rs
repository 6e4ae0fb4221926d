//! Everything that a server does without being asked, for as long as it runs.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use crate::App;

/// How often expired flows and verifications are ended.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// How often to look for tokens that are due.
const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// How often to look for revocations.
const REVOKE_EVERY: Duration = Duration::from_secs(1);

/// How often to look for operations on many accounts whose process is gone.
const CONTINUE_EVERY: Duration = Duration::from_secs(1);

impl App {
    /// Runs the background work until [`App::wind_down`] is called, and ends when what is under way then has ended.
    pub async fn run_background(&self) {
        tokio::join!(
            Box::pin(self.keep_fresh()),
            Box::pin(self.keep_revoking()),
            Box::pin(self.keep_continuing()),
            Box::pin(self.keep_sweeping())
        );
        self.bulk.landed().await;
        if let Err(error) = self.flush_uses().await {
            tracing::error!(%error, "the last uses of credentials and calls could not be recorded");
        }
    }

    /// Asks the background work to end.
    pub fn wind_down(&self) {
        self.winding_down.store(true, Ordering::Release);
        self.wound_down.notify_waiters();
    }

    /// Waits for the next tick; `false` where the work is to end.
    async fn goes_on(&self, timer: &mut tokio::time::Interval) -> bool {
        let ends = self.wound_down.notified();
        if self.winding_down.load(Ordering::Acquire) {
            return false;
        }
        tokio::select! {
            _ = timer.tick() => true,
            () = ends => false,
        }
    }

    async fn keep_fresh(&self) {
        let mut timer = every(REFRESH_EVERY);
        while self.goes_on(&mut timer).await {
            match self.refresh_due().await {
                Ok(run) if run.attempts > 0 => {
                    tracing::info!(attempts = run.attempts, refreshed = run.refreshed, "tokens refreshed");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "tokens that are due could not be looked for"),
            }
        }
    }

    async fn keep_revoking(&self) {
        let mut timer = every(REVOKE_EVERY);
        while self.goes_on(&mut timer).await {
            if let Err(error) = self.revoke_due().await {
                tracing::warn!(%error, "revocations could not be sent");
            }
        }
    }

    async fn keep_continuing(&self) {
        let mut timer = every(CONTINUE_EVERY);
        while self.goes_on(&mut timer).await {
            match self.continue_bulk().await {
                Ok(0) => {}
                Ok(taken) => tracing::info!(taken, "bulk operations are continued"),
                Err(error) => tracing::warn!(%error, "bulk operations could not be looked for"),
            }
        }
    }

    async fn keep_sweeping(&self) {
        let mut timer = every(SWEEP_EVERY);
        while self.goes_on(&mut timer).await {
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "expired flows and verifications could not be ended");
            }
        }
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut timer = interval(period);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    timer
}
