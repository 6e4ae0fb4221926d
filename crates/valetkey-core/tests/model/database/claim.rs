//! `valetkey_app::refresh::claim`: what a process finds when it wants to refresh, and what it writes then.

use valetkey_core::{
    Timestamp,
    account::{AccountEvent, Reason, State},
    refresh::{Claim, Slot, claim, may_decide, may_refresh, may_store},
};

use super::{Database, Due, Guard, Job, Read, Rollback, Rules};

/// Why a refresh is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Demand {
    /// It is due.
    Schedule,
    /// Somebody asks for it, or needs a token.
    Request,
}

/// What a process finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// There is nothing to refresh.
    Nothing {
        /// When something is due instead, where that is not as it is.
        due: Option<Due>,
        /// Whether the access token of an account that is active has run out.
        ran_out: bool,
    },
    /// Another process is at it.
    Wait,
    /// The outcome of an attempt was lost.
    Lost,
    /// The slot can be taken in this state.
    Take(Slot),
}

impl Database {
    /// `App::claim_slot`, up to its writes.
    pub(crate) fn step(&self, demand: Demand, now: Timestamp, rules: &Rules) -> Step {
        let (Some(row), Some(live)) = (self.row, self.live) else {
            return Step::Nothing { due: None, ran_out: false };
        };
        // What was begun on demand is brought to its end.
        let unwanted = demand == Demand::Schedule && !rules.auto_refresh && row.slot.attempt.is_none();
        if unwanted || !may_refresh(self.state, self.reason) || row.ended.is_some() {
            let over = live.expires_at.is_some_and(|at| at <= now);
            let for_good = row.ended.is_some_and(|reason| reason != Reason::RefreshOutcomeUnknown);
            let due = if over || for_good || live.expires_at.is_none() { Due::Never } else { Due::AtExpiry };
            let due = Some(due).filter(|due| demand == Demand::Schedule && *due != row.due);
            return Step::Nothing { due, ran_out: over && self.state == State::Active };
        }
        match claim(&row.slot, live.generation, rules.repeat_tolerated, now) {
            Claim::Take(slot) => Step::Take(slot),
            Claim::Wait(_) => Step::Wait,
            Claim::Lost => Step::Lost,
        }
    }

    /// `valetkey_store::refresh::take`.
    pub(crate) fn take(&mut self, read: &Read, slot: Slot, rules: &Rules) -> Option<Job> {
        let (before, credential) = (read.account.row?, read.account.live?);
        let row = self.row.as_mut()?;
        if !decision_stands(&row.slot, &before.slot, rules) {
            return None;
        }
        (row.slot, row.due) = (slot, Due::Soon);
        self.scheduled = true;
        Some(Job { fencing: slot.fencing, attempt: slot.attempt?, credential, failures: before.failures })
    }

    /// `App::nothing_to_refresh`.
    pub(crate) fn nothing(
        &mut self,
        read: &Read,
        (due, ran_out): (Option<Due>, bool),
        now: Timestamp,
        rules: &Rules,
    ) -> Result<(), Rollback> {
        let unseen = read.rescheduled && rules.has(Guard::Schedule);
        if let (Some(row), Some(due), false) = (&mut self.row, due, unseen) {
            row.due = due;
            self.scheduled = true;
        }
        if ran_out { self.change(read, AccountEvent::TokenRanOut, None, now, rules) } else { Ok(()) }
    }

    /// `App::outcome_lost`.
    pub(crate) fn lost(&mut self, read: &Read, now: Timestamp, rules: &Rules) -> Result<(), Rollback> {
        let (Some(before), Some(row)) = (read.account.row, &mut self.row) else { return Ok(()) };
        if !decision_stands(&row.slot, &before.slot, rules) {
            return Ok(());
        }
        let expires_at = read.account.live.and_then(|live| live.expires_at);
        row.ended = Some(Reason::RefreshOutcomeUnknown);
        row.due = if expires_at.is_some_and(|at| at > now) { Due::AtExpiry } else { Due::Never };
        row.slot.held_until = None;
        self.scheduled = true;
        // What a transaction has written, it reads.
        let mut read = read.clone();
        read.account.row = self.row;
        self.change(&read, AccountEvent::RefreshOutcomeLost, None, now, rules)
    }
}

/// The condition of `TAKE` and `END`.
fn decision_stands(slot: &Slot, seen: &Slot, rules: &Rules) -> bool {
    match (rules.has(Guard::Fencing), rules.has(Guard::OpenAttempt)) {
        (true, true) => may_decide(slot, seen),
        (true, false) => may_store(slot, seen.fencing),
        (false, _) => true,
    }
}
