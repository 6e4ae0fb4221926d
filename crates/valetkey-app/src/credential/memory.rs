//! Where snapshots are kept: bounded in bytes, and forgotten when nobody asks for them.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use valetkey_core::{
    Timestamp,
    id::{AccountId, EnvironmentId},
};

use super::Snapshot;
use crate::account::{Account, AccountAddress};

/// How long a snapshot is used without a look at the database, in milliseconds. A change that another process makes is
/// seen after this at the latest; one of this process at once.
const FRESH: i64 = 500;

/// How long a snapshot is used without a look at itself where nobody else has written to the database and nothing has
/// changed here that it rests on, in milliseconds.
const UNDISTURBED: i64 = 120_000;

/// How many bytes of snapshots are kept: those of 120,000 accounts with a token of a hundred characters, at some 4 kB
/// each.
const BUDGET: usize = 512 << 20;

/// After how long without use a snapshot is forgotten, in milliseconds.
const IDLE: i64 = 600_000;

/// How many idle snapshots are forgotten at a time, so that nobody waits long.
const AT_A_TIME: usize = 32;

/// How many ways of naming one account are kept, and how many accounts of one name.
const ADDRESSES: usize = 8;

/// How many accounts that change are noted before those that have changed are forgotten.
const CHANGING: usize = 10_000;

/// The environment and the word by which an account is named: its identifier, or its id.
type Name = (EnvironmentId, String);

fn name(environment: &EnvironmentId, address: &AccountAddress) -> Name {
    let word = address.identifier.as_ref().or(address.id.as_ref());
    (environment.clone(), word.cloned().unwrap_or_default())
}

/// Which account an address was for.
struct Named {
    address: AccountAddress,
    id: AccountId,
    /// When that was last seen to be so.
    seen_at: Timestamp,
}

struct Kept {
    snapshot: Arc<Snapshot>,
    /// When the snapshot was last seen to be true.
    seen_at: Timestamp,
    /// The place in the queue that counts.
    queued_at: Timestamp,
    names: Vec<Name>,
}

#[derive(Default)]
struct Memory {
    by_name: HashMap<Name, Vec<Named>>,
    by_id: HashMap<AccountId, Kept>,
    /// Whom to forget next: those that were not used for longest, as far as they have been looked at.
    queue: VecDeque<(AccountId, Timestamp)>,
    /// What they take, about, and how much they may.
    bytes: usize,
    budget: usize,
    /// Accounts that are being changed; what is read of them meanwhile may be old by the time it is kept.
    changing: HashMap<AccountId, Timestamp>,
    /// The number by which others who write to the database are noticed, and when it was last asked for.
    foreign_version: Option<(i64, Timestamp)>,
    /// When something last changed that any snapshot may rest on.
    doubted_at: Option<Timestamp>,
}

impl Memory {
    fn remove(&mut self, id: &AccountId) {
        let Some(kept) = self.by_id.remove(id) else { return };
        self.bytes -= kept.snapshot.bytes;
        for name in kept.names {
            if let Some(named) = self.by_name.get_mut(&name) {
                named.retain(|named| named.id != *id);
                if named.is_empty() {
                    self.by_name.remove(&name);
                }
            }
        }
    }

    /// Notes that `address` is for the account, which is kept.
    fn note_name(&mut self, name: Name, address: &AccountAddress, id: &AccountId, seen_at: Timestamp) {
        let Some(kept) = self.by_id.get_mut(id) else { return };
        if !kept.names.contains(&name) {
            if kept.names.len() == ADDRESSES {
                return;
            }
            kept.names.push(name.clone());
        }
        let named = self.by_name.entry(name).or_default();
        if let Some(known) = named.iter_mut().find(|known| known.address == *address && known.id == *id) {
            known.seen_at = seen_at;
            return;
        }
        named.retain(|known| known.address != *address);
        named.truncate(ADDRESSES - 1);
        named.push(Named { address: address.clone(), id: id.clone(), seen_at });
    }

