//! `valetkey_app::refresh::settle`: what came of an attempt is recorded.

use valetkey_core::{
    Timestamp,
    account::{AccountEvent, Reason, State},
    refresh::{Answer, Follow, follow, may_store},
};

use super::{Database, Due, Guard, Job, Read, Rules};
use crate::provider::Outcome;

/// What became of an outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Settled {
    /// It is recorded.
    Recorded(Database),
    /// The slot was taken by another process, or the credential was replaced or destroyed.
    Overtaken,
    /// The law refuses what follows from it, and the transaction is rolled back.
    Failed,
}

impl Database {
    /// `App::settle_in`. The row is written first, and no other transaction writes it before this one ends; so what is
    /// read after that is what is written upon.
    pub(crate) fn settle(&self, job: &Job, outcome: &Outcome, now: Timestamp, rules: &Rules) -> Settled {
        let failures = job.failures + 1;
        let follow = follow(Answer {
            class: outcome.class,
            maybe_issued: outcome.maybe_issued,
            failures,
            token_valid: job.credential.expires_at.is_none_or(|at| now < at),
        });
        let mut next = self.clone();
        let Some(row) = &mut next.row else { return Settled::Overtaken };
        if rules.has(Guard::Fencing) && !may_store(&row.slot, job.fencing) {
            return Settled::Overtaken;
        }
        row.slot.held_until = None;
        row.slot.attempt = job.attempt.left_open(follow);
        (row.due, row.failures) = (Due::Soon, failures);
        // Where the attempt stays open, that it was given up is not taken back.
        row.ended = row.ended.filter(|_| row.slot.attempt.is_some());
        match follow {
            Follow::Store => (row.due, row.failures) = (rules.renewal(), 0),
            Follow::Tell(event) => {
                row.ended = event.ends_grant();
                row.due = if row.ended.is_none() { Due::Soon } else { Due::Never };
            }
            Follow::LeaveOpen | Follow::Retry | Follow::FaultConnection => {}
        }
        if next.state == State::Suspended {
            row.due = Due::Never;
        }
        next.scheduled = true;
        match next.follow(follow, outcome, now, rules) {
            Ok(()) => Settled::Recorded(next),
            Err(_) => Settled::Failed,
        }
    }

    /// `App::follow_account`.
    fn follow(
        &mut self,
        follow: Follow,
        outcome: &Outcome,
        now: Timestamp,
        rules: &Rules,
    ) -> Result<(), super::Rollback> {
        let read = Read::of(self);
        match follow {
            Follow::Store => self.change(&read, AccountEvent::TokenRefreshed, outcome.issued, now, rules),
            Follow::Tell(event) => self.change(&read, event, None, now, rules),
            Follow::Retry | Follow::FaultConnection
                if self.reason == Reason::RefreshOutcomeUnknown || self.state == State::Suspended =>
            {
                self.change(&read, AccountEvent::RefreshOutcomeKnown, None, now, rules)
            }
            Follow::Retry | Follow::FaultConnection | Follow::LeaveOpen => Ok(()),
        }
    }
}
