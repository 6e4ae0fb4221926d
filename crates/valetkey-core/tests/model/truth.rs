//! What has to hold in every state, and what has to be reached in some.

use stateright::{Model, Property};
use valetkey_core::account::{AccountEvent, Reason, Situation as Known, State, decide};

use crate::{
    database::{Database, Demand, Due, Read, Step},
    scenario::Scenario,
    time::NOW,
    world::{Mishap, World},
};

/// A refresh token is presented once; twice at the most where the outcome was lost and the definition tolerates it.
pub(crate) const PRESENTED_ONCE: &str = "a refresh token is presented once";
/// Requests with one credential do not go on for ever.
pub(crate) const BOUNDED: &str = "requests with a credential are bounded";
/// Tokens that have arrived are stored, unless something newer has overtaken them.
pub(crate) const NOT_DROPPED: &str = "tokens that have arrived are not dropped";
/// Tokens replace only the credential that they come from.
pub(crate) const IN_PLACE: &str = "tokens replace only what they come from";
/// No two credentials that follow each other have the same generation.
pub(crate) const GENERATIONS: &str = "each credential has a generation of its own";
/// When nothing is under way, the state of the account and its reason are true.
pub(crate) const TRUTHFUL: &str = "a state at rest is true";
/// What is to be refreshed is going to be, and what runs out is going to be noticed.
pub(crate) const SCHEDULED: &str = "what has to be done is scheduled";
/// Where nothing can happen any more, nothing is under way.
pub(crate) const NO_DEADLOCK: &str = "nothing waits for ever";
/// Suspension ends by a resume or a disconnect.
pub(crate) const SUSPENSION: &str = "suspension is the operator's word";
/// Where processes are punctual, no attempt is overtaken, as long as clocks differ by less than the lease allows.
pub(crate) const ALONE: &str = "punctual processes make one attempt at a time";