    /// Whether what was seen to be true at `seen_at` is so still, as far as that is known without a look.
    fn is_fresh(&self, seen_at: Timestamp, now: Timestamp) -> bool {
        let age = now.millis() - seen_at.millis();
        // What was read in the middle of a change may be from before it, and is believed for no longer.
        let undoubted = self.doubted_at.is_none_or(|at| seen_at.millis() >= at.millis() + FRESH);
        let undisturbed = || {
            let asked = self.foreign_version.is_some_and(|(_, at)| is_recent(at, now));
            asked && undoubted && (0..UNDISTURBED).contains(&age)
        };
        (0..FRESH).contains(&age) && self.doubted_at.is_none_or(|at| seen_at >= at) || undisturbed()
    }

    /// Forgets what there is no room for, and some of what was not used for long. Returns whether there may be more.
    fn make_room(&mut self, now: Timestamp) -> bool {
        for looked_at in 0.. {
            let Some((_, queued_at)) = self.queue.front() else { return false };
            let idle = now.millis() - queued_at.millis() >= IDLE;
            if self.bytes <= self.budget && (!idle || looked_at >= AT_A_TIME) {
                return idle;
            }
            let Some((id, queued_at)) = self.queue.pop_front() else { return false };
            match self.by_id.get_mut(&id) {
                Some(kept) if kept.queued_at != queued_at => {}
                Some(kept) if kept.seen_at > queued_at => {
                    kept.queued_at = kept.seen_at;
                    self.queue.push_back((id, kept.seen_at));
                }
                Some(_) => self.remove(&id),
                None => {}
            }
        }
        false
    }
}

/// Snapshots, bounded in bytes and time.
pub(crate) struct Snapshots(Mutex<Memory>);

impl Default for Snapshots {
    fn default() -> Self {
        Self::within(BUDGET)
    }
}

