//! When a refresh is due.
//!
//! `jitter` is a random number that the caller draws; `0` and `u32::MAX` are its ends.

use crate::Timestamp;

/// The longest time before expiry at which a refresh may be late, in seconds.
const MARGIN_SECONDS: i64 = 300;

/// The part of the lifetime that the margin is at the most: one fifth. A fixed margin alone would refresh a token of
/// ten minutes on nearly every use.
const MARGIN_PART: i64 = 5;

/// What a token without any known lifetime is assumed to live, in seconds, so that it is renewed and never taken for
/// eternal.
pub const ASSUMED_LIFETIME_SECONDS: i64 = 3600;

/// The first pause after a failure, in milliseconds; it doubles with each further one.
const PAUSE: i64 = 4_000;

/// The longest pause, in milliseconds.
const LONGEST_PAUSE: i64 = 15 * 60_000;

/// The longest wait that a provider can ask for, in seconds: a day.
const LONGEST_RETRY_AFTER: u64 = 86_400;

/// The life of an access token, and what the definition says about its renewal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RefreshWindow {
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it runs out, where that is known.
    pub expires_at: Option<Timestamp>,
    /// The provider refuses a refresh earlier than so many seconds before expiry.
    pub only_near_expiry: Option<i64>,
}

impl RefreshWindow {
    fn end(&self) -> Timestamp {
        self.expires_at.unwrap_or_else(|| self.issued_at.plus_seconds(ASSUMED_LIFETIME_SECONDS))
    }

    /// The time before expiry within which a token is about to run out, in milliseconds: the smaller of five minutes
    /// and a fifth of the lifetime, and no more than the provider allows.
    pub fn margin(&self) -> i64 {
        let lifetime = (self.end().millis() - self.issued_at.millis()).max(0);
        let margin = (lifetime / MARGIN_PART).min(MARGIN_SECONDS * 1000);
        self.only_near_expiry.map_or(margin, |seconds| margin.min(seconds.saturating_mul(1000)))
    }
}

/// When a token is refreshed in the background: within the margin before its margin, so that accounts which expire
/// together are spread, and each still has the whole margin for failures. Where the provider allows no refresh that
/// early, within the first half of what it allows.
pub fn due(window: &RefreshWindow, jitter: u32) -> Timestamp {
    let margin = window.margin();
    let spread = part(margin, jitter);
    let before_end = match window.only_near_expiry {
        Some(seconds) if seconds.saturating_mul(1000) < margin.saturating_mul(2) => margin - spread / 2,
        _ => margin + spread,
    };
    let at = Timestamp::from_millis(window.end().millis().saturating_sub(before_end));
    at.max(window.issued_at)
}

/// How long to wait after the `failures`-th failure in a row, in milliseconds: doubling, with a ceiling, between half
/// and the whole of it by chance, and never shorter than the provider asks (`retry_after`, seconds).
pub fn backoff(failures: u32, retry_after: Option<u64>, jitter: u32) -> i64 {
    let doubled = PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
    let pause = doubled / 2 + part(doubled / 2, jitter);
    let asked = retry_after.map_or(0, |seconds| seconds.min(LONGEST_RETRY_AFTER).cast_signed() * 1000);
    // What all were asked to wait ends for all at once; chance spreads them afterwards.
    if asked > pause { asked + part(asked / 10, jitter) } else { pause }
}

/// `whole`, not negative, times `jitter` of its range.
fn part(whole: i64, jitter: u32) -> i64 {
    let part = i128::from(whole) * i128::from(jitter) / i128::from(u32::MAX);
    i64::try_from(part).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(lifetime: i64, only_near_expiry: Option<i64>) -> RefreshWindow {
        let issued_at = Timestamp::from_millis(1_700_000_000_000);
        RefreshWindow { issued_at, expires_at: Some(issued_at.plus_seconds(lifetime)), only_near_expiry }
    }

    proptest! {
        #[test]
        fn a_refresh_is_due_within_the_life_of_the_token_and_at_least_its_margin_early(
            lifetime in 1_i64..100_000_000, jitter in any::<u32>(),
        ) {
            let window = window(lifetime, None);
            let due = due(&window, jitter);
            let end = window.issued_at.plus_seconds(lifetime);
            prop_assert!(due >= window.issued_at);
            prop_assert!(end.millis() - due.millis() >= window.margin());
            prop_assert!(end.millis() - due.millis() <= 2 * window.margin());
        }

        #[test]
        fn quirk_60_a_provider_that_refuses_early_refreshes_is_asked_when_it_allows(
            lifetime in 10_i64..100_000, allowed in 1_i64..10_000, jitter in any::<u32>(),
        ) {
            let window = window(lifetime, Some(allowed));
            let due = due(&window, jitter);
            prop_assert!(window.issued_at.plus_seconds(lifetime).millis() - due.millis() <= allowed * 1000);
            prop_assert!(due <= window.issued_at.plus_seconds(lifetime));
        }

        #[test]
        fn t34_a_pause_has_a_ceiling_and_is_never_shorter_than_the_provider_asks(
            failures in any::<u32>(), asked in proptest::option::of(0_u64..200_000), jitter in any::<u32>(),
        ) {
            let pause = backoff(failures, asked, jitter);
            prop_assert!(pause >= PAUSE / 2);
            prop_assert!(pause >= asked.unwrap_or(0).min(LONGEST_RETRY_AFTER).cast_signed() * 1000);
            prop_assert!(asked.is_some() || pause <= LONGEST_PAUSE);
        }
    }

    #[test]
    fn the_margin_is_the_smaller_of_five_minutes_and_a_fifth_of_the_lifetime() {
        assert_eq!(window(3600, None).margin(), 300_000);
        assert_eq!(window(600, None).margin(), 120_000);
        assert_eq!(window(600, Some(30)).margin(), 30_000);
    }

    #[test]
    fn t21_a_token_without_a_known_lifetime_is_renewed_like_one_of_an_hour() {
        let issued_at = Timestamp::from_millis(1_700_000_000_000);
        let window = RefreshWindow { issued_at, expires_at: None, only_near_expiry: None };
        assert_eq!(due(&window, 0), issued_at.plus_seconds(3300));
    }
}
