//! Refreshing what is due, for all accounts of the installation.
//!
//! Work is taken host by host, so that one that is slow or down delays no other, and for each host those that have
//! waited longest come first. Slots are taken many at a time and outcomes are recorded many at a time, in one
//! transaction each, because a commit costs the same for one as for many.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{sync::mpsc, time};
use valetkey_core::{
    Timestamp,
    id::{AccountId, ConnectionId, EnvironmentId},
};
use valetkey_store::{refresh, token_host};

use super::{
    claim::{Demand, Job, Step},
    settle::Finished,
    target::TokenTarget,
};
use crate::{App, Result};

/// How much is refreshed at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RefresherSettings {
    /// Token requests under way at one host, over all processes of the installation.
    pub per_host: u32,
    /// Token requests under way in one process.
    pub in_all: u32,
}

impl Default for RefresherSettings {
    fn default() -> Self {
        Self { per_host: 16, in_all: 256 }
    }
}

/// What one run has done.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct RefreshRun {
    /// Requests sent.
    pub attempts: usize,
    /// Refreshed credentials.
    pub refreshed: usize,
}

/// How many outcomes are recorded in one transaction at the most.
const BATCH: usize = 128;

/// How many slots of a busy host are taken together at the least. More would leave the host waiting.
const TOGETHER: usize = 4;

/// How often to look for work while requests are under way.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How long the accounts of a connection that cannot be read are left alone, in seconds.
const UNREADABLE_PAUSE: i64 = 60;

/// How many accounts of one host are looked at in one transaction.
const CLAIMS: i64 = 128;

impl App {
    /// Refreshes what is due now until nothing is left of it; returns what was done. Safe to run in several processes
    /// at once. Called about once a second.
    pub async fn refresh_due(&self) -> Result<RefreshRun> {
        let mut run = Run::new(self.clone());
        loop {
            let found = run.claim().await;
            if run.under_way.is_empty() && !matches!(found, Ok(true)) {
                return found.map(|_| run.done);
            }
            // A database that is away ends the run, but not before what was sent is recorded.
            if !run.under_way.is_empty() {
                run.record().await;
            }
        }
    }

    /// When something is due next.
    pub async fn next_refresh(&self) -> Result<Option<Timestamp>> {
        let mut reader = self.pool.read().await?;
        let mut next = None;
        for host in token_host::all(&mut reader).await? {
            let due = refresh::next_due(&mut reader, &host.host).await?;
            let due = due.map(|due| host.paused_until.map_or(due, |paused| paused.max(due)));
            next = next.into_iter().chain(due).min();
        }
        Ok(next)
    }
}

/// The host of an attempt that has ended, and its outcome, which is absent where it could not be made ready to store.
type Ended = (Arc<str>, Option<Finished>);

/// One run: what it has under way, by host.
struct Run {
    app: App,
    under_way: HashMap<Arc<str>, usize>,
    finished: mpsc::UnboundedReceiver<Ended>,
    finish: mpsc::UnboundedSender<Ended>,
    done: RefreshRun,
}

impl Run {
    fn new(app: App) -> Self {
        let (finish, finished) = mpsc::unbounded_channel();
        Self { app, under_way: HashMap::new(), finished, finish, done: RefreshRun::default() }
    }

    /// Takes what is due, as far as hosts allow, and sends it off; says whether anything was done.
    async fn claim(&mut self) -> Result<bool> {
        if self.app.winding_down.load(Ordering::Acquire) {
            return Ok(false);
        }
        let hosts = token_host::all(&mut *self.app.pool.read().await?).await?;
        let now = self.app.clock.now();
        let mut found = false;
        for host in hosts {
            if host.paused_until.is_some_and(|until| until > now) {
                continue;
            }
            found |= self.claim_host(&Arc::from(host.host)).await?;
        }
        Ok(found)
    }

    /// How many more requests may be under way at a host.
    fn room(&self, host: &Arc<str>) -> usize {
        let settings = self.app.settings.refresher;
        let here = self.under_way.get(host).copied().unwrap_or_default();
        let in_all: usize = self.under_way.values().sum();
        (settings.per_host as usize)
            .saturating_sub(here)
            .min((settings.in_all as usize).saturating_sub(in_all))
    }