/// Something that has to be reached: its name, and whether it is.
pub(crate) type Situation = (&'static str, fn(&Scenario, &World) -> bool);

/// Two processes make an attempt at the same time, because one was paused.
pub(crate) const TWO_AT_ONCE: Situation = ("two attempts at once", |_, world| world.jobs().count() == 2);
/// Tokens arrive for an attempt that was given up.
pub(crate) const GIVEN_UP_AND_ANSWERED: Situation = ("an answer to what was given up", |_, world| {
    let given_up = world.account.row.is_some_and(|row| row.ended == Some(Reason::RefreshOutcomeUnknown));
    given_up && world.jobs().any(|job| world.newest == (job.credential.serial, job.fencing))
});
/// An account is suspended while it is refreshed.
pub(crate) const SUSPENDED_MEANWHILE: Situation = ("suspended while it is refreshed", |_, world| {
    world.account.state == State::Suspended && world.jobs().count() > 0
});
/// An account is disconnected and connected anew while it is refreshed.
pub(crate) const CONNECTED_ANEW: Situation = ("connected anew while it is refreshed", |_, world| {
    world.account.live.is_some_and(|live| live.generation == 1 && live.serial > 0)
        && world.jobs().any(|job| world.account.live.is_some_and(|live| live.serial != job.credential.serial))
});
/// The outcome was lost, and the access token has run out.
pub(crate) const LOST_AND_OVER: Situation =
    ("expired, as an outcome was lost", |_, world| is(world, State::Expired, Reason::RefreshOutcomeUnknown));
/// The outcome was lost, and the access token works.
pub(crate) const LOST: Situation = ("active, though an outcome was lost", |_, world| {
    is(world, State::Active, Reason::RefreshOutcomeUnknown)
});
/// The access token has run out, and a refresh is all that is needed.
pub(crate) const RAN_OUT: Situation = ("expired, as the access token ran out", |_, world| {
    is(world, State::Expired, Reason::AccessTokenExpired)
});
/// The provider has said that access was withdrawn.
pub(crate) const REVOKED: Situation =
    ("revoked at the provider", |_, world| is(world, State::Revoked, Reason::RevokedAtProvider));
/// Another user has authorized than was asked for, while a refresh was under way.
pub(crate) const REFUSED_MEANWHILE: Situation = ("refused while it is refreshed", |_, world| {
    is(world, State::PendingAuth, Reason::VerificationRefused) && world.jobs().count() > 0
});

fn is(world: &World, state: State, reason: Reason) -> bool {
    (world.account.state, world.account.reason) == (state, reason)
}

pub(crate) fn properties(scenario: &Scenario) -> Vec<Property<Scenario>> {
    let always: [Situation; 10] = [
        (PRESENTED_ONCE, presented_once),
        (BOUNDED, |scenario, world| world.fates.iter().all(|fate| fate.sent <= limit(scenario))),
        (NOT_DROPPED, |_, world| !world.mishaps.contains(&Mishap::Dropped)),
        (IN_PLACE, |_, world| !world.mishaps.contains(&Mishap::Misplaced)),
        (GENERATIONS, |_, world| !world.mishaps.contains(&Mishap::SameGeneration)),
        (TRUTHFUL, |scenario, world| truthful(scenario, world) || !at_rest(scenario, world)),
        (SCHEDULED, |scenario, world| scheduled(scenario, world) || !at_rest(scenario, world)),
        (NO_DEADLOCK, no_deadlock),
        (SUSPENSION, |_, world| !world.mishaps.contains(&Mishap::Unsuspended)),
        (ALONE, |scenario, world| !scenario.punctual || alone(world)),
    ];
    let always = always.into_iter().map(|(name, holds)| Property::always(name, holds));
    always.chain(scenario.reaches.iter().map(|(name, holds)| Property::sometimes(name, *holds))).collect()
}

/// How often the refresh token of a credential may be presented.
fn limit(scenario: &Scenario) -> u8 {
    if scenario.rules.repeat_tolerated { 2 } else { 1 }
}

fn presented_once(scenario: &Scenario, world: &World) -> bool {
    world.fates.iter().all(|fate| {
        // A process that is paused has not lost anything yet, but nobody can know.
        let unknown = fate.lost || !scenario.punctual;
        fate.presented <= if unknown { limit(scenario) } else { 1 }
    })
}

fn alone(world: &World) -> bool {
    let given_up = world.account.row.is_none_or(|row| row.ended.is_some());
    match world.jobs().count() {
        0 => true,
        1 => !given_up,
        _ => false,
    }
}

fn no_deadlock(scenario: &Scenario, world: &World) -> bool {
    let mut actions = vec![];
    scenario.actions(world, &mut actions);
    !world.is_busy() || actions.into_iter().any(|action| scenario.next_state(world, action).is_some())
}

/// Nothing is under way, and the background finds nothing to do but to begin a refresh.
fn at_rest(scenario: &Scenario, world: &World) -> bool {
    let held = world.account.row.and_then(|row| row.slot.held_until).is_some_and(|until| until > NOW);
    if held || world.is_busy() {
        return false;
    }
    let read = Read::of(&world.account);
    (0..world.processes.len()).all(|process| {
        let now = world.clock(process);
        let begins = match world.account.step(Demand::Schedule, now, &scenario.rules) {
            Step::Take(slot) => slot.attempt.is_some_and(|attempt| !attempt.repeated),
            Step::Nothing { .. } | Step::Wait | Step::Lost => false,
        };
        begins
            || !world.account.is_due(now)
            || !scenario.decide(&mut world.clone(), process, &read, Demand::Schedule)
    })
}

fn truthful(scenario: &Scenario, world: &World) -> bool {
    let account = &world.account;
    match (account.state, account.reason) {
        (State::PendingAuth, Reason::NotAuthorized) => account.live.is_none() && account.parked.is_none(),
        (State::PendingAuth, Reason::VerificationRefused) => account.parked.is_none(),
        (State::PendingVerification, Reason::AwaitingVerification) => account.parked.is_some(),
        (State::Disconnected, Reason::DisconnectedOnRequest) => {
            account.live.is_none() && account.row.is_none() && account.parked.is_none()
        }
        // The operator's word. What becomes of it is true as well, unless it is found out then.
        (State::Suspended, Reason::SuspendedByOperator) => {
            let open = account.row.is_some_and(|row| row.slot.attempt.is_some());
            open || account.live.is_none()
                || world.clocks().all(|now| {
                    anew(scenario, account, now)
                        .is_some_and(|(state, reason)| true_of_credential(world, state, reason))
                })
        }
        (State::Expired, Reason::AccessTokenExpired) => {
            true_of_credential(world, State::Expired, Reason::AccessTokenExpired)
        }
        (state @ (State::Active | State::Expired | State::Revoked), reason) => {
            let decided = world.clocks().any(|now| anew(scenario, account, now) == Some((state, reason)));
            decided && true_of_credential(world, state, reason)
        }
        _ => false,
    }
}

/// What the law makes of the credential as it is stored, were it to decide now.
fn anew(scenario: &Scenario, account: &Database, now: valetkey_core::Timestamp) -> Option<(State, Reason)> {
    let known = Known {
        state: State::Suspended,
        reason: Reason::SuspendedByOperator,
        grant: account.grant(now, &scenario.rules),
        scopes_missing: false,
    };
    let decision = decide(known, AccountEvent::ResumeRequested).ok()?;
    Some((decision.state, decision.reason))
}

/// Whether a state and its reason say of the stored credential what is so at the provider.
fn true_of_credential(world: &World, state: State, reason: Reason) -> bool {
    let (Some(live), Some(row)) = (world.account.live, world.account.row) else { return false };
    let accepted = world.provider.accepts(live.token);
    let withdrawn = world.provider.is_withdrawn(live.token);
    match (state, reason) {
        // That access was withdrawn, the next refresh finds out.
        (State::Active, Reason::None) => row.ended.is_none() && (accepted || withdrawn),
        (State::Active | State::Expired, Reason::RefreshOutcomeUnknown) => world.fates[live.serial].lost,
        (State::Expired, Reason::RefreshFailed) => !accepted,
        (State::Expired, Reason::AccessTokenExpired) => {
            let over = world.clocks().any(|now| live.expires_at.is_some_and(|at| at <= now));
            over && row.ended.is_none() && (accepted || withdrawn)
        }
        (State::Revoked, Reason::RevokedAtProvider) => withdrawn,
        _ => false,
    }
}

fn scheduled(scenario: &Scenario, world: &World) -> bool {
    let account = &world.account;
    let (Some(row), Some(live)) = (account.row, account.live) else { return true };
    let renewed = match (account.state, account.reason) {
        (State::Active, reason) => reason == Reason::None,
        (State::Expired, reason) => reason == Reason::AccessTokenExpired,
        _ => false,
    };
    if renewed && scenario.rules.auto_refresh {
        row.due == Due::Soon
    } else {
        account.state != State::Active || live.expires_at.is_none() || row.due != Due::Never
    }
}
