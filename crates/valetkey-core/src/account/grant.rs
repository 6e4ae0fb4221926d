//! What the live credential of an account is good for.

use super::Reason;
use crate::Timestamp;

/// What the live credential of an account is good for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Grant {
    /// There is none.
    Absent,
    /// It works, or a refresh makes it work.
    Good,
    /// It works until its access token runs out, and cannot be refreshed after that, for the given reason.
    Ending(Reason),
    /// It does not work any more, for the given reason.
    Over(Reason),
}

/// What is known of a credential that is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CredentialFacts {
    /// When the access token runs out, where that is known.
    pub expires_at: Option<Timestamp>,
    /// Whether there is something to refresh it with.
    pub refreshable: bool,
    /// Why it cannot be refreshed any more, where that was found out by trying.
    pub ended: Option<Reason>,
    /// Whether it is refreshed by itself: the setting `auto_refresh` of the account.
    pub auto_refresh: bool,
}

impl CredentialFacts {
    /// Whether the access token works at `now`, as far as is known.
    pub fn token_valid(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }

    /// What the credential is good for at `now`.
    pub fn grant(&self, now: Timestamp) -> Grant {
        match self.ended {
            // The access token was issued before the outcome was lost, and works on.
            Some(Reason::RefreshOutcomeUnknown) => self.until_it_runs_out(Reason::RefreshOutcomeUnknown, now),
            Some(reason) => Grant::Over(reason),
            None if self.refreshable && self.auto_refresh => Grant::Good,
            None if self.expires_at.is_none() => Grant::Good,
            None if self.refreshable => self.until_it_runs_out(Reason::AccessTokenExpired, now),
            None => self.until_it_runs_out(Reason::NoRefreshToken, now),
        }
    }

    fn until_it_runs_out(&self, reason: Reason, now: Timestamp) -> Grant {
        if self.token_valid(now) { Grant::Ending(reason) } else { Grant::Over(reason) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn grant(
        seconds_left: Option<i64>,
        refreshable: bool,
        ended: Option<Reason>,
        auto_refresh: bool,
    ) -> Grant {
        let expires_at = seconds_left.map(|seconds| NOW.plus_seconds(seconds));
        CredentialFacts { expires_at, refreshable, ended, auto_refresh }.grant(NOW)
    }

    #[test]
    fn a_credential_is_good_while_it_works_or_can_be_made_to_work() {
        assert_eq!(grant(Some(10), true, None, true), Grant::Good);
        assert_eq!(grant(Some(-10), true, None, true), Grant::Good);
        assert_eq!(grant(None, false, None, true), Grant::Good);
    }

    #[test]
    fn a_credential_that_nothing_renews_is_good_until_its_token_runs_out() {
        assert_eq!(grant(Some(10), false, None, true), Grant::Ending(Reason::NoRefreshToken));
        assert_eq!(grant(Some(0), false, None, true), Grant::Over(Reason::NoRefreshToken));
        assert_eq!(grant(Some(-1), true, None, false), Grant::Over(Reason::AccessTokenExpired));
        assert_eq!(
            grant(Some(10), true, Some(Reason::RefreshOutcomeUnknown), true),
            Grant::Ending(Reason::RefreshOutcomeUnknown)
        );
    }
}
