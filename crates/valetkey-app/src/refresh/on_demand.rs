//! A refresh for whoever needs a token now. However many ask, in however many processes, one request is sent.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use valetkey_core::{
    Timestamp,
    error_code::ErrorCode,
    id::AccountId,
    refresh::{OutcomeClass, TOKEN_TIMEOUT_SECONDS},
};
use valetkey_store::{credential, refresh, token_host};

use super::{
    claim::{Demand, Step},
    settle::Recorded,
};
use crate::{App, Error, Result, account::Account};

/// What a refresh came to, for everybody who waits for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flown {
    /// An attempt was made, here or elsewhere; what is stored is its outcome.
    Attempted(OutcomeClass),
    /// There is nothing to refresh; the account tells why.
    Nothing,
    /// The connection or its provider is left alone until then.
    Paused(Timestamp),
    /// Another process is at it for longer than anybody waits.
    StillUnderWay,
}

type Flight = Shared<BoxFuture<'static, std::result::Result<Flown, Arc<Error>>>>;

/// Refreshes under way in this process, by account.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<AccountId, Flight>>);

impl Flights {
    fn under_way(&self) -> MutexGuard<'_, HashMap<AccountId, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to wait before looking again at what another process does.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl App {
    /// Refreshes an account, or waits for the refresh that is under way. It goes on where the caller gives up. A caller
    /// who has `seen` a generation of the credential wants another one, and gets it without a request where it is there
    /// already.
    pub(crate) async fn refresh_on_demand(
        &self,
        row: &Account,
        demand: Demand,
        seen: Option<i64>,
    ) -> Result<Flown> {
        let flight = {
            let mut flights = self.flights.under_way();
            let known = flights.get(&row.id).filter(|flight| flight.peek().is_none()).cloned();
            known.unwrap_or_else(|| {
                let flight = self.take_off(row.clone(), demand, seen);
                flights.insert(row.id.clone(), flight.clone());
                flight
            })
        };
        flight.await.map_err(|error| Error::new(error.code, error.message.clone()))
    }

    fn take_off(&self, row: Account, demand: Demand, seen: Option<i64>) -> Flight {
        let app = self.clone();
        let id = row.id.clone();
        let task = tokio::spawn(async move {
            let flown = app.fly(&row, demand, seen).await;
            app.flights.under_way().remove(&id);
            flown.map_err(Arc::new)
        });
        let lost = || Arc::new(Error::new(ErrorCode::Unavailable, "the refresh was given up; try again"));
        task.map(move |ended| ended.unwrap_or_else(|_| Err(lost()))).boxed().shared()
    }

    async fn fly(&self, row: &Account, demand: Demand, seen: Option<i64>) -> Result<Flown> {
        let patience = Duration::from_secs(TOKEN_TIMEOUT_SECONDS.unsigned_abs() + 5);
        let until = tokio::time::Instant::now() + patience;
        let mut before = seen.map(Some);
        loop {
            let target = self.token_target(&row.environment_id, &row.connection_id).await?;
            let now = self.clock.now();
            if demand == Demand::Use
                && let Some(paused) = self.paused_host(row, now).await?
            {
                return Ok(Flown::Paused(paused));
            }
            let mut tx = self.pool.begin().await?;
            let live = credential::get(&mut tx, &row.environment_id, &row.id).await?;
            let generation = live.as_ref().map(|live| live.generation);
            if before.is_some_and(|before| before != generation) {
                // What is wanted has come.
                return Ok(Flown::Attempted(OutcomeClass::Success));
            }
            before = Some(generation);
            let step = self.claim_slot(&mut tx, (&row.environment_id, &row.id), &target, demand).await?;
            tx.commit().await?;
            match step {
                Step::Take(job) => {
                    let attempted = self.attempt(&job).await;
                    let class = attempted.class();
                    let finished = self.finish_attempt(*job, attempted).await?;
                    return Ok(match self.settle(finished).await? {
                        Recorded::Outcome => Flown::Attempted(class),
                        Recorded::Overtaken => Flown::Attempted(OutcomeClass::Unknown),
                    });
                }
                Step::Nothing => return Ok(Flown::Nothing),
                Step::Fault(until) => return Ok(Flown::Paused(until)),
                Step::Wait if tokio::time::Instant::now() > until => return Ok(Flown::StillUnderWay),
                Step::Wait => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Until when the host of an account is left alone.
    async fn paused_host(&self, row: &Account, now: Timestamp) -> Result<Option<Timestamp>> {
        let mut reader = self.pool.read().await?;
        let kept = refresh::get(&mut reader, &row.environment_id, &row.id).await?;
        let Some(kept) = kept else { return Ok(None) };
        let host = token_host::get(&mut reader, &kept.host).await?;
        Ok(host.and_then(|host| host.paused_until).filter(|until| *until > now))
    }
}
