//! How many further keys an environment may use.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use valetkey_core::{Timestamp, error_code::ErrorCode, id::EnvironmentId};
use valetkey_store::idempotency;

use crate::{App, Error, Result};

/// How many keys of an environment are kept at the most. Each is kept for a day, with its answer.
const MOST: i64 = 100_000;

/// How many keys this process takes before it counts again, and so by how many each process may go beyond the limit.
const UNCOUNTED: i64 = 1000;

/// How long a count is believed, in seconds.
const BELIEVED: i64 = 60;

/// What was counted a moment ago, by environment.
#[derive(Default)]
pub(crate) struct KeyRoom(Mutex<HashMap<EnvironmentId, Room>>);

struct Room {
    /// How many keys may be taken before it is counted again; zero where there was no room.
    left: i64,
    until: Timestamp,
}

impl KeyRoom {
    fn rooms(&self) -> MutexGuard<'_, HashMap<EnvironmentId, Room>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes room for a key; `false` where there is none, `None` where that is not known.
    fn take(&self, environment: &EnvironmentId, now: Timestamp) -> Option<bool> {
        let mut rooms = self.rooms();
        let room = rooms.get_mut(environment).filter(|room| now < room.until)?;
        match room.left {
            0 => return Some(false),
            1 => drop(rooms.remove(environment)),
            _ => room.left -= 1,
        }
        Some(true)
    }
}

impl App {
    /// Takes room for a further key of an environment. Fails with `RATE_LIMITED` where it has 100,000 that are kept.
    pub(super) async fn take_key_room(&self, environment: &EnvironmentId) -> Result<()> {
        let now = self.clock.now();
        if let Some(taken) = self.key_room.take(environment, now) {
            return taken.then_some(()).ok_or_else(full);
        }
        let kept = idempotency::count(&mut *self.pool.read().await?, environment, MOST).await?;
        let room = Room { left: (MOST - kept).min(UNCOUNTED), until: now.plus_seconds(BELIEVED) };
        self.key_room.rooms().insert(environment.clone(), room);
        self.key_room.take(environment, now).unwrap_or(true).then_some(()).ok_or_else(full)
    }
}

fn full() -> Error {
    let message = format!(
        "the environment has used {MOST} Idempotency-Keys in the last 24 hours; send requests that may be carried out          twice without one, or try again later"
    );
    Error::new(ErrorCode::RateLimited, message)
}
