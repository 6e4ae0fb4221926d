//! What follows from the outcome of a refresh.

use super::OutcomeClass;
use crate::account::{AccountEvent, Reason, State};

/// How many failures in a row it takes until an account whose token has run out is shown as given up: with the pauses
/// between them about a day. It is tried on at the longest pause, so that it comes back when its provider does.
const GIVE_UP_AFTER: u32 = 100;

/// The outcome of a refresh and what is known beside it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Answer {
    /// Its class.
    pub class: OutcomeClass,
    /// Whether the provider may have issued tokens that did not arrive. Only for answers that cannot be used.
    pub maybe_issued: bool,
    /// Failures in a row, this one included.
    pub failures: u32,
    /// Whether the access token in the vault still works.
    pub token_valid: bool,
}

/// What follows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Follow {
    /// Store the tokens.
    Store,
    /// Nothing has changed; try again after the pause that [`backoff`](super::backoff) gives.
    Retry,
    /// Leave the attempt open: the refresh token may be spent. [`claim`](super::claim) decides whether it is presented
    /// once more.
    LeaveOpen,
    /// The connection is at fault. The account stays as it is and is tried again with the connection.
    FaultConnection,
    /// Something happened to the account; no more attempts with this refresh token.
    Tell(AccountEvent),
}

/// The law of each class.
pub const fn follow(answer: Answer) -> Follow {
    let failing = if answer.failures >= GIVE_UP_AFTER && !answer.token_valid {
        Follow::Tell(AccountEvent::RefreshGivenUp)
    } else {
        Follow::Retry
    };
    match answer.class {
        OutcomeClass::Success => Follow::Store,
        OutcomeClass::Transient | OutcomeClass::RateLimited => failing,
        OutcomeClass::GrantRevoked => Follow::Tell(AccountEvent::GrantRefused),
        OutcomeClass::RevokedAtProvider => Follow::Tell(AccountEvent::RevokedAtProvider),
        OutcomeClass::ClientMisconfigured => Follow::FaultConnection,
        OutcomeClass::ScopeProblem => Follow::Tell(AccountEvent::ScopeRefused),
        OutcomeClass::UnusableAnswer => {
            if answer.maybe_issued {
                Follow::LeaveOpen
            } else {
                failing
            }
        }
        OutcomeClass::Unknown => Follow::LeaveOpen,
    }
}

/// Whether a credential that can be refreshed is refreshed while its account is in this state: the account works, or a
/// refresh is all that it needs.
pub const fn may_refresh(state: State, reason: Reason) -> bool {
    match state {
        State::Active => true,
        State::Expired => matches!(reason, Reason::AccessTokenExpired),
        State::Error => matches!(reason, Reason::ConnectionMisconfigured),
        State::PendingAuth
        | State::PendingVerification
        | State::Revoked
        | State::Suspended
        | State::Disconnected => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(class: OutcomeClass, failures: u32, token_valid: bool) -> Follow {
        follow(Answer { class, maybe_issued: false, failures, token_valid })
    }

    #[test]
    fn t32_only_a_refused_grant_ends_the_authorization_and_no_transient_fault_does() {
        assert_eq!(after(OutcomeClass::GrantRevoked, 1, true), Follow::Tell(AccountEvent::GrantRefused));
        for class in [OutcomeClass::Transient, OutcomeClass::RateLimited] {
            assert_eq!(after(class, 1, false), Follow::Retry);
            assert_eq!(after(class, u32::MAX, true), Follow::Retry);
            assert_eq!(after(class, u32::MAX, false), Follow::Tell(AccountEvent::RefreshGivenUp));
        }
    }

    #[test]
    fn t33_a_refused_client_is_the_fault_of_the_connection() {
        assert_eq!(after(OutcomeClass::ClientMisconfigured, 1, false), Follow::FaultConnection);
    }

    #[test]
    fn an_account_is_refreshed_where_that_is_all_it_needs() {
        assert!(may_refresh(State::Active, Reason::None));
        assert!(may_refresh(State::Expired, Reason::AccessTokenExpired));
        assert!(!may_refresh(State::Expired, Reason::RefreshOutcomeUnknown));
        assert!(!may_refresh(State::Expired, Reason::RefreshFailed));
        assert!(!may_refresh(State::Suspended, Reason::SuspendedByOperator));
        assert!(!may_refresh(State::Error, Reason::ScopeMissing));
    }

    #[test]
    fn an_answer_that_may_have_spent_the_refresh_token_leaves_the_attempt_open() {
        assert_eq!(after(OutcomeClass::Unknown, 1, true), Follow::LeaveOpen);
        let unusable = Answer {
            class: OutcomeClass::UnusableAnswer,
            maybe_issued: true,
            failures: 1,
            token_valid: true,
        };
        assert_eq!(follow(unusable), Follow::LeaveOpen);
    }
}
