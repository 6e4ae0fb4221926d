//! Everything that the model knows at one moment.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    mem,
};

use valetkey_core::{Timestamp, account::State};

use crate::{
    database::{Database, Demand, Job, Read},
    provider::{Outcome, Provider, Token},
    scenario::{Deed, Scenario},
    time::{Elapse, ahead},
};

/// A process of the server.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Process {
    /// By how many ticks its clock is ahead.
    pub(crate) ahead: i64,
    /// What it does.
    pub(crate) phase: Phase,
    /// Ticks since it took the slot; counted only where processes are punctual.
    pub(crate) age: u8,
}

/// What a process does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Phase {
    /// Nothing.
    Idle,
    /// It has read the account, and will write what follows.
    Deciding(Box<Read>, Demand),
    /// It has taken the slot. Whether its request is under way makes no difference until something comes of it.
    Asking(Job),
    /// It knows what came of its request.
    Knowing(Job, Outcome),
}

impl Phase {
    /// The attempt that is made.
    pub(crate) const fn job(&self) -> Option<&Job> {
        match self {
            Self::Asking(job) | Self::Knowing(job, _) => Some(job),
            Self::Idle | Self::Deciding(..) => None,
        }
    }
}

/// A deed that has read the account, and will write what follows.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Pending {
    /// What is done.
    pub(crate) deed: Deed,
    /// What was read.
    pub(crate) read: Read,
    /// The tokens that it brings.
    pub(crate) token: Option<Token>,
}

/// What has happened to a stored credential. The server does not know it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Fate {
    /// How often its refresh token has reached the provider in a request that was not turned down.
    pub(crate) presented: u8,
    /// How many requests were made with it that were not turned down.
    pub(crate) sent: u8,
    /// Whether the outcome of a request with it was lost for good.
    pub(crate) lost: bool,
}

/// What must not happen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Mishap {
    /// Tokens that had arrived were not stored, though nothing newer was there.
    Dropped,
    /// Tokens were stored in the place of a credential that they do not come from.
    Misplaced,
    /// Two credentials, one after the other, had the same generation.
    SameGeneration,
    /// An operator's suspension ended without a resume or a disconnect.
    Unsuspended,
}

/// What may still happen.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Left {
    /// Attempts to be begun.
    pub(crate) refreshes: u8,
    /// Requests to be turned down.
    pub(crate) faults: u8,
    /// Deeds, in the order of the scenario.
    pub(crate) deeds: Vec<u8>,
}

/// Everything that the model knows at one moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct World {
    /// The database.
    pub(crate) account: Database,
    /// The provider.
    pub(crate) provider: Provider,
    /// The processes.
    pub(crate) processes: Vec<Process>,
    /// Requests that reach the provider when nobody waits for the answer any more: the serial of the credential, and
    /// its token.
    pub(crate) late: Vec<(usize, Token)>,
    /// A deed under way.
    pub(crate) pending: Option<Pending>,
    /// What may still happen.
    pub(crate) left: Left,
    /// What has happened to credentials, by serial.
    pub(crate) fates: Vec<Fate>,
    /// The serial and the number of the attempt that was begun last.
    pub(crate) newest: (usize, i64),
    /// What must not happen, and has.
    pub(crate) mishaps: BTreeSet<Mishap>,
}

impl World {
    /// An account that has just been authorized, and processes that do nothing yet.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let mut provider = Provider::new(scenario.rotation);
        let account = Database::authorized(provider.authorize(), &scenario.rules);
        let idle = |&ahead| Process { ahead, phase: Phase::Idle, age: 0 };
        Self {
            account,
            provider,
            processes: scenario.clocks.iter().map(idle).collect(),
            late: vec![],
            pending: None,
            left: Left {
                refreshes: scenario.refreshes,
                faults: scenario.faults,
                deeds: scenario.deeds.iter().map(|(_, times)| *times).collect(),
            },
            fates: vec![Fate::default()],
            newest: (0, 0),
            mishaps: BTreeSet::new(),
        }
    }

    /// What the clock of a process says.
    pub(crate) fn clock(&self, process: usize) -> Timestamp {
        ahead(self.processes[process].ahead)
    }

    /// What the clocks of all processes say.
    pub(crate) fn clocks(&self) -> impl Iterator<Item = Timestamp> {
        self.processes.iter().map(|process| ahead(process.ahead))
    }

    /// The attempts that are made.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.processes.iter().filter_map(|process| process.phase.job())
    }

    /// Whether anything has begun that has not ended.
    pub(crate) fn is_busy(&self) -> bool {
        let idle = self.processes.iter().all(|process| process.phase == Phase::Idle);
        !idle || self.pending.is_some() || !self.late.is_empty()
    }

    /// A transaction commits. What it has written, others have not read. `released` says that it is one that may end a
    /// suspension.
    pub(crate) fn write(&mut self, account: Database, released: bool) {
        let before = mem::replace(&mut self.account, account);
        let suspended = [&before, &self.account].map(|account| account.state == State::Suspended);
        self.note(Mishap::Unsuspended, suspended == [true, false] && !released);
        if let (Some(old), Some(new)) = (before.live, self.account.live) {
            self.note(Mishap::SameGeneration, old.serial != new.serial && old.generation == new.generation);
        }
        let outdated = mem::take(&mut self.account.versioned);
        let rescheduled = mem::take(&mut self.account.scheduled);
        let reads = self.processes.iter_mut().filter_map(|process| match &mut process.phase {
            Phase::Deciding(read, _) => Some(&mut **read),
            Phase::Idle | Phase::Asking(_) | Phase::Knowing(..) => None,
        });
        for read in reads.chain(self.pending.as_mut().map(|pending| &mut pending.read)) {
            read.outdated |= outdated;
            read.rescheduled |= rescheduled;
        }
    }

    /// Notes a mishap where it has happened.
    pub(crate) fn note(&mut self, mishap: Mishap, happened: bool) {
        if happened {
            self.mishaps.insert(mishap);
        }
    }

    /// A process stops doing what it did.
    pub(crate) fn rest(&mut self, process: usize) {
        (self.processes[process].phase, self.processes[process].age) = (Phase::Idle, 0);
    }

    /// A tick passes; says whether that makes a difference.
    pub(crate) fn elapse(&mut self, scenario: &Scenario) -> bool {
        let mut matters = self.account.elapse();
        for process in &mut self.processes {
            matters |= match &mut process.phase {
                Phase::Idle => false,
                Phase::Deciding(read, _) => read.account.elapse(),
                Phase::Asking(job) | Phase::Knowing(job, _) => {
                    process.age += u8::from(scenario.punctual);
                    job.elapse()
                }
            };
        }
        matters | self.pending.as_mut().is_some_and(|pending| pending.read.account.elapse())
    }

    /// The same moment in the one order that stands for all: which of two processes with the same clock is which makes
    /// no difference.
    #[must_use]
    pub(crate) fn in_order(mut self) -> Self {
        self.processes.sort_by_cached_key(|process| (process.ahead, digest(&process.phase)));
        self.late.sort_unstable();
        self.fates.resize(self.account.stored, Fate::default());
        self
    }
}

fn digest(phase: &Phase) -> u64 {
    let mut hasher = DefaultHasher::new();
    phase.hash(&mut hasher);
    hasher.finish()
}
