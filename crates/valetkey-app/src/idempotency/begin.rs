//! Take a key, or get the answer that it has.

use std::time::Duration;

use tokio::time::sleep;
use valetkey_core::{error_code::ErrorCode, id::RequestId};
use valetkey_store::idempotency::{self, IdempotencyKey};
use zeroize::Zeroizing;

use super::end::answer_context;
use crate::{App, Caller, Error, Result};

/// How long a process holds a key without a sign of life, in seconds.
pub(super) const LEASE: i64 = 15;

/// How long a key is kept, in seconds.
const KEPT: i64 = 86_400;

/// The longest key, in characters.
const LONGEST: usize = 255;

/// How long the first and the longest pause is between two looks at a request that somebody else carries out.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// The right to carry a request out, until it ends or goes without a sign of life for too long.
#[derive(Debug)]
pub struct Ticket(pub(super) IdempotencyKey);

impl Ticket {
    /// Names the request, however often it is carried out.
    pub fn request(&self) -> &RequestId {
        &self.0.request_id
    }
}

/// What there is to do with a request.
#[derive(Debug)]
pub enum Begun {
    /// Carry it out.
    CarryOut(Ticket),
    /// Answer with this.
    Replay(Zeroizing<Vec<u8>>),
}

impl App {
    /// Begins a request that came with a key: takes the key, or finds the answer that it has. Where somebody else
    /// carries the same request out, waits for its end. `hash` is that of what the request asks for.
    ///
    /// Fails where the key stands for another request of the caller in the last 24 hours, and for a new key where the
    /// environment has used as many as it may in that time.
    pub async fn begin_request(&self, caller: &Caller, key: &str, hash: Vec<u8>) -> Result<Begun> {
        check_key(key)?;
        let mut pause = PAUSES.0;
        loop {
            let Some(row) = self.take_key(caller, key, &hash).await? else {
                // It was removed between two looks.
                continue;
            };
            match row {
                Taken::Ours(ticket) => return Ok(Begun::CarryOut(ticket)),
                Taken::Theirs(row) if row.request_hash != hash => return Err(reused(key)),
                Taken::Theirs(row) => {
                    if let Some(sealed) = &row.answer {
                        return Ok(Begun::Replay(self.keys.open(answer_context(&row), sealed).await?));
                    }
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    /// Takes a key that is free, or whose holder is gone; else tells what it stands for.
    async fn take_key(&self, caller: &Caller, key: &str, hash: &[u8]) -> Result<Option<Taken>> {
        let now = self.clock.now();
        let held_until = now.plus_seconds(LEASE);
        let found =
            idempotency::get(&mut *self.pool.read().await?, &caller.environment, &caller.actor, key).await?;
        let Some(mut row) = found.filter(|row| row.expires_at > now) else {
            self.take_key_room(&caller.environment).await?;
            let fresh = IdempotencyKey {
                environment_id: caller.environment.clone(),
                actor: caller.actor.clone(),
                name: key.to_owned(),
                request_id: RequestId::new(now, self.entropy.as_ref()),
                request_hash: hash.to_vec(),
                fencing: 1,
                held_until,
                answer: None,
                expires_at: now.plus_seconds(KEPT),
            };
            let mut tx = self.pool.begin().await?;
            let free = idempotency::insert_if_free(&mut tx, &fresh, now).await?;
            tx.commit().await?;
            return Ok(free.then_some(Taken::Ours(Ticket(fresh))));
        };
        if row.answer.is_some() || row.request_hash != hash || row.held_until > now {
            return Ok(Some(Taken::Theirs(row)));
        }
        let mut tx = self.pool.begin().await?;
        let claimed = idempotency::claim(&mut tx, &row, held_until).await?;
        tx.commit().await?;
        if !claimed {
            return Ok(None);
        }
        (row.fencing, row.held_until) = (row.fencing + 1, held_until);
        Ok(Some(Taken::Ours(Ticket(row))))
    }
}

/// Who has a key.
enum Taken {
    Ours(Ticket),
    Theirs(IdempotencyKey),
}

fn check_key(key: &str) -> Result<()> {
    let printable = key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if printable && (1..=LONGEST).contains(&key.len()) {
        return Ok(());
    }
    let text = format!("must be 1 to {LONGEST} printable ASCII characters");
    Err(Error::invalid("Idempotency-Key", "idempotency_key", text))
}

fn reused(key: &str) -> Error {
    let message = format!(
        "Idempotency-Key \"{key}\" was used for another request in the last 24 hours; \
         send a new key with each new request, and the same request with the same key"
    );
    Error::new(ErrorCode::IdempotencyKeyReused, message)
}
