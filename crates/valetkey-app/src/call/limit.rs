//! How often an account may be used.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use valetkey_core::{Timestamp, id::AccountId};

/// The length of the window, in milliseconds.
const MINUTE: i64 = 60_000;

/// How many accounts are remembered before those that have paid off everything are forgotten.
const KEPT: usize = 10_000;

/// The calls of accounts that have a limit, in this process. The limit is a rate with a burst of a minute's worth
/// (generic cell rate algorithm): an account is known by the time at which all it has used is paid off.
#[derive(Default)]
pub(crate) struct RateLimits(Mutex<HashMap<AccountId, i64>>);

impl RateLimits {
    /// Takes one of `limit` calls a minute, or says how long to wait. Without a limit there is nothing to take.
    pub(crate) fn take(
        &self,
        account: &AccountId,
        limit: Option<u32>,
        now: Timestamp,
    ) -> Result<(), Duration> {
        let Some(limit) = limit.filter(|limit| *limit > 0) else { return Ok(()) };
        let (cost, now) = (MINUTE / i64::from(limit), now.millis());
        let mut paid_off = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if paid_off.len() >= KEPT {
            paid_off.retain(|_, at| *at > now);
        }
        // A clock that was set back does not lock anybody out.
        let at = paid_off.get(account).copied().unwrap_or(now).clamp(now, now + MINUTE);
        if at + cost > now + MINUTE {
            let wait = at + cost - now - MINUTE;
            return Err(Duration::from_millis(wait.unsigned_abs()));
        }
        paid_off.insert(account.clone(), at + cost);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_minute_has_as_many_calls_as_the_limit_and_they_come_back_one_by_one() {
        let (limits, account) = (RateLimits::default(), "ca_01m7xpe60048x53qvqq32bjf16".parse().unwrap());
        let at = |seconds: i64| Timestamp::EPOCH.plus_seconds(1_000_000 + seconds);
        for _ in 0..6 {
            assert_eq!(limits.take(&account, Some(6), at(0)), Ok(()));
        }
        assert_eq!(limits.take(&account, Some(6), at(0)), Err(Duration::from_secs(10)));
        assert_eq!(limits.take(&account, Some(6), at(10)), Ok(()));
        assert!(limits.take(&account, Some(6), at(10)).is_err());
        assert_eq!(limits.take(&account, None, at(10)), Ok(()));
        assert_eq!(limits.take(&"ca_01m7xpe60048x53qvqq32bjf17".parse().unwrap(), Some(6), at(10)), Ok(()));
    }
}
