//! The law of an account: one function from what is and what happened to what follows.

use super::{AccountEvent as Event, Grant, Reason, State};

/// What is known of an account when something happens to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Situation {
    /// Its state.
    pub state: State,
    /// Why it is in it.
    pub reason: Reason,
    /// What its live credential is good for, with what the event tells of it.
    pub grant: Grant,
    /// Whether the credential that the event brings lacks a scope that was asked for.
    pub scopes_missing: bool,
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
    let whole = if now.scopes_missing { Reason::ScopeMissing } else { Reason::None };
    match event {
        Event::CredentialObtained => match now.state {
            State::Suspended => stay(Effect::StoreCredential),
            State::PendingAuth
            | State::PendingVerification
            | State::Active
            | State::Expired
            | State::Revoked
            | State::Error
            | State::Disconnected => go(State::Active, whole, Effect::StoreCredential),
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
                go(State::Active, whole, Effect::PromoteParked)
            }
            State::Suspended => stay(Effect::PromoteParked),
            State::PendingAuth | State::Disconnected => refused,
        },
        Event::VerificationRefused => Ok(verification_failed(now, Reason::VerificationRefused)),
        Event::VerificationExpired => Ok(verification_failed(now, Reason::VerificationExpired)),
        Event::TokenRefreshed => match now.state {
            State::Active | State::Expired | State::Error => {
                go(State::Active, whole, Effect::StoreCredential)
            }
            // An older credential may still be there while another user is wanted.
            State::Suspended | State::PendingVerification | State::PendingAuth => {
                stay(Effect::StoreCredential)
            }
            State::Revoked | State::Disconnected => refused,
        },
        Event::GrantRefused | Event::RevokedAtProvider | Event::ScopeRefused | Event::CredentialRejected => {
            over(now, event, event.ends_grant().unwrap_or(Reason::RefreshFailed))
        }
        Event::RefreshGivenUp => over(now, event, Reason::AccessTokenExpired),
        Event::RefreshOutcomeLost | Event::TokenRanOut => match (now.grant, now.state) {
            (Grant::Over(reason), _) => over(now, event, reason),
            // Where it is EXPIRED, a clock that is ahead has said so.
            (Grant::Ending(reason @ Reason::RefreshOutcomeUnknown), State::Active | State::Expired) => {
                go(State::Active, reason, Effect::None)
            }
            (Grant::Absent | Grant::Good | Grant::Ending(_), _) => stay(Effect::None),
        },
        Event::RefreshOutcomeKnown => match (now.state, now.reason) {
            (State::Active | State::Expired, Reason::RefreshOutcomeUnknown) => Ok(resumed(now.grant)),
            _ => stay(Effect::None),
        },
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
        Event::ResumeRequested => match now.state {
            State::Suspended => Ok(resumed(now.grant)),
            State::PendingAuth
            | State::PendingVerification
            | State::Active
            | State::Expired
            | State::Revoked
            | State::Error
            | State::Disconnected => refused,
        },
    }
}

/// The state of an account whose credential is over.
const fn state_of(reason: Reason) -> State {
    match reason {
        Reason::RevokedAtProvider => State::Revoked,
        Reason::ScopeMissing | Reason::ConnectionMisconfigured => State::Error,
        Reason::None
        | Reason::NotAuthorized
        | Reason::AwaitingVerification
        | Reason::VerificationRefused
        | Reason::VerificationExpired
        | Reason::AccessTokenExpired
        | Reason::RefreshFailed
        | Reason::NoRefreshToken
        | Reason::RefreshOutcomeUnknown
        | Reason::CredentialRejected
        | Reason::SuspendedByOperator
        | Reason::DisconnectedOnRequest => State::Expired,
    }
}

/// The credential is over. It is kept, because providers err too, and because it can still be revoked.
fn over(now: Situation, event: Event, reason: Reason) -> Result<Decision, Refused> {
    match now.state {
        State::Active | State::Expired | State::Error => {
            Ok(Decision { state: state_of(reason), reason, effect: Effect::None })
        }
        State::Suspended | State::PendingVerification | State::PendingAuth => {
            Ok(Decision { state: now.state, reason: now.reason, effect: Effect::None })
        }
        State::Revoked | State::Disconnected => Err(Refused { state: now.state, event }),
    }
}

