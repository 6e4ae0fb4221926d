//! What can happen next.

use stateright::{Model, Property};

use crate::{
    database::{Demand, Read},
    scenario::Scenario,
    truth,
    world::{Phase, World},
};

/// Something that happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    /// Twenty seconds pass.
    Tick,
    /// A process looks at the account, and takes the slot or notes what it finds, in one transaction.
    Claim(usize, Demand),
    /// The transaction reads; it will write later.
    Look(usize, Demand),
    /// The transaction writes.
    Decide(usize),
    /// The request of a process is answered, and the answer arrives.
    Answer(usize, Treatment),
    /// The request of a process ends without an answer.
    Break(usize, Unanswered),
    /// A process records what it knows.
    Settle(usize),
    /// A process dies, and another begins in its place.
    Crash(usize, Unanswered),
    /// A request reaches the provider when nobody waits for its answer any more.
    ArriveLate(usize),
    /// A user or an operator does something, in one transaction.
    Do(usize),
    /// The transaction reads; it will write later.
    Begin(usize),
    /// It writes.
    Commit,
}

/// What the provider does with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Treatment {
    /// What was asked for.
    Process,
    /// The same, but nothing can be made of its answer.
    Garble,
    /// It turns the request down: 503.
    TurnDown,
    /// It does not accept the client.
    RefuseClient,
}

/// What becomes of a request whose sender does not wait for its answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unanswered {
    /// It never reaches the provider, or was never sent.
    Lost,
    /// It reaches the provider at some time.
    Late,
}

impl Model for Scenario {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::of(self).in_order()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (index, process) in world.processes.iter().enumerate() {
            self.actions_of(world, index, &process.phase, actions);
        }
        actions.extend((0..world.late.len()).map(Action::ArriveLate));
        if world.pending.is_some() {
            actions.push(Action::Commit);
        } else {
            let deeds = (0..self.deeds.len()).filter(|deed| world.left.deeds[*deed] > 0);
            actions.extend(deeds.map(if self.interleaved { Action::Begin } else { Action::Do }));
        }
        actions.push(Action::Tick);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        let happens = match action {
            Action::Tick => self.is_in_time(world) && next.elapse(self),
            Action::Claim(process, demand) => {
                let read = Read::of(&next.account);
                self.decide(&mut next, process, &read, demand)
            }
            Action::Look(process, demand) => self.look(&mut next, process, demand),
            Action::Decide(process) => {
                let Phase::Deciding(read, demand) = &world.processes[process].phase else { return None };
                next.rest(process);
                self.decide(&mut next, process, read, *demand);
                true
            }
            Action::Answer(process, treatment) => next.answer(process, treatment),
            Action::Break(process, fate) => next.break_off(process, fate),
            Action::Settle(process) => self.settle(&mut next, process),
            Action::Crash(process, fate) => next.crash(process, fate),
            Action::ArriveLate(request) => next.arrive_late(request),
            Action::Do(deed) => {
                self.begin(&mut next, deed) && {
                    let pending = next.pending.take()?;
                    self.commit(&mut next, &pending)
                }
            }
            Action::Begin(deed) => self.begin(&mut next, deed),
            Action::Commit => {
                let pending = next.pending.take()?;
                self.commit(&mut next, &pending);
                true
            }
        };
        let next = happens.then(|| next.in_order())?;
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        truth::properties(self)
    }
}

impl Scenario {
    fn actions_of(&self, world: &World, process: usize, phase: &Phase, actions: &mut Vec<Action>) {
        match phase {
            Phase::Idle => {
                let look = if self.interleaved { Action::Look } else { Action::Claim };
                if world.account.is_due(world.clock(process)) {
                    actions.push(look(process, Demand::Schedule));
                }
                actions.push(look(process, Demand::Request));
            }
            Phase::Deciding(..) => actions.push(Action::Decide(process)),
            Phase::Asking(_) => {
                let answers = [Treatment::Process, Treatment::Garble];
                let faults = [Treatment::TurnDown, Treatment::RefuseClient];
                actions.extend(answers.map(|treatment| Action::Answer(process, treatment)));
                if world.left.faults > 0 {
                    actions.extend(faults.map(|treatment| Action::Answer(process, treatment)));
                }
                for fate in [Unanswered::Lost, Unanswered::Late] {
                    actions.push(Action::Break(process, fate));
                    if !self.punctual {
                        actions.push(Action::Crash(process, fate));
                    }
                }
            }
            Phase::Knowing(..) => {
                actions.push(Action::Settle(process));
                if !self.punctual {
                    actions.push(Action::Crash(process, Unanswered::Lost));
                }
            }
        }
    }

    /// Whether time may go on: punctual processes do what they have to before.
    fn is_in_time(&self, world: &World) -> bool {
        let late = |process: &crate::world::Process| process.phase.job().is_some() && process.age > 0;
        !self.punctual || !world.processes.iter().any(late)
    }
}
