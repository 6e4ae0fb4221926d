//! What follows from what happens.

use valetkey_core::refresh::OutcomeClass;

use crate::{
    action::{Treatment, Unanswered},
    database::{Demand, Job, Read, Settled, Step},
    provider::Outcome,
    scenario::{Deed, Scenario},
    time::NOW,
    world::{Mishap, Pending, Phase, World},
};

impl World {
    /// A request is answered.
    pub(crate) fn answer(&mut self, process: usize, treatment: Treatment) -> bool {
        let Phase::Asking(job) = self.processes[process].phase else { return false };
        let fate = &mut self.fates[job.credential.serial];
        let outcome = match treatment {
            Treatment::Process | Treatment::Garble => {
                fate.sent += 1;
                fate.presented += 1;
                let outcome = self.provider.refresh(job.credential.token);
                if treatment == Treatment::Garble {
                    fate.lost = true;
                    Outcome::without(OutcomeClass::UnusableAnswer)
                } else {
                    outcome
                }
            }
            Treatment::TurnDown => Outcome::without(OutcomeClass::Transient),
            Treatment::RefuseClient => Outcome::without(OutcomeClass::ClientMisconfigured),
        };
        self.left.faults -= u8::from(matches!(treatment, Treatment::TurnDown | Treatment::RefuseClient));
        self.processes[process].phase = Phase::Knowing(job, outcome);
        true
    }

    /// A process gives up waiting for an answer.
    pub(crate) fn break_off(&mut self, process: usize, fate: Unanswered) -> bool {
        let Phase::Asking(job) = self.processes[process].phase else { return false };
        self.leave(&job, fate);
        let outcome = Outcome::without(OutcomeClass::Unknown);
        self.processes[process].phase = Phase::Knowing(job, outcome);
        true
    }

    /// A process dies.
    pub(crate) fn crash(&mut self, process: usize, fate: Unanswered) -> bool {
        match self.processes[process].phase {
            Phase::Asking(job) => self.leave(&job, fate),
            Phase::Knowing(job, _) => self.fates[job.credential.serial].lost = true,
            Phase::Idle | Phase::Deciding(..) => return false,
        }
        self.rest(process);
        true
    }

    /// Nobody waits for the answer to a request.
    fn leave(&mut self, job: &Job, fate: Unanswered) {
        let serial = job.credential.serial;
        self.fates[serial].sent += 1;
        self.fates[serial].lost = true;
        if fate == Unanswered::Late {
            self.late.push((serial, job.credential.token));
        }
    }

    /// A request arrives, and its answer goes nowhere.
    pub(crate) fn arrive_late(&mut self, request: usize) -> bool {
        let (serial, token) = self.late.remove(request);
        self.fates[serial].presented += 1;
        self.provider.refresh(token);
        true
    }
}

impl Scenario {
    /// A process reads the account, where it would write something.
    pub(crate) fn look(&self, world: &mut World, process: usize, demand: Demand) -> bool {
        let read = Read::of(&world.account);
        let writes = self.decide(&mut world.clone(), process, &read, demand);
        world.processes[process].phase = Phase::Deciding(Box::new(read), demand);
        writes
    }

    /// The writes of a transaction that wants to refresh; says whether there are any.
    pub(crate) fn decide(&self, world: &mut World, process: usize, read: &Read, demand: Demand) -> bool {
        let (now, rules) = (world.clock(process), &self.rules);
        let mut account = world.account.clone();
        let done = match read.account.step(demand, now, rules) {
            Step::Nothing { due: None, ran_out: false } | Step::Wait => return false,
            Step::Nothing { due, ran_out } => account.nothing(read, (due, ran_out), now, rules),
            Step::Lost => account.lost(read, now, rules),
            Step::Take(slot) => {
                let fresh = slot.attempt.is_some_and(|attempt| !attempt.repeated);
                if fresh && world.left.refreshes == 0 {
                    return false;
                }
                let Some(job) = account.take(read, slot, rules) else { return false };
                world.left.refreshes -= u8::from(fresh);
                world.newest = (job.credential.serial, job.fencing);
                world.processes[process].phase = Phase::Asking(job);
                Ok(())
            }
        };
        if done.is_ok() {
            world.write(account, false);
        }
        done.is_ok()
    }

    /// A process records what it knows.
    pub(crate) fn settle(&self, world: &mut World, process: usize) -> bool {
        let Phase::Knowing(job, outcome) = world.processes[process].phase else { return false };
        let settled = world.account.settle(&job, &outcome, world.clock(process), &self.rules);
        world.rest(process);
        let serial = job.credential.serial;
        let same = world.account.live.is_some_and(|live| live.serial == serial);
        match settled {
            Settled::Recorded(account) => {
                world.note(Mishap::Misplaced, outcome.issued.is_some() && !same);
                world.write(account, false);
            }
            Settled::Overtaken | Settled::Failed => {
                let newer = !same || world.newest != (serial, job.fencing);
                world.note(Mishap::Dropped, outcome.issued.is_some() && !newer);
                world.fates[serial].lost = true;
            }
        }
        true
    }

    /// What a deed reads, and what it gets from the provider.
    pub(crate) fn begin(&self, world: &mut World, index: usize) -> bool {
        let (deed, _) = self.deeds[index];
        let read = Read::of(&world.account);
        let token = match deed {
            Deed::Reauthorize | Deed::Consent => Some(world.provider.authorize()),
            Deed::Verify | Deed::Refuse if world.account.parked.is_none() => return false,
            Deed::Verify => world.account.parked,
            Deed::Refuse | Deed::Disconnect | Deed::Suspend | Deed::Resume | Deed::Withdraw => None,
        };
        world.left.deeds[index] -= 1;
        world.pending = Some(Pending { deed, read, token });
        true
    }

    /// The writes of a deed; says whether there are any.
    pub(crate) fn commit(&self, world: &mut World, pending: &Pending) -> bool {
        let Some(event) = pending.deed.event() else {
            let Some(live) = world.account.live else { return false };
            world.provider.withdraw(live.token);
            return true;
        };
        let mut account = world.account.clone();
        if account.change(&pending.read, event, pending.token, NOW, &self.rules).is_err() {
            return false;
        }
        world.write(account, matches!(pending.deed, Deed::Resume | Deed::Disconnect));
        true
    }
}
