//! Accounts with their credentials in memory, for as long as nobody could tell the difference.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use valetkey_core::{
    Timestamp,
    account::{CredentialFacts, State},
    credential::Credential,
    id::{AccountId, EnvironmentId},
};
use valetkey_store::{credential, refresh};

use crate::{
    App, Caller, Error, Result,
    account::{Account, AccountAddress, credential_context},
    call::Way,
    refresh::facts,
};

/// How long a snapshot is used after it was read, in milliseconds. A change that another process makes is seen after
/// this at the latest; one of this process at once.
const FRESH: i64 = 500;

/// How many snapshots are kept.
const KEPT: usize = 10_000;

/// How many ways of naming one account are kept.
const ADDRESSES: usize = 8;

/// How old the note of the last use may become before it is written again, in milliseconds.
const USE_NOTED_EVERY: i64 = 60_000;

/// An account with its credential, as they were read together.
#[derive(Debug)]
pub struct Snapshot {
    /// The account as it is stored.
    pub account: Account,
    /// Its credential, where it has one.
    pub credential: Option<Credential>,
    /// What is known of the credential.
    pub(crate) facts: Option<CredentialFacts>,
    /// When the credential was stored. It is of the same row as the expiry, so that the two belong together however
    /// the reads of a snapshot fall between the writes of others.
    pub(crate) stored_at: Option<Timestamp>,
    /// The generation of the credential; 0 without one.
    pub(crate) generation: i64,
    /// How the credential gets to its API, once somebody has asked.
    pub(crate) way: OnceLock<Arc<Way>>,
    /// When the account was noted as used, in milliseconds since 1970; 0 where it never was.
    noted: AtomicI64,
}

impl Snapshot {
    /// Whether a use at `now` is to be noted with the account. So that not every use changes its row, it is for one use
    /// in a minute.
    pub(crate) fn is_use_to_note(&self, now: Timestamp) -> bool {
        let noted = self.noted.load(Ordering::Relaxed);
        let due = (now.millis() - noted).abs() >= USE_NOTED_EVERY;
        due && self.noted.compare_exchange(noted, now.millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// The environment and the word by which an account is named: its identifier, or its id.
type Name = (EnvironmentId, String);

fn name(caller: &Caller, address: &AccountAddress) -> Name {
    let word = address.identifier.as_ref().or(address.id.as_ref());
    (caller.environment.clone(), word.cloned().unwrap_or_default())
}

#[derive(Default)]
struct Memory {
    by_name: HashMap<Name, Vec<(AccountAddress, AccountId)>>,
    by_id: HashMap<AccountId, (Arc<Snapshot>, Timestamp)>,
    /// Accounts that are being changed; what is read of them meanwhile may be old by the time it is kept.
    changing: HashMap<AccountId, Timestamp>,
}

/// Snapshots, bounded in number and time.
#[derive(Default)]
pub(crate) struct Snapshots(Mutex<Memory>);

impl Snapshots {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, name: &Name, address: &AccountAddress, now: Timestamp) -> Option<Arc<Snapshot>> {
        let memory = self.memory();
        let (_, id) = memory.by_name.get(name)?.iter().find(|(known, _)| known == address)?;
        let (snapshot, read_at) = memory.by_id.get(id)?;
        let fresh = (0..FRESH).contains(&(now.millis() - read_at.millis()));
        (fresh && snapshot.account.environment_id == name.0).then(|| snapshot.clone())
    }

    fn keep(&self, name: Name, address: &AccountAddress, snapshot: &Arc<Snapshot>, read_at: Timestamp) {
        let mut memory = self.memory();
        let id = &snapshot.account.id;
        if memory.changing.get(id).is_some_and(|since| read_at.millis() - since.millis() < FRESH) {
            return;
        }
        memory.changing.remove(id);
        if memory.by_id.len() >= KEPT || memory.by_name.len() >= KEPT {
            memory.by_id.clear();
            memory.by_name.clear();
        }
        let named = memory.by_name.entry(name).or_default();
        if !named.iter().any(|(known, found)| known == address && found == id) {
            named.retain(|(known, _)| known != address);
            named.truncate(ADDRESSES - 1);
            named.push((address.clone(), id.clone()));
        }
        memory.by_id.insert(id.clone(), (snapshot.clone(), read_at));
    }

    /// Forgets who is meant by an identifier, because another account has it too by now.
    pub(crate) fn forget_name(&self, row: &Account) {
        self.memory().by_name.remove(&(row.environment_id.clone(), row.identifier.clone()));
    }

    /// Forgets an account that changes. Called before the change is committed and after it, because a reader may see
    /// the old one in between.
    fn forget(&self, id: &AccountId, now: Timestamp) {
        let mut memory = self.memory();
        memory.by_id.remove(id);
        if memory.changing.len() >= KEPT {
            memory.changing.retain(|_, since| now.millis() - since.millis() < FRESH);
        }
        memory.changing.insert(id.clone(), now);
    }
}

impl App {
    /// Forgets an account that changes, in memory.
    pub(crate) fn forget_snapshot(&self, id: &AccountId) {
        self.snapshots.forget(id, self.clock.now());
    }

    /// The account with its credential. The credential is decrypted; nothing is recorded yet.
    pub(crate) async fn snapshot(&self, caller: &Caller, address: &AccountAddress) -> Result<Arc<Snapshot>> {
        let now = self.clock.now();
        let name = name(caller, address);
        if let Some(known) = self.snapshots.get(&name, address, now) {
            return Ok(known);
        }
        // In boxes, here and below, so that the future of a call that finds everything in memory is small.
        let snapshot = Arc::new(Box::pin(self.read_snapshot(caller, address)).await?);
        // One that is not active may be brought back at any moment, and is then shown with its token at once.
        if snapshot.account.state == State::Active {
            self.snapshots.keep(name, address, &snapshot, now);
        }
        Ok(snapshot)
    }

    /// The account with its credential as they are stored now.
    pub(crate) async fn read_snapshot(&self, caller: &Caller, address: &AccountAddress) -> Result<Snapshot> {
        let mut reader = self.pool.read().await?;
        let account = address.get(&mut reader, caller).await?;
        let live = credential::get(&mut reader, &account.environment_id, &account.id).await?;
        let kept = refresh::get(&mut reader, &account.environment_id, &account.id).await?;
        drop(reader);
        let noted = account.last_used_at.map_or(0, Timestamp::millis).into();
        let Some(live) = live else {
            return Ok(Snapshot {
                account,
                credential: None,
                facts: None,
                stored_at: None,
                generation: 0,
                way: OnceLock::new(),
                noted,
            });
        };
        let facts = facts(&account, &live, kept.as_ref());
        let context = credential_context(&account.environment_id, &account.id);
        let plain = self.keys.open(context, &live.sealed).await?;
        let credential = Credential::from_plaintext(&plain).map_err(Error::internal)?;
        Ok(Snapshot {
            account,
            credential: Some(credential),
            facts: Some(facts),
            stored_at: Some(live.updated_at),
            generation: live.generation,
            way: OnceLock::new(),
            noted,
        })
    }
}