impl Snapshots {
    /// As many as there is room for in `budget` bytes.
    fn within(budget: usize) -> Self {
        Self(Mutex::new(Memory { budget, ..Memory::default() }))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The snapshot that is known for an address, and whether it is to be used without a look at the database.
    pub(super) fn get(
        &self,
        environment: &EnvironmentId,
        address: &AccountAddress,
        now: Timestamp,
    ) -> Option<(Arc<Snapshot>, bool)> {
        let name = name(environment, address);
        let memory = self.memory();
        let named = memory.by_name.get(&name)?.iter().find(|named| named.address == *address)?;
        let kept = memory.by_id.get(&named.id)?;
        let of_this_environment = kept.snapshot.account.environment_id == *environment;
        let seen_at = named.seen_at.min(kept.seen_at);
        let fresh = memory.is_fresh(seen_at, now);
        of_this_environment.then(|| (kept.snapshot.clone(), fresh))
    }

    /// Keeps a snapshot of the account that `address` is for, true at `seen_at`.
    pub(super) fn keep(&self, address: &AccountAddress, snapshot: &Arc<Snapshot>, seen_at: Timestamp) {
        let id = &snapshot.account.id;
        let name = name(&snapshot.account.environment_id, address);
        let mut memory = self.memory();
        if memory.changing.get(id).is_some_and(|since| seen_at.millis() - since.millis() < FRESH) {
            return;
        }
        memory.changing.remove(id);
        if let Some(kept) = memory.by_id.get_mut(id) {
            let before = std::mem::replace(&mut kept.snapshot, snapshot.clone());
            kept.seen_at = seen_at;
            memory.bytes -= before.bytes;
        } else {
            let kept = Kept {
                snapshot: snapshot.clone(),
                seen_at,
                queued_at: seen_at,
                names: Vec::with_capacity(1),
            };
            memory.by_id.insert(id.clone(), kept);
            memory.queue.push_back((id.clone(), seen_at));
        }
        memory.bytes += snapshot.bytes;
        memory.note_name(name, address, id, seen_at);
        memory.make_room(seen_at);
    }

    /// Forgets a snapshot that is not true any more.
    pub(super) fn discard(&self, id: &AccountId) {
        self.memory().remove(id);
    }

    /// Whether it is time to ask whether others have written to the database.
    pub(super) fn is_to_ask(&self, now: Timestamp) -> bool {
        !self.memory().foreign_version.is_some_and(|(_, at)| is_recent(at, now))
    }

    /// Notes the number by which others who write are noticed, as it was after `now`.
    pub(super) fn note_foreign(&self, version: i64, now: Timestamp) {
        let mut memory = self.memory();
        // Where it was never asked for, others may have written all the time.
        if memory.foreign_version.is_none_or(|(known, _)| known != version) {
            memory.doubted_at = Some(now);
        }
        memory.foreign_version = Some((version, now));
    }

    /// Has every snapshot looked at before it is used again, because something changes that any may rest on, such as a
    /// connection. Called before the change is committed and after it.
    pub(super) fn doubt(&self, now: Timestamp) {
        self.memory().doubted_at = Some(now);
    }

    /// Forgets who is meant by an identifier, because another account has it too by now.
    pub(crate) fn forget_name(&self, row: &Account) {
        self.memory().by_name.remove(&(row.environment_id.clone(), row.identifier.clone()));
    }

    /// Forgets an account that changes. Called before the change is committed and after it, because a reader may see
    /// the old one in between.
    pub(super) fn forget(&self, id: &AccountId, now: Timestamp) {
        let mut memory = self.memory();
        memory.remove(id);
        if memory.changing.len() >= CHANGING {
            memory.changing.retain(|_, since| now.millis() - since.millis() < FRESH);
        }
        memory.changing.insert(id.clone(), now);
    }

    /// Forgets what was not used for long.
    pub(crate) fn forget_idle(&self, now: Timestamp) {
        while self.memory().make_room(now) {}
    }
}

/// Whether `at` is less than half a second ago.
fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    (0..FRESH).contains(&(now.millis() - at.millis()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use valetkey_core::Timestamp;

    use super::{super::snapshot::tests::snapshot, *};

    const START: Timestamp = Timestamp::EPOCH;
    /// What each of the snapshots here takes.
    const BYTES: usize = 1000;

    fn of(number: u8) -> (AccountAddress, Arc<Snapshot>) {
        let snapshot = snapshot(number, BYTES);
        (AccountAddress::of_id(snapshot.account.id.to_string()), Arc::new(snapshot))
    }

    fn knows(snapshots: &Snapshots, number: u8, now: Timestamp) -> Option<bool> {
        let (address, wanted) = of(number);
        let environment = &wanted.account.environment_id;
        snapshots.get(environment, &address, now).map(|(found, fresh)| {
            assert_eq!(found.account.id, wanted.account.id);
            fresh
        })
    }

    #[test]
    fn a_snapshot_is_fresh_for_half_a_second_and_kept_for_a_look_after_it() {
        let snapshots = Snapshots::default();
        let (address, snapshot) = of(1);
        snapshots.keep(&address, &snapshot, START);
        let at = |millis| Timestamp::from_millis(START.millis() + millis);
        for (now, fresh) in [(0, true), (499, true), (500, false), (-1, false)] {
            assert_eq!(knows(&snapshots, 1, at(now)), Some(fresh), "{now}");
        }
        snapshots.keep(&address, &snapshot, at(500));
        assert_eq!(knows(&snapshots, 1, at(999)), Some(true));
        assert_eq!(knows(&snapshots, 2, at(0)), None);
    }

    #[test]
    fn what_is_over_the_budget_goes_those_first_that_were_not_used_for_longest() {
        let snapshots = Snapshots::within(3 * BYTES);
        for (second, number) in [1, 2, 3, 1, 4, 5].into_iter().enumerate() {
            let (address, snapshot) = of(number);
            snapshots.keep(&address, &snapshot, START.plus_seconds(i64::try_from(second).unwrap()));
        }
        let known: Vec<u8> = (1..=5).filter(|number| knows(&snapshots, *number, START).is_some()).collect();
        assert_eq!(known, [1, 4, 5]);
        let memory = snapshots.memory();
        assert_eq!((memory.bytes, memory.by_name.len(), memory.by_id.len()), (3 * BYTES, 3, 3));
    }

    #[test]
    fn what_nobody_uses_for_ten_minutes_goes() {
        let snapshots = Snapshots::default();
        for number in 0..100 {
            let (address, snapshot) = of(number);
            snapshots.keep(&address, &snapshot, START);
        }
        let (address, snapshot) = of(7);
        snapshots.keep(&address, &snapshot, START.plus_seconds(300));
        snapshots.forget_idle(START.plus_seconds(600));
        let known: Vec<u8> = (0..100).filter(|number| knows(&snapshots, *number, START).is_some()).collect();
        assert_eq!(known, [7]);
        snapshots.forget_idle(START.plus_seconds(900));
        let memory = snapshots.memory();
        assert!(memory.by_id.is_empty() && memory.by_name.is_empty() && memory.queue.is_empty());
        assert_eq!(memory.bytes, 0);
    }

    #[test]
    fn what_was_read_while_an_account_changed_is_not_kept() {
        let snapshots = Snapshots::default();
        let (address, snapshot) = of(1);
        snapshots.keep(&address, &snapshot, START);
        snapshots.forget(&snapshot.account.id, START);
        assert_eq!(knows(&snapshots, 1, START), None);
        snapshots.keep(&address, &snapshot, START);
        assert_eq!(knows(&snapshots, 1, START), None);
        snapshots.keep(&address, &snapshot, START.plus_seconds(1));
        assert_eq!(knows(&snapshots, 1, START.plus_seconds(1)), Some(true));
    }

    /// Keeps the snapshot of account 1 at `seen_at`, after nobody else has written for a second.
    fn keeping(seen_at: Timestamp) -> Snapshots {
        let snapshots = Snapshots::default();
        snapshots.note_foreign(1, seen_at.plus_seconds(-1));
        let (address, snapshot) = of(1);
        snapshots.keep(&address, &snapshot, seen_at);
        snapshots
    }

    #[test]
    fn a_snapshot_needs_no_look_for_two_minutes_where_nobody_else_writes() {
        let snapshots = keeping(START);
        for second in (1..120).step_by(7) {
            let now = START.plus_seconds(second);
            assert_eq!(knows(&snapshots, 1, now), Some(false), "not asked yet");
            assert!(snapshots.is_to_ask(now));
            snapshots.note_foreign(1, now);
            assert!(!snapshots.is_to_ask(now));
            assert_eq!(knows(&snapshots, 1, now), Some(true));
        }
        let late = START.plus_seconds(120);
        snapshots.note_foreign(1, late);
        assert_eq!(knows(&snapshots, 1, late), Some(false));
    }

    #[test]
    fn a_snapshot_from_before_the_first_question_is_looked_at() {
        let snapshots = Snapshots::default();
        let (address, snapshot) = of(1);
        snapshots.keep(&address, &snapshot, START);
        snapshots.note_foreign(1, START.plus_seconds(1));
        assert_eq!(knows(&snapshots, 1, START.plus_seconds(1)), Some(false));
    }

    #[test]
    fn a_write_of_another_process_has_every_snapshot_looked_at() {
        let snapshots = keeping(START);
        let now = START.plus_seconds(2);
        snapshots.note_foreign(2, now);
        assert_eq!(knows(&snapshots, 1, now), Some(false));
        // A look at the very moment of the change may have been too early, and is believed for half a second.
        let (address, snapshot) = of(1);
        snapshots.keep(&address, &snapshot, now);
        assert_eq!(knows(&snapshots, 1, now), Some(true));
        for (second, fresh) in [(3, false), (4, true)] {
            let now = START.plus_seconds(second);
            snapshots.note_foreign(2, now);
            assert_eq!(knows(&snapshots, 1, now), Some(fresh), "{second}");
            snapshots.keep(&address, &snapshot, now);
        }
    }

    #[test]
    fn what_all_may_rest_on_has_every_snapshot_looked_at_when_it_changes() {
        let snapshots = keeping(START);
        let now = Timestamp::from_millis(START.millis() + 100);
        snapshots.doubt(now);
        assert_eq!(knows(&snapshots, 1, now), Some(false));
        let (address, snapshot) = of(1);
        snapshots.keep(&address, &snapshot, now);
        assert_eq!(knows(&snapshots, 1, now), Some(true));
    }
}
