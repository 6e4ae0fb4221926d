//! Which accounts nobody needs any more.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    account::{State, stored_names},
};

stored_names! {
    /// Why an account may be cleaned up.
    CleanupRule {
        /// It is active, and nobody uses it.
        Unused = "unused",
        /// Its credential does not work any more, and nobody renews it.
        Expired = "expired",
        /// Its user has not authorized.
        Pending = "pending",
        /// Its organization does not exist any more, or its connection has been disabled for long.
        Orphaned = "orphaned",
    }
}

/// Days for which a connection is disabled until its accounts count as orphaned.
const DISABLED_DAYS: u32 = 30;

/// Which accounts nobody needs any more. A rule that is absent finds none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CleanupPolicy {
    /// Active and not used for this many days.
    pub unused_days: Option<u32>,
    /// Expired, revoked, disconnected or in error for this many days.
    pub expired_days: Option<u32>,
    /// Pending for this many days.
    pub pending_days: Option<u32>,
    /// Of an organization that does not exist any more, or of a connection that has been disabled for 30 days.
    pub orphaned: bool,
}

/// The moments until which something must have begun to be found by a rule; `None` where the rule is absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CleanupLimits {
    /// Used last at this moment or before it.
    pub unused: Option<Timestamp>,
    /// Expired at this moment or before it.
    pub expired: Option<Timestamp>,
    /// Pending since this moment or before it.
    pub pending: Option<Timestamp>,
    /// Of a connection that was disabled at this moment or before it.
    pub disabled: Option<Timestamp>,
}

/// What is known of an account that may be cleaned up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CleanupFacts {
    /// The state that is stored.
    pub state: State,
    /// Since when it is in it.
    pub state_changed_at: Timestamp,
    /// When it was created, authorized or used last.
    pub used_at: Timestamp,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its connection was disabled, if it is, or changed after that.
    pub disabled_at: Option<Timestamp>,
    /// Whether its organization does not exist any more.
    pub organization_gone: bool,
}

impl CleanupRule {
    /// The rule that looks at accounts in this state; none for those that an operator has switched off for a while.
    pub const fn of_state(state: State) -> Option<Self> {
        match state {
            State::Active => Some(Self::Unused),
            State::Expired | State::Revoked | State::Error | State::Disconnected => Some(Self::Expired),
            State::PendingAuth | State::PendingVerification => Some(Self::Pending),
            State::Suspended => None,
        }
    }
}

impl CleanupPolicy {
    /// The moments that its rules come to at `now`.
    pub fn limits(&self, now: Timestamp) -> CleanupLimits {
        let before = |days: Option<u32>| days.map(|days| now.plus_seconds(-i64::from(days) * 86_400));
        CleanupLimits {
            unused: before(self.unused_days),
            expired: before(self.expired_days),
            pending: before(self.pending_days),
            disabled: before(self.orphaned.then_some(DISABLED_DAYS)),
        }
    }

    /// The rule that finds an account at `now`, and since when what it says is so: since the last use, since it is
    /// expired or pending, since the connection is disabled, or, for an organization that is gone, since the account was
    /// created.
    pub fn finds(&self, facts: &CleanupFacts, now: Timestamp) -> Option<(CleanupRule, Timestamp)> {
        let limits = self.limits(now);
        let of_state = match CleanupRule::of_state(facts.state) {
            Some(rule @ CleanupRule::Unused) => Some((rule, facts.used_at, limits.unused)),
            Some(rule @ CleanupRule::Expired) => Some((rule, facts.state_changed_at, limits.expired)),
            Some(rule @ CleanupRule::Pending) => Some((rule, facts.state_changed_at, limits.pending)),
            Some(CleanupRule::Orphaned) | None => None,
        };
        if let Some((rule, since, Some(limit))) = of_state
            && since <= limit
        {
            return Some((rule, since));
        }
        let limit = limits.disabled?;
        let orphaned = facts.disabled_at.filter(|at| *at <= limit);
        let gone = facts.organization_gone.then_some(facts.created_at);
        Some((CleanupRule::Orphaned, orphaned.or(gone)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn ago(days: i64) -> Timestamp {
        NOW.plus_seconds(-days * 86_400)
    }

    fn facts() -> impl Strategy<Value = CleanupFacts> {
        (
            proptest::sample::select(State::ALL),
            0..100_i64,
            0..100_i64,
            proptest::option::of(0..100_i64),
            any::<bool>(),
        )
            .prop_map(|(state, changed, used, disabled, organization_gone)| CleanupFacts {
                state,
                state_changed_at: ago(changed),
                used_at: ago(used),
                created_at: ago(100),
                disabled_at: disabled.map(ago),
                organization_gone,
            })
    }

    fn policy() -> impl Strategy<Value = CleanupPolicy> {
        let days = || proptest::option::of(1..100_u32);
        (days(), days(), days(), any::<bool>()).prop_map(
            |(unused_days, expired_days, pending_days, orphaned)| CleanupPolicy {
                unused_days,
                expired_days,
                pending_days,
                orphaned,
            },
        )
    }

    proptest! {
        #[test]
        fn what_a_policy_finds_it_goes_on_to_find_while_nothing_happens(
            policy in policy(), facts in facts(), days in 0..100_i64,
        ) {
            if let Some(found) = policy.finds(&facts, NOW) {
                let later = NOW.plus_seconds(days * 86_400);
                prop_assert!(found.1 <= NOW && policy.finds(&facts, later).is_some());
            }
        }

        #[test]
        fn what_has_just_been_used_or_changed_is_found_only_as_an_orphan(policy in policy(), facts in facts()) {
            let fresh = CleanupFacts { state_changed_at: NOW, used_at: NOW, ..facts };
            let found = policy.finds(&fresh, NOW).map(|(rule, _)| rule);
            prop_assert!(matches!(found, None | Some(CleanupRule::Orphaned)));
        }

        #[test]
        fn a_policy_without_rules_finds_nothing(facts in facts()) {
            prop_assert_eq!(CleanupPolicy::default().finds(&facts, NOW), None);
        }
    }

    #[test]
    fn an_account_is_found_on_the_day_that_its_rule_names() {
        let policy = CleanupPolicy { unused_days: Some(90), ..CleanupPolicy::default() };
        let used = |days| CleanupFacts {
            state: State::Active,
            state_changed_at: ago(200),
            used_at: ago(days),
            created_at: ago(200),
            disabled_at: None,
            organization_gone: false,
        };
        assert_eq!(policy.finds(&used(90), NOW), Some((CleanupRule::Unused, ago(90))));
        assert_eq!(policy.finds(&used(89), NOW), None);
        let suspended = CleanupFacts { state: State::Suspended, ..used(90) };
        assert_eq!(policy.finds(&suspended, NOW), None, "an operator has switched it off for a while");
    }
}
