//! How long a server asks to wait (RFC 9110 §10.2.3).

use std::time::{Duration, UNIX_EPOCH};

use valetkey_core::Timestamp;

/// The seconds of a `Retry-After` header, which has seconds or a date; a date that has passed is no wait at all.
pub(crate) fn seconds_to_wait(value: &str, now: Timestamp) -> Option<u64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(seconds);
    }
    let at = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let now = Duration::from_millis(now.millis().try_into().unwrap_or_default());
    let wait = at.saturating_sub(now);
    Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t34_a_wait_comes_as_seconds_or_as_a_date() {
        // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110 §5.6.7.
        let now = Timestamp::from_millis(784_111_777_000 - 29_500);
        for (value, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30)),
            ("Sun Nov  6 08:49:37 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:49:07 GMT", Some(0)),
            ("Sun, 06 Nov 1904 08:49:37 GMT", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(seconds_to_wait(value, now), expected, "{value}");
        }
    }
}
