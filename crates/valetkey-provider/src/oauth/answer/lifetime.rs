//! When an access token runs out.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use valetkey_core::{
    Secret, Timestamp,
    connector::{Lifetime, LifetimeUnit, RefreshTokenLifetime},
};

use super::LifetimeSource;

/// How far the clock of a provider may be behind ours, in seconds.
const SKEW: i64 = 300;

/// The expiry, where it is known, and where it comes from.
pub(super) type Found = (Option<Timestamp>, LifetimeSource);

/// The answer tells it, else the definition, else the token itself where it is a JWT.
pub(super) fn expiry(lifetime: &Lifetime, document: &Value, token: &Secret, now: Timestamp) -> Found {
    let given = document.pointer(&lifetime.pointer).and_then(|value| moment(lifetime.unit, value, now));
    let given = given.and_then(|at| ahead(at, now));
    if given.is_some() {
        return (given, LifetimeSource::Answer);
    }
    if let Some(seconds) = lifetime.default_seconds {
        return (Some(now.plus_seconds(seconds)), LifetimeSource::Definition);
    }
    if lifetime.never_expires {
        return (None, LifetimeSource::NeverExpires);
    }
    match jwt_expiry(token).and_then(|at| ahead(at, now)) {
        Some(expires_at) => (Some(expires_at), LifetimeSource::Jwt),
        None => (None, LifetimeSource::Unknown),
    }
}

/// When a refresh token that was just issued runs out: the answer tells it, else the definition.
pub(super) fn refresh_token_expiry(
    lifetime: &RefreshTokenLifetime,
    document: &Value,
    now: Timestamp,
) -> Option<Timestamp> {
    let value = lifetime.pointer.as_ref().and_then(|pointer| document.pointer(pointer));
    let given = value.and_then(|value| moment(lifetime.unit, value, now)).and_then(|at| ahead(at, now));
    given.or_else(|| lifetime.seconds.map(|seconds| now.plus_seconds(seconds)))
}

/// The end of a token that was issued just now. Where it has passed already, the clock of the provider is behind: as far
/// as [`SKEW`] the token is taken to live on, and beyond that the moment says nothing.
fn ahead(end: Timestamp, now: Timestamp) -> Option<Timestamp> {
    [end, end.plus_seconds(SKEW)].into_iter().find(|end| *end > now)
}