    async fn claim_host(&mut self, host: &Arc<str>) -> Result<bool> {
        let app = self.app.clone();
        let room = self.room(host);
        // A transaction for one slot costs the disk as much as one for some: the slots of a busy host are taken together.
        let busy = self.under_way.contains_key(host);
        let together = TOGETHER.min(app.settings.refresher.per_host as usize / 4);
        if room == 0 || busy && room < together {
            return Ok(false);
        }
        let now = app.clock.now();
        let mut reader = app.pool.read().await?;
        let limit = i64::try_from(room).unwrap_or(CLAIMS).min(CLAIMS);
        let due = refresh::due(&mut reader, host, now, limit).await?;
        drop(reader);
        if due.is_empty() {
            return Ok(false);
        }
        let targets = app.targets_of(&due).await;
        let mut jobs = vec![];
        let mut tx = app.pool.begin().await?;
        token_host::lock(&mut tx, host).await?;
        let held = usize::try_from(refresh::held(&mut tx, host, now).await?).unwrap_or_default();
        let free = (app.settings.refresher.per_host as usize).saturating_sub(held);
        for (environment, account, connection) in due.iter().take(free) {
            let Some(target) = targets.get(connection) else {
                let later = now.plus_seconds(UNREADABLE_PAUSE);
                refresh::schedule(&mut tx, environment, account, Some(later)).await?;
                continue;
            };
            let step = app.claim_slot(&mut tx, (environment, account), target, Demand::Schedule).await?;
            if let Step::Take(job) = step {
                jobs.push(job);
            }
        }
        tx.commit().await?;
        // A host with nothing under way has no entry: the run ends when there is none.
        if !jobs.is_empty() {
            *self.under_way.entry(host.clone()).or_default() += jobs.len();
        }
        self.done.attempts += jobs.len();
        for job in jobs {
            self.send(host.clone(), job);
        }
        Ok(free > 0)
    }

    fn send(&mut self, host: Arc<str>, job: Box<Job>) {
        let (app, finish) = (self.app.clone(), self.finish.clone());
        tokio::spawn(async move {
            let attempted = app.attempt(&job).await;
            let finished = app.finish_attempt(*job, attempted).await;
            if let Err(error) = &finished {
                tracing::error!(%error, "new tokens could not be sealed");
            }
            // Nobody listens any more where the run was given up; what the provider has issued is stored all the same.
            if let Err(mpsc::error::SendError((_, Some(finished)))) = finish.send((host, finished.ok())) {
                app.settle_alone(finished).await;
            }
        });
    }

    /// Waits for outcomes, and records all that are there. Returns now and then without any, to look for other work.
    async fn record(&mut self) {
        let mut outcomes = vec![];
        if time::timeout(LOOK_AGAIN, self.finished.recv_many(&mut outcomes, BATCH)).await.is_err() {
            return;
        }
        for (host, _) in &outcomes {
            if let Some(count) = self.under_way.get_mut(host) {
                *count -= 1;
            }
        }
        self.under_way.retain(|_, count| *count > 0);
        let outcomes: Vec<Finished> = outcomes.into_iter().filter_map(|(_, finished)| finished).collect();
        let issued = outcomes.iter().filter(|finished| finished.brings_tokens()).count();
        self.done.refreshed += issued;
        if self.app.settle_together(&outcomes).await.is_ok() {
            return;
        }
        // One of them spoils the transaction; each for itself, then.
        for finished in outcomes {
            self.app.settle_alone(finished).await;
        }
    }
}

impl App {
    async fn settle_alone(&self, finished: Finished) {
        let account = finished.job.account.id.clone();
        if let Err(error) = self.settle(finished).await {
            tracing::error!(%account, %error, "the outcome of a refresh could not be recorded");
        }
    }

    async fn settle_together(&self, outcomes: &[Finished]) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        for finished in outcomes {
            self.settle_in(&mut tx, finished).await?;
        }
        tx.commit().await?;
        for finished in outcomes {
            self.forget_snapshot(&finished.job.account.id);
        }
        Ok(())
    }

    async fn targets_of(
        &self,
        due: &[(EnvironmentId, AccountId, ConnectionId)],
    ) -> HashMap<ConnectionId, Arc<TokenTarget>> {
        let mut targets = HashMap::new();
        for (environment, _, connection) in due {
            if targets.contains_key(connection) {
                continue;
            }
            match self.token_target(environment, connection).await {
                Ok(target) => drop(targets.insert(connection.clone(), target)),
                Err(error) => tracing::error!(%connection, %error, "a connection cannot be read"),
            }
        }
        targets
    }
}
