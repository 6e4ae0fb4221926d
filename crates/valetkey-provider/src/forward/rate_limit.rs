//! Whether an API says that it was asked too often, and for how long it wants to be left alone.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use valetkey_core::{
    Timestamp,
    connector::{RateLimit, RateLimitReset, RateLimitSign, ResetUnit},
};

use crate::oauth::seconds_to_wait;

/// How much of a body is looked at for the text of a sign, in bytes.
pub(super) const LOOKED_AT: usize = 16 * 1024;

/// An answer, as far as it is looked at.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    /// The beginning of the body, where it was read.
    pub(super) text: &'a [u8],
}

impl Seen<'_> {
    /// Whether the beginning of the body has to be read to know.
    pub(super) fn needs_text(self, limit: &RateLimit) -> bool {
        limit.signs.iter().any(|sign| sign.text.is_some() && self.has_head_of(sign))
    }

    /// Whether the API says that it was asked too often.
    pub(super) fn is_limited(self, limit: &RateLimit) -> bool {
        let says = |sign: &RateLimitSign| {
            let told = |text: &String| memchr::memmem::find(self.text, text.as_bytes()).is_some();
            self.has_head_of(sign) && sign.text.as_ref().is_none_or(told)
        };
        self.status == StatusCode::TOO_MANY_REQUESTS || limit.signs.iter().any(says)
    }

    /// How long it wants to be left alone, where it says so. Headers about a limit count where that is what is met.
    pub(super) fn wait(self, limit: &RateLimit, now: Timestamp) -> Option<Duration> {
        let asked = self.header(RETRY_AFTER.as_str()).and_then(|value| seconds_to_wait(value, now));
        let resets = if self.is_limited(limit) { limit.resets.as_slice() } else { &[] };
        let resets = resets.iter().filter_map(|reset| until(reset.unit, self.reset(reset)?, now));
        resets.chain(asked.map(Duration::from_secs)).max()
    }

    fn reset(self, reset: &RateLimitReset) -> Option<f64> {
        self.header(&reset.header)?.trim().parse().ok()
    }

    fn has_head_of(self, sign: &RateLimitSign) -> bool {
        let fits = |header: &String| {
            let value = self.header(header);
            value.is_some_and(|value| sign.equals.as_ref().is_none_or(|equals| equals == value.trim()))
        };
        self.status.as_u16() == sign.status && sign.header.as_ref().is_none_or(fits)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What a number means as a wait; `None` where it is none.
fn until(unit: ResetUnit, value: f64, now: Timestamp) -> Option<Duration> {
    #[expect(clippy::cast_precision_loss, reason = "times of this millennium fit into 52 bits")]
    let now = now.millis() as f64 / 1000.0;
    let seconds = match unit {
        ResetUnit::Seconds => value,
        ResetUnit::Milliseconds => value / 1000.0,
        ResetUnit::EpochSeconds => value - now,
        ResetUnit::EpochMilliseconds => value / 1000.0 - now,
    };
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use http::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn limit() -> RateLimit {
        serde_json::from_value(json!({
            "signs": [
                {"status": 403, "header": "x-remaining", "equals": "0"},
                {"status": 403, "text": "rateLimitExceeded"},
            ],
            "resets": [
                {"header": "x-epoch", "unit": "epoch_seconds"},
                {"header": "x-epoch-ms", "unit": "epoch_milliseconds"},
                {"header": "x-delta", "unit": "seconds"},
                {"header": "x-delta-ms", "unit": "milliseconds"},
            ],
        }))
        .unwrap()
    }

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn wait(lines: &[(&'static str, &'static str)]) -> Option<Duration> {
        let headers = headers(lines);
        Seen { status: StatusCode::TOO_MANY_REQUESTS, headers: &headers, text: b"" }.wait(&limit(), NOW)
    }

    #[test]
    fn quirk_82_the_end_of_a_limit_comes_in_any_unit_and_the_longest_window_counts() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(wait(&[("x-epoch", "1800000030")]), seconds(30));
        assert_eq!(wait(&[("x-epoch-ms", "1800000040000")]), seconds(40));
        assert_eq!(wait(&[("x-delta", "1.5")]), Some(Duration::from_millis(1500)));
        assert_eq!(wait(&[("x-delta-ms", "2000"), ("x-delta", "1"), ("retry-after", "7")]), seconds(7));
        assert_eq!(wait(&[("x-epoch", "1700000000")]), seconds(0));
        assert_eq!(
            wait(&[("x-epoch", "soon"), ("x-delta", "NaN"), ("x-delta-ms", "inf")]).unwrap_or_default(),
            Duration::ZERO
        );
        assert_eq!(wait(&[]), None);
        let headers = headers(&[("x-delta", "30")]);
        let away = Seen { status: StatusCode::SERVICE_UNAVAILABLE, headers: &headers, text: b"" };
        assert_eq!(away.wait(&limit(), NOW), None);
    }

    #[test]
    fn quirk_82_a_limit_may_come_as_403_with_a_header_or_a_text() {
        let said = |status: u16, lines: &[(&'static str, &'static str)], text: &[u8]| {
            let headers = headers(lines);
            Seen { status: StatusCode::from_u16(status).unwrap(), headers: &headers, text }
                .is_limited(&limit())
        };
        assert!(said(429, &[], b""));
        assert!(said(403, &[("x-remaining", "0")], b""));
        assert!(said(403, &[], br#"{"reason": "rateLimitExceeded"}"#));
        assert!(!said(403, &[("x-remaining", "7")], b"forbidden"));
        assert!(!said(401, &[("x-remaining", "0")], b"rateLimitExceeded"));
    }
}