/// The moment that `value` means; `None` for what is not readable, and for a lifetime of zero or less, which some
/// providers send where they mean "not known".
fn moment(unit: LifetimeUnit, value: &Value, now: Timestamp) -> Option<Timestamp> {
    let millis = |number: f64| {
        // Saturates; a lifetime of 292 million years is as good as any.
        #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is what is wanted")]
        (number > 0.0).then_some(number as i64)
    };
    let later = |millis: i64| Timestamp::from_millis(now.millis().saturating_add(millis));
    match unit {
        LifetimeUnit::Seconds => millis(number(value)? * 1000.0).map(later),
        LifetimeUnit::Milliseconds => millis(number(value)?).map(later),
        LifetimeUnit::Duration => millis(duration_millis(value)?).map(later),
        LifetimeUnit::EpochSeconds => millis(number(value)? * 1000.0).map(Timestamp::from_millis),
        LifetimeUnit::EpochMilliseconds => millis(number(value)?).map(Timestamp::from_millis),
        LifetimeUnit::Rfc3339 => rfc3339(value.as_str()?),
    }
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// `2h`, `1d12h`, `30m`, `45s`, `500ms`, `1w`; a bare number is seconds.
fn duration_millis(value: &Value) -> Option<f64> {
    if let Some(seconds) = number(value) {
        return Some(seconds * 1000.0);
    }
    let mut rest = value.as_str()?.trim();
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (amount, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let factor = match unit.to_ascii_lowercase().as_str() {
            "ms" => 1.0,
            "s" | "sec" | "secs" | "second" | "seconds" => 1000.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
            "h" | "hour" | "hours" => 3_600_000.0,
            "d" | "day" | "days" => 86_400_000.0,
            "w" | "week" | "weeks" => 604_800_000.0,
            _ => return None,
        };
        total += amount.parse::<f64>().ok()? * factor;
        rest = after.trim_start();
    }
    Some(total)
}

/// The `exp` of a JWT (RFC 7519 §4.1.4). The signature is not checked: this only tells when to ask for a new token.
fn jwt_expiry(token: &Secret) -> Option<Timestamp> {
    let mut parts = token.expose().split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let seconds = claims.get("exp")?;
    moment(LifetimeUnit::EpochSeconds, seconds, Timestamp::EPOCH)
}

/// A date and time of RFC 3339 §5.6.
fn rfc3339(text: &str) -> Option<Timestamp> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let zone_at = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at(zone_at);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let in_range = (0..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !in_range || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis = format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Timestamp::from_millis((seconds - zone_seconds(zone)?) * 1000 + millis))
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, offset) = zone.split_at_checked(1)?;
    let (hours, minutes) = offset.split_once(':')?;
    let seconds =
        hours.parse::<u8>().ok().map(i64::from)? * 3600 + minutes.parse::<u8>().ok().map(i64::from)? * 60;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// Days since the epoch, after Howard Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn quirk_48_lifetimes_come_in_many_forms() {
        use LifetimeUnit::{Duration, EpochMilliseconds, EpochSeconds, Milliseconds, Rfc3339, Seconds};
        let hour = 1_000_000 + 3_600_000;
        for (unit, value, expected) in [
            (Seconds, json!(3600), hour),
            (Seconds, json!("3600"), hour),
            (Seconds, json!(3600.0), hour),
            (Milliseconds, json!(3_600_000), hour),
            (Duration, json!("1h"), hour),
            (Duration, json!("30m 1800s"), hour),
            (Duration, json!(3600), hour),
            (EpochSeconds, json!(1_795_226_399), 1_795_226_399_000),
            (EpochMilliseconds, json!("1795226399000"), 1_795_226_399_000),
            (Rfc3339, json!("2026-11-21T01:59:59Z"), 1_795_226_399_000),
            (Rfc3339, json!("2026-11-21T03:59:59.25+02:00"), 1_795_226_399_250),
            (Rfc3339, json!("2000-02-29T00:00:00.123Z"), 951_782_400_123),
        ] {
            assert_eq!(moment(unit, &value, NOW), Some(Timestamp::from_millis(expected)), "{unit:?} {value}");
        }
    }

    #[test]
    fn a_lifetime_that_says_nothing_is_absent() {
        for value in [json!(0), json!(-5), json!("soon"), json!(null), json!([]), json!("NaN"), json!("inf")]
        {
            assert_eq!(moment(LifetimeUnit::Seconds, &value, NOW), None, "{value}");
        }
        assert_eq!(moment(LifetimeUnit::Duration, &json!("2 parsecs"), NOW), None);
        assert_eq!(moment(LifetimeUnit::Rfc3339, &json!("2026-13-01T00:00:00Z"), NOW), None);
    }

    fn found(lifetime: &Lifetime, document: &Value, token: &str) -> Found {
        expiry(lifetime, document, &Secret::from(token), NOW)
    }

    fn jwt(claims: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn t21_a_missing_lifetime_comes_from_the_definition_then_from_the_token_and_is_never_eternal_by_accident()
    {
        let none = json!({});
        let given = Lifetime { default_seconds: Some(3600), ..Lifetime::default() };
        let token = jwt(r#"{"exp":5000}"#);
        assert_eq!(found(&given, &none, &token), (Some(NOW.plus_seconds(3600)), LifetimeSource::Definition));
        let plain = Lifetime::default();
        assert_eq!(
            found(&plain, &none, &token),
            (Some(Timestamp::from_millis(5_000_000)), LifetimeSource::Jwt)
        );
        assert_eq!(found(&plain, &none, "opaque"), (None, LifetimeSource::Unknown));
    }

    #[test]
    fn t25_a_token_that_has_run_out_when_it_comes_lives_on_as_long_as_clocks_may_differ() {
        let at = |seconds: i64| NOW.plus_seconds(seconds);
        let epoch =
            Lifetime { pointer: "/at".into(), unit: LifetimeUnit::EpochMilliseconds, ..Lifetime::default() };
        for (told, taken) in [(1, Some(1)), (0, Some(300)), (-299, Some(1)), (-300, None), (-900, None)] {
            let (told, taken) = (at(told), taken.map(at));
            assert_eq!(found(&epoch, &json!({ "at": told.millis() }), "opaque").0, taken);
            let dated = jwt(&format!(r#"{{"exp":{}}}"#, told.seconds()));
            assert_eq!(found(&Lifetime::default(), &json!({}), &dated).0, taken);
        }
    }

    #[test]
    fn quirk_50_a_token_that_does_not_expire_gets_no_invented_expiry() {
        let eternal = Lifetime { never_expires: true, ..Lifetime::default() };
        assert_eq!(found(&eternal, &json!({}), "opaque"), (None, LifetimeSource::NeverExpires));
        let stated = found(&eternal, &json!({"expires_in": 60}), "opaque");
        assert_eq!(stated, (Some(NOW.plus_seconds(60)), LifetimeSource::Answer));
    }

    proptest! {
        #[test]
        fn any_text_is_a_lifetime_or_none_without_a_panic(text in "\\PC{0,40}", token in "[a-zA-Z0-9._-]{0,60}") {
            use LifetimeUnit::{Duration, EpochMilliseconds, EpochSeconds, Milliseconds, Rfc3339, Seconds};
            for unit in [Seconds, Milliseconds, Duration, EpochSeconds, EpochMilliseconds, Rfc3339] {
                let _ = moment(unit, &Value::from(text.as_str()), NOW);
            }
            let _ = jwt_expiry(&Secret::from(token));
        }

        #[test]
        fn a_printed_timestamp_is_read_back(millis in 0_i64..4_102_444_800_000) {
            let moment = Timestamp::from_millis(millis);
            prop_assert_eq!(rfc3339(&moment.to_string()), Some(moment));
        }
    }
}
