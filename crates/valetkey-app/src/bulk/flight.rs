//! Operations that this process works on, and waiting for their end.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::time::{Instant, sleep, timeout_at};
use valetkey_core::id::BulkOperationId;
use valetkey_store::bulk::{self, Operation};

use super::chunk::lease;
use crate::{App, Result};

/// How long the first and the longest pause is between two looks at what another process does.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How many operations of processes that are gone this one works on at a time.
const ADOPTED: usize = 4;

type Flight = Shared<BoxFuture<'static, ()>>;

/// Takes an operation out of those under way, also where its task panics.
struct Landing {
    app: App,
    id: BulkOperationId,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.app.bulk.under_way().remove(&self.id);
    }
}

/// Operations under way in this process.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<BulkOperationId, Flight>>);

impl Flights {
    fn under_way(&self) -> MutexGuard<'_, HashMap<BulkOperationId, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until none is under way any more. Each stops after the chunk that it is at where the process is to end.
    pub(crate) async fn landed(&self) {
        let flights: Vec<Flight> = self.under_way().values().cloned().collect();
        for flight in flights {
            flight.await;
        }
    }
}

impl App {
    /// Works on an operation that this process has taken, in a task of its own.
    pub(super) fn take_up_bulk(&self, operation: Operation) {
        let (app, id) = (self.clone(), operation.id.clone());
        // Held until the task is known, so that it cannot end before.
        let mut flights = self.bulk.under_way();
        let task = tokio::spawn(async move {
            let landing = Landing { app, id: operation.id.clone() };
            if let Err(error) = landing.app.work_off(operation).await {
                let operation = &landing.id;
                tracing::warn!(%operation, %error, "a bulk operation was interrupted; it is continued later");
            }
        });
        flights.insert(id, task.map(drop).boxed().shared());
    }

    /// Waits up to `wait` for the end of an operation, whichever process works on it, and answers with how far it is.
    pub(super) async fn wait_for_bulk(&self, operation: Operation, wait: Duration) -> Result<Operation> {
        let (deadline, mut pause) = (Instant::now() + wait, PAUSES.0);
        let mut seen = operation;
        while seen.finished_at.is_none() {
            let flight = self.bulk.under_way().get(&seen.id).cloned();
            match flight {
                // It ends early where it is interrupted; then somebody else goes on with it.
                Some(flight) => drop(timeout_at(deadline, flight).await),
                None if Instant::now() >= deadline => {}
                None => {
                    sleep(pause.min(deadline.saturating_duration_since(Instant::now()))).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
            let found = bulk::get(&mut *self.pool.read().await?, &seen.environment_id, &seen.id).await?;
            seen = found.unwrap_or(seen);
            // A process that is to end lets the next one go on, and its callers ask again.
            if Instant::now() >= deadline || self.winding_down.load(Ordering::Acquire) {
                break;
            }
        }
        Ok(seen)
    }

    /// Takes operations whose process is gone, and works on them in tasks of their own; returns how many. Called about
    /// once a second.
    pub async fn continue_bulk(&self) -> Result<usize> {
        let free = ADOPTED.saturating_sub(self.bulk.under_way().len());
        let now = self.clock.now();
        let most = i64::try_from(free).unwrap_or_default();
        let due = match most {
            0 => return Ok(0),
            most => bulk::due(&mut *self.pool.read().await?, now, most).await?,
        };
        let mut taken = 0;
        for mut operation in due {
            let until = now.plus_seconds(lease(operation.kind));
            let mut tx = self.pool.begin().await?;
            let claimed = bulk::claim(&mut tx, &operation, now, until).await?;
            tx.commit().await?;
            if claimed {
                operation.fencing += 1;
                operation.due_at = Some(until);
                self.take_up_bulk(operation);
                taken += 1;
            }
        }
        Ok(taken)
    }
}
