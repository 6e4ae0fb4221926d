//! When a person is needed next.

use crate::{
    Timestamp,
    account::{CredentialFacts, Grant, NextAction, Reason, State},
};

/// What is known of an account when one asks how it will go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outlook {
    /// The state that is shown.
    pub state: State,
    /// Why it is in it.
    pub reason: Reason,
    /// Its live credential; `None` where it has none.
    pub credential: Option<CredentialFacts>,
    /// When the refresh token runs out, where the provider has said so.
    pub grant_ends_at: Option<Timestamp>,
    /// Whether the last refresh has moved that end, so that the next one may be expected to.
    pub grant_end_moves: bool,
    /// Refreshes that failed in a row.
    pub failures: i64,
}

/// When a person is needed next, as far as can be seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forecast {
    /// Now, for this.
    Now(NextAction),
    /// The access token runs out then, and nothing renews it.
    TokenEnds(Timestamp),
    /// The refresh token runs out then, and no refresh has moved that end so far.
    GrantEnds(Timestamp),
    /// Not as far as can be seen.
    None,
    /// Refreshes fail at the moment, which may end by itself or not. The access token runs out at the time given.
    Unknown(Option<Timestamp>),
}

impl Forecast {
    /// The name in our own API: `now`, `at`, `none` or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Now(_) => "now",
            Self::TokenEnds(_) | Self::GrantEnds(_) => "at",
            Self::None => "none",
            Self::Unknown(_) => "unknown",
        }
    }

    /// When, if it is known.
    pub const fn at(self) -> Option<Timestamp> {
        match self {
            Self::TokenEnds(at) | Self::GrantEnds(at) => Some(at),
            Self::Unknown(at) => at,
            Self::Now(_) | Self::None => None,
        }
    }

    /// Why, in a sentence.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Now(NextAction::Resume) => "An operator has to resume the account.",
            Self::Now(NextAction::FixConnection) => "An operator has to correct the connection.",
            Self::Now(NextAction::Verify) => "The application has to confirm who has authorized.",
            Self::Now(NextAction::Reauthorize | NextAction::Refresh | NextAction::None) => {
                "The user has to authorize: make a new authorization link."
            }
            Self::TokenEnds(_) => {
                "The access token runs out then, and there is nothing to refresh it with: the user has to authorize again."
            }
            Self::GrantEnds(_) => {
                "The refresh token runs out then, unless the provider renews it before: the user has to authorize again."
            }
            Self::None => "Nobody is needed as far as can be seen.",
            Self::Unknown(_) => {
                "Refreshes fail at the moment. They are tried again, and the user has to authorize again if they go on to fail."
            }
        }
    }
}

/// When a person is needed next, seen from `now`. A provider can withdraw access at any time, which nobody can see
/// coming.
pub fn forecast(outlook: &Outlook, now: Timestamp) -> Forecast {
    let action = NextAction::of(outlook.state, outlook.reason);
    match (outlook.credential, action) {
        (Some(facts), NextAction::None | NextAction::Refresh | NextAction::Reauthorize)
            if outlook.reason != Reason::ScopeMissing =>
        {
            with_credential(outlook, facts, action, now)
        }
        (_, NextAction::None) => Forecast::None,
        (_, action) => Forecast::Now(action),
    }
}

/// The forecast for a credential that is there, in an account that nobody has switched off.
fn with_credential(
    outlook: &Outlook,
    facts: CredentialFacts,
    action: NextAction,
    now: Timestamp,
) -> Forecast {
    // An active account works on until what is wrong with it shows.
    if action == NextAction::Reauthorize && outlook.state != State::Active {
        return Forecast::Now(action);
    }
    let renewable = facts.refreshable && facts.ended.is_none();
    match facts.grant(now) {
        Grant::Absent | Grant::Over(_) if !renewable => Forecast::Now(NextAction::Reauthorize),
        Grant::Ending(_) if !renewable => facts.expires_at.map_or(Forecast::None, Forecast::TokenEnds),
        Grant::Absent | Grant::Over(_) | Grant::Ending(_) | Grant::Good => {
            renewed(outlook, facts, renewable, now)
        }
    }
}