/// The account takes the state that its credential has by now.
const fn resumed(grant: Grant) -> Decision {
    let (state, reason) = match grant {
        Grant::Ending(reason @ Reason::RefreshOutcomeUnknown) => (State::Active, reason),
        Grant::Good | Grant::Ending(_) => (State::Active, Reason::None),
        Grant::Over(reason) => (state_of(reason), reason),
        Grant::Absent => (State::PendingAuth, Reason::NotAuthorized),
    };
    Decision { state, reason, effect: Effect::None }
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

/// The state and reason that are shown: an account that needs a refresh which the connection cannot make is in error
/// for as long as the connection is at fault, and recovers with it. What is stored of the account does not change.
pub const fn shown(
    state: State,
    reason: Reason,
    connection_at_fault: bool,
    token_valid: bool,
) -> (State, Reason) {
    match state {
        State::Active if connection_at_fault && !token_valid => {
            (State::Error, Reason::ConnectionMisconfigured)
        }
        State::PendingAuth
        | State::PendingVerification
        | State::Active
        | State::Expired
        | State::Revoked
        | State::Error
        | State::Suspended
        | State::Disconnected => (state, reason),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grant() -> impl Strategy<Value = Grant> {
        let reason = || {
            proptest::sample::select(
                &[
                    Reason::RefreshFailed,
                    Reason::NoRefreshToken,
                    Reason::RefreshOutcomeUnknown,
                    Reason::RevokedAtProvider,
                ][..],
            )
        };
        prop_oneof![
            Just(Grant::Absent),
            Just(Grant::Good),
            reason().prop_map(Grant::Ending),
            reason().prop_map(Grant::Over)
        ]
    }

    fn situation() -> impl Strategy<Value = Situation> {
        (proptest::sample::select(State::ALL), grant(), any::<bool>()).prop_map(
            |(state, grant, scopes_missing)| Situation { state, reason: Reason::None, grant, scopes_missing },
        )
    }

    proptest! {
        #[test]
        fn only_a_working_credential_makes_an_account_active(
            now in situation(), event in proptest::sample::select(Event::ALL),
        ) {
            if let Ok(Decision { state: State::Active, effect, .. }) = decide(now, event) {
                let works = matches!(now.grant, Grant::Good | Grant::Ending(_));
                let brought = matches!(effect, Effect::StoreCredential | Effect::PromoteParked);
                prop_assert!(works || brought || now.state == State::Active);
            }
        }

        #[test]
        fn an_account_whose_credential_is_over_is_not_active(
            state in proptest::sample::select(State::ALL), event in proptest::sample::select(&[
                Event::GrantRefused, Event::RevokedAtProvider, Event::ScopeRefused, Event::CredentialRejected,
                Event::RefreshGivenUp, Event::TokenRanOut, Event::RefreshOutcomeLost,
            ][..]),
        ) {
            let grant = Grant::Over(Reason::NoRefreshToken);
            let now = Situation { state, reason: Reason::None, grant, scopes_missing: false };
            prop_assert!(decide(now, event).is_ok_and(|d| d.state != State::Active) || decide(now, event).is_err());
        }

        #[test]
        fn an_active_account_keeps_its_credential_until_the_new_one_is_confirmed(refuse in any::<bool>()) {
            let active =
                Situation { state: State::Active, reason: Reason::None, grant: Grant::Good, scopes_missing: false };
            let parked = decide(active, Event::ConsentAwaitsVerification);
            prop_assert_eq!(parked.map(|d| (d.state, d.effect)), Ok((State::Active, Effect::ParkCredential)));
            let end = if refuse { Event::VerificationRefused } else { Event::VerificationExpired };
            prop_assert_eq!(decide(active, end).map(|d| (d.state, d.effect)), Ok((State::Active, Effect::DestroyParked)));
        }

        #[test]
        fn suspension_ends_by_resume_or_disconnect_only(
            event in proptest::sample::select(Event::ALL), grant in grant(),
        ) {
            let suspended = Situation {
                state: State::Suspended, reason: Reason::SuspendedByOperator, grant, scopes_missing: false,
            };
            let ends = decide(suspended, event).is_ok_and(|d| d.state != State::Suspended);
            prop_assert_eq!(ends, matches!(event, Event::ResumeRequested | Event::DisconnectRequested));
        }
    }

    /// What becomes of an account in the given state.
    fn after(state: State, reason: Reason, grant: Grant, event: Event) -> Option<(State, Reason, Effect)> {
        let decided = decide(Situation { state, reason, grant, scopes_missing: false }, event);
        decided.ok().map(|next| (next.state, next.reason, next.effect))
    }

    #[test]
    fn an_outcome_that_comes_after_it_was_given_up_shows_what_the_credential_is_good_for() {
        let given_up =
            |state, grant| after(state, Reason::RefreshOutcomeUnknown, grant, Event::RefreshOutcomeKnown);
        let over = Grant::Over(Reason::AccessTokenExpired);
        for state in [State::Active, State::Expired] {
            assert_eq!(given_up(state, Grant::Good), Some((State::Active, Reason::None, Effect::None)));
            let expired = Some((State::Expired, Reason::AccessTokenExpired, Effect::None));
            assert_eq!(given_up(state, over), expired);
        }
        let refused = after(State::Expired, Reason::RefreshFailed, Grant::Good, Event::RefreshOutcomeKnown);
        assert_eq!(refused, Some((State::Expired, Reason::RefreshFailed, Effect::None)));
    }

    #[test]
    fn a_lost_outcome_is_shown_also_where_a_clock_that_is_ahead_has_seen_the_token_run_out() {
        let ending = Grant::Ending(Reason::RefreshOutcomeUnknown);
        let shown = after(State::Expired, Reason::AccessTokenExpired, ending, Event::RefreshOutcomeLost);
        assert_eq!(shown, Some((State::Active, Reason::RefreshOutcomeUnknown, Effect::None)));
    }

    #[test]
    fn what_comes_of_a_refresh_after_another_user_was_refused_is_kept() {
        let refused = |event| after(State::PendingAuth, Reason::VerificationRefused, Grant::Good, event);
        let kept = |effect| Some((State::PendingAuth, Reason::VerificationRefused, effect));
        assert_eq!(refused(Event::TokenRefreshed), kept(Effect::StoreCredential));
        assert_eq!(refused(Event::GrantRefused), kept(Effect::None));
    }

    #[test]
    fn an_account_is_in_error_while_its_connection_cannot_refresh_it() {
        let fault = (State::Error, Reason::ConnectionMisconfigured);
        assert_eq!(shown(State::Active, Reason::None, true, false), fault);
        assert_eq!(shown(State::Active, Reason::None, true, true), (State::Active, Reason::None));
        assert_eq!(shown(State::Active, Reason::None, false, false), (State::Active, Reason::None));
    }
}
