//! Who may spend a refresh token.
//!
//! An account has one slot in the database, which every process reads and writes in transactions only. A process
//! takes it before it sends anything, for longer than its request can last, and notes which generation of the
//! credential it is about to spend. The number of takings fences: a process that was paused for so long that another
//! one took the slot cannot store what it brings.

use super::Follow;
use crate::{Timestamp, account::AccountEvent};

/// How long a token request may last, in seconds: connecting, sending and reading together.
pub const TOKEN_TIMEOUT_SECONDS: i64 = 20;

/// How long a slot is held, in seconds. The difference to [`TOKEN_TIMEOUT_SECONDS`] covers storing the answer and
/// clocks of processes that differ by as much as twenty seconds.
pub const LEASE_SECONDS: i64 = 60;

/// The slot of an account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Slot {
    /// Counts up whenever it is taken, and never returns to a number that the account has had.
    pub fencing: i64,
    /// Until when it is held; absent: it is free.
    pub held_until: Option<Timestamp>,
    /// The attempt whose outcome is not recorded.
    pub attempt: Option<Attempt>,
}

/// An attempt that was begun.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Attempt {
    /// The generation of the credential whose refresh token it spends.
    pub generation: i64,
    /// Whether it presents a refresh token for the second time.
    pub repeated: bool,
}

/// How many takings there is room for between two versions of an account.
const TAKINGS: u32 = 32;

impl Slot {
    /// The free slot of a credential that was obtained in the given version of its account. As each credential is
    /// obtained in a later version than the one before it, a process that took the slot of an earlier one holds a lower
    /// number, also where that slot was destroyed in between.
    pub const fn of_obtained(account_version: i64) -> Self {
        Self { fencing: account_version << TAKINGS, held_until: None, attempt: None }
    }
}

impl Attempt {
    /// What stays open of it once its outcome is recorded. A request that was certainly not acted upon leaves things as
    /// they were before it: where it was a repetition, the outcome of the first is as unknown as it was.
    pub const fn left_open(self, follow: Follow) -> Option<Self> {
        match follow {
            Follow::LeaveOpen => Some(self),
            Follow::Retry | Follow::FaultConnection | Follow::Tell(AccountEvent::RefreshGivenUp) => {
                if self.repeated { Some(Self { repeated: false, ..self }) } else { None }
            }
            // The provider has spoken about the token itself.
            Follow::Store | Follow::Tell(_) => None,
        }
    }
}

/// What a process that wants to refresh may do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Claim {
    /// Take the slot in this state, and send.
    Take(Slot),
    /// Another process is at it, until then at the latest.
    Wait(Timestamp),
    /// The refresh token was spent, its outcome was lost, and the provider does not tolerate a second time.
    Lost,
}

/// Whether the credential of `generation` may be refreshed now. `repeat_tolerated` says that the provider accepts a
/// refresh token a second time where the answer to the first was lost; even there it is presented twice at the most.
pub fn claim(slot: &Slot, generation: i64, repeat_tolerated: bool, now: Timestamp) -> Claim {
    if let Some(until) = slot.held_until.filter(|until| now < *until) {
        return Claim::Wait(until);
    }
    let repeated = match slot.attempt {
        Some(attempt) if attempt.generation == generation => {
            if attempt.repeated || !repeat_tolerated {
                return Claim::Lost;
            }
            true
        }
        // An attempt on a credential that has been replaced since concerns nobody.
        Some(_) | None => false,
    };
    Claim::Take(Slot {
        fencing: slot.fencing + 1,
        held_until: Some(now.plus_seconds(LEASE_SECONDS)),
        attempt: Some(Attempt { generation, repeated }),
    })
}

/// Whether an outcome may be recorded by the process that took the slot as number `fencing`: nobody has taken it
/// since. That the time of the lease has run out does not matter as long as this holds, so that an answer which comes
/// late is not lost.
pub const fn may_store(slot: &Slot, fencing: i64) -> bool {
    slot.fencing == fencing
}

/// Whether what was decided upon the slot as it was `seen` still holds: nobody has taken it since, and no outcome was
/// recorded.
pub fn may_decide(slot: &Slot, seen: &Slot) -> bool {
    slot.fencing == seen.fencing && slot.attempt == seen.attempt
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn slot(held_for: Option<i64>, attempt: Option<(i64, bool)>) -> Slot {
        Slot {
            fencing: 7,
            held_until: held_for.map(|seconds| NOW.plus_seconds(seconds)),
            attempt: attempt.map(|(generation, repeated)| Attempt { generation, repeated }),
        }
    }

    #[test]
    fn a_free_slot_is_taken_with_the_next_number() {
        let Claim::Take(taken) = claim(&slot(None, None), 3, false, NOW) else { panic!("not taken") };
        assert_eq!((taken.fencing, taken.attempt), (8, Some(Attempt { generation: 3, repeated: false })));
        assert!(may_store(&taken, 8) && !may_store(&taken, 7));
    }

    #[test]
    fn the_numbers_of_a_slot_go_on_where_a_credential_is_obtained_anew() {
        let mut old = Slot::of_obtained(3);
        for _ in 0..1000 {
            let Claim::Take(taken) = claim(&Slot { attempt: None, held_until: None, ..old }, 1, false, NOW)
            else {
                panic!("not taken")
            };
            old = taken;
        }
        assert!(Slot::of_obtained(4).fencing > old.fencing);
        assert!(!may_store(&Slot::of_obtained(4), old.fencing));
    }

    #[test]
    fn what_was_decided_upon_a_slot_holds_until_it_is_taken_or_an_outcome_is_recorded() {
        let seen = slot(Some(0), Some((3, false)));
        assert!(may_decide(&Slot { held_until: None, ..seen }, &seen));
        assert!(!may_decide(&Slot { fencing: 8, ..seen }, &seen));
        assert!(!may_decide(&Slot { attempt: None, ..seen }, &seen));
    }

    #[test]
    fn a_held_slot_is_waited_for() {
        assert_eq!(claim(&slot(Some(1), Some((3, false))), 3, true, NOW), Claim::Wait(NOW.plus_seconds(1)));
    }

    #[test]
    fn a_lost_outcome_is_repeated_once_and_only_where_that_is_tolerated() {
        assert_eq!(claim(&slot(Some(0), Some((3, false))), 3, false, NOW), Claim::Lost);
        assert_eq!(claim(&slot(Some(0), Some((3, true))), 3, true, NOW), Claim::Lost);
        let Claim::Take(taken) = claim(&slot(Some(0), Some((3, false))), 3, true, NOW) else {
            panic!("lost")
        };
        assert_eq!(taken.attempt, Some(Attempt { generation: 3, repeated: true }));
    }

    #[test]
    fn a_repetition_that_was_turned_down_is_not_forgotten_to_be_one() {
        let first = Attempt { generation: 3, repeated: false };
        let second = Attempt { repeated: true, ..first };
        for follow in [Follow::Retry, Follow::FaultConnection, Follow::Tell(AccountEvent::RefreshGivenUp)] {
            assert_eq!(first.left_open(follow), None);
            assert_eq!(second.left_open(follow), Some(first));
        }
        assert_eq!(second.left_open(Follow::LeaveOpen), Some(second));
        for follow in [Follow::Store, Follow::Tell(AccountEvent::GrantRefused)] {
            assert_eq!(second.left_open(follow), None);
        }
    }

    #[test]
    fn a_lost_outcome_of_a_replaced_credential_is_forgotten() {
        assert!(matches!(claim(&slot(None, Some((2, true))), 3, false, NOW), Claim::Take(_)));
    }
}
