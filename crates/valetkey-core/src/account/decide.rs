//! The law of an account: one function from what is and what happened to what follows.

use super::{AccountEvent as Event, Reason, State};

/// What is known of an account when something happens to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Situation {
    /// Its state.
    pub state: State,
    /// Why it is in it.
    pub reason: Reason,
    /// Whether the vault holds a live credential for it.
    pub has_credential: bool,
}

/// What follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The state from now on.
    pub state: State,
    /// Why.
    pub reason: Reason,
    /// What has to be done in the same transaction.
    pub effect: Effect,
}

/// What has to be done with credentials, in the transaction that stores the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing.
    None,
    /// The obtained credential replaces the live one; a parked one is destroyed.
    StoreCredential,
    /// The obtained credential is parked beside the live one, until the user is confirmed.
    ParkCredential,
    /// The parked credential replaces the live one.
    PromoteParked,
    /// The parked credential is destroyed.
    DestroyParked,
    /// Live and parked credentials are destroyed.
    DestroyAll,
}

/// The event makes no sense in this state; nothing changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an account in state {} cannot take the event {event:?}", state.as_str())]
pub struct Refused {
    /// The state it is in.
    pub state: State,
    /// What was tried.
    pub event: Event,
}

/// What follows from `event`. Pure; every change of a stored state goes through here.
///
/// Two rules stand behind the table. A live credential stays live until its replacement is confirmed, so that
/// re-authorization never interrupts work. And suspension is the operator's word: nothing but a resume or a
/// disconnect ends it, though a credential that arrives meanwhile is kept.
pub fn decide(now: Situation, event: Event) -> Result<Decision, Refused> {
    let stay = |effect| Ok(Decision { state: now.state, reason: now.reason, effect });
    let go = |state, reason, effect| Ok(Decision { state, reason, effect });
    let refused = Err(Refused { state: now.state, event });
    match event {
        Event::CredentialObtained => match now.state {
            State::Suspended => stay(Effect::StoreCredential),
            State::PendingAuth
            | State::PendingVerification
            | State::Active
            | State::Expired
            | State::Revoked
            | State::Error
            | State::Disconnected => go(State::Active, Reason::None, Effect::StoreCredential),
        },
        Event::ConsentAwaitsVerification => match now.state {
            State::Active | State::Suspended => stay(Effect::ParkCredential),
            State::PendingAuth
            | State::PendingVerification
            | State::Expired
            | State::Revoked
            | State::Error
            | State::Disconnected => {
                go(State::PendingVerification, Reason::AwaitingVerification, Effect::ParkCredential)
            }
        },
        Event::VerificationPassed => match now.state {
            State::PendingVerification | State::Active | State::Expired | State::Revoked | State::Error => {
                go(State::Active, Reason::None, Effect::PromoteParked)
            }
            State::Suspended => stay(Effect::PromoteParked),
            State::PendingAuth | State::Disconnected => refused,
        },
        Event::VerificationRefused => Ok(verification_failed(now, Reason::VerificationRefused)),
        Event::VerificationExpired => Ok(verification_failed(now, Reason::VerificationExpired)),
        Event::DisconnectRequested => {
            go(State::Disconnected, Reason::DisconnectedOnRequest, Effect::DestroyAll)
        }
        Event::SuspendRequested => match now.state {
            State::Disconnected => refused,
            State::PendingAuth
            | State::PendingVerification
            | State::Active
            | State::Expired
            | State::Revoked
            | State::Error
            | State::Suspended => go(State::Suspended, Reason::SuspendedByOperator, Effect::None),
        },
        Event::ResumeRequested => match (now.state, now.has_credential) {
            (State::Suspended, true) => go(State::Active, Reason::None, Effect::None),
            (State::Suspended, false) => go(State::PendingAuth, Reason::NotAuthorized, Effect::None),
            (
                State::PendingAuth
                | State::PendingVerification
                | State::Active
                | State::Expired
                | State::Revoked
                | State::Error
                | State::Disconnected,
                _,
            ) => refused,
        },
    }
}

fn verification_failed(now: Situation, reason: Reason) -> Decision {
    match now.state {
        State::PendingVerification => {
            Decision { state: State::PendingAuth, reason, effect: Effect::DestroyParked }
        }
        State::PendingAuth
        | State::Active
        | State::Expired
        | State::Revoked
        | State::Error
        | State::Suspended
        | State::Disconnected => {
            Decision { state: now.state, reason: now.reason, effect: Effect::DestroyParked }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn situation() -> impl Strategy<Value = Situation> {
        (proptest::sample::select(State::ALL), any::<bool>()).prop_map(|(state, has_credential)| Situation {
            state,
            reason: Reason::None,
            has_credential,
        })
    }

    proptest! {
        #[test]
        fn only_a_credential_makes_an_account_active(now in situation(), event in proptest::sample::select(Event::ALL)) {
            if let Ok(Decision { state: State::Active, effect, .. }) = decide(now, event) {
                let has = now.has_credential || now.state == State::Active;
                prop_assert!(has || matches!(effect, Effect::StoreCredential | Effect::PromoteParked));
            }
        }

        #[test]
        fn an_active_account_keeps_its_credential_until_the_new_one_is_confirmed(refuse in any::<bool>()) {
            let active = Situation { state: State::Active, reason: Reason::None, has_credential: true };
            let parked = decide(active, Event::ConsentAwaitsVerification);
            prop_assert_eq!(parked.map(|d| (d.state, d.effect)), Ok((State::Active, Effect::ParkCredential)));
            let end = if refuse { Event::VerificationRefused } else { Event::VerificationExpired };
            prop_assert_eq!(decide(active, end).map(|d| (d.state, d.effect)), Ok((State::Active, Effect::DestroyParked)));
        }

        #[test]
        fn suspension_ends_by_resume_or_disconnect_only(event in proptest::sample::select(Event::ALL)) {
            let suspended =
                Situation { state: State::Suspended, reason: Reason::SuspendedByOperator, has_credential: true };
            let ends = decide(suspended, event).is_ok_and(|d| d.state != State::Suspended);
            prop_assert_eq!(ends, matches!(event, Event::ResumeRequested | Event::DisconnectRequested));
        }
    }
}