/// The forecast for a credential that is renewed, by this server or by the application, or that does not run out.
fn renewed(outlook: &Outlook, facts: CredentialFacts, renewable: bool, now: Timestamp) -> Forecast {
    match outlook.grant_ends_at {
        Some(end) if renewable && end <= now => Forecast::Now(NextAction::Reauthorize),
        _ if renewable && outlook.failures > 0 => Forecast::Unknown(facts.expires_at),
        Some(end) if renewable && !outlook.grant_end_moves => Forecast::GrantEnds(end),
        _ => Forecast::None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn facts(seconds_left: Option<i64>, refreshable: bool) -> CredentialFacts {
        let expires_at = seconds_left.map(|seconds| NOW.plus_seconds(seconds));
        CredentialFacts { expires_at, refreshable, ended: None, auto_refresh: true }
    }

    fn active(credential: CredentialFacts) -> Outlook {
        Outlook {
            state: State::Active,
            reason: Reason::None,
            credential: Some(credential),
            grant_ends_at: None,
            grant_end_moves: false,
            failures: 0,
        }
    }

    fn outlook() -> impl Strategy<Value = Outlook> {
        let credential = (
            proptest::option::of(-1000_i64..1000),
            any::<bool>(),
            proptest::option::of(proptest::sample::select(Reason::ALL)),
            any::<bool>(),
        )
            .prop_map(|(left, refreshable, ended, auto_refresh)| CredentialFacts {
                ended,
                auto_refresh,
                ..facts(left, refreshable)
            });
        (
            proptest::sample::select(State::ALL),
            proptest::sample::select(Reason::ALL),
            proptest::option::of(credential),
            proptest::option::of(-1000_i64..1000),
            any::<bool>(),
            0_i64..3,
        )
            .prop_map(|(state, reason, credential, end, grant_end_moves, failures)| Outlook {
                state,
                reason,
                credential,
                grant_ends_at: end.map(|seconds| NOW.plus_seconds(seconds)),
                grant_end_moves,
                failures,
            })
    }

    proptest! {
        #[test]
        fn a_state_that_a_person_ends_needs_one_now(mut outlook in outlook()) {
            let action = NextAction::of(outlook.state, outlook.reason);
            let needed = matches!(action, NextAction::Resume | NextAction::Verify | NextAction::FixConnection)
                || action == NextAction::Reauthorize && outlook.state != State::Active;
            if needed {
                prop_assert_eq!(forecast(&outlook, NOW), Forecast::Now(action));
                outlook.credential = None;
                prop_assert_eq!(forecast(&outlook, NOW), Forecast::Now(action));
            }
        }

        #[test]
        fn what_is_forecast_lies_ahead(outlook in outlook()) {
            match forecast(&outlook, NOW) {
                Forecast::TokenEnds(at) | Forecast::GrantEnds(at) => prop_assert!(at > NOW),
                Forecast::Now(_) | Forecast::None | Forecast::Unknown(_) => {}
            }
        }

        #[test]
        fn a_credential_that_nothing_renews_needs_a_person_when_it_runs_out(left in -1000_i64..1000) {
            let wanted = if left > 0 {
                Forecast::TokenEnds(NOW.plus_seconds(left))
            } else {
                Forecast::Now(NextAction::Reauthorize)
            };
            prop_assert_eq!(forecast(&active(facts(Some(left), false)), NOW), wanted);
        }

        #[test]
        fn a_credential_that_is_renewed_needs_nobody_before_its_grant_ends(
            left in -1000_i64..1000, end in proptest::option::of(1_i64..1000), moves in any::<bool>(),
        ) {
            let grant_ends_at = end.map(|seconds| NOW.plus_seconds(seconds));
            let outlook = Outlook { grant_ends_at, grant_end_moves: moves, ..active(facts(Some(left), true)) };
            let wanted = grant_ends_at.filter(|_| !moves).map_or(Forecast::None, Forecast::GrantEnds);
            prop_assert_eq!(forecast(&outlook, NOW), wanted);
        }
    }

    #[test]
    fn refreshes_that_fail_leave_it_open() {
        let outlook = Outlook { failures: 2, ..active(facts(Some(60), true)) };
        assert_eq!(forecast(&outlook, NOW), Forecast::Unknown(Some(NOW.plus_seconds(60))));
    }

    #[test]
    fn a_token_that_the_application_refreshes_needs_nobody() {
        let by_hand = CredentialFacts { auto_refresh: false, ..facts(Some(-5), true) };
        let expired =
            Outlook { state: State::Expired, reason: Reason::AccessTokenExpired, ..active(by_hand) };
        assert_eq!(forecast(&expired, NOW), Forecast::None);
    }

    #[test]
    fn a_lost_outcome_needs_a_person_when_the_token_that_is_left_runs_out() {
        let ended = Some(Reason::RefreshOutcomeUnknown);
        let credential = CredentialFacts { ended, ..facts(Some(60), true) };
        let outlook = Outlook { reason: Reason::RefreshOutcomeUnknown, ..active(credential) };
        assert_eq!(forecast(&outlook, NOW), Forecast::TokenEnds(NOW.plus_seconds(60)));
    }

    #[test]
    fn a_missing_scope_and_an_account_without_a_credential_need_the_user_now() {
        let missing = Outlook { reason: Reason::ScopeMissing, ..active(facts(None, false)) };
        assert_eq!(forecast(&missing, NOW), Forecast::Now(NextAction::Reauthorize));
        let pending = Outlook {
            state: State::PendingAuth,
            reason: Reason::NotAuthorized,
            credential: None,
            ..active(facts(None, false))
        };
        assert_eq!(forecast(&pending, NOW), Forecast::Now(NextAction::Reauthorize));
    }
}
