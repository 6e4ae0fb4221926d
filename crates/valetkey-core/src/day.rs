//! Days of the calendar, in UTC.

use std::{fmt, str::FromStr};

use crate::time::{Timestamp, civil_from_days};

/// Milliseconds of a day.
const MILLIS: i64 = 86_400_000;

/// A day in UTC: days since 1970-01-01. Prints as `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(i64);

impl Day {
    /// The day with this number, counted from 1970-01-01.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The day of a point in time.
    pub const fn of(at: Timestamp) -> Self {
        Self(at.millis().div_euclid(MILLIS))
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Its first moment.
    pub const fn start(self) -> Timestamp {
        Timestamp::from_millis(self.0.saturating_mul(MILLIS))
    }

    /// The day `days` later, or earlier.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0);
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

/// A text is not a day of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be a day of the calendar, such as 2026-01-31")]
pub struct InvalidDay;

/// Days to the civil calendar, after Howard Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let mut parts = text.split('-').map(|part| part.parse::<u16>().map(i64::from));
        let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidDay);
        };
        let found = Self(days_from_civil(year, month.min(12), day));
        // What the calendar does not have comes out as another day.
        if found.to_string() == text { Ok(found) } else { Err(InvalidDay) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_day_survives_its_text(number in 0_i64..2_900_000) {
            prop_assert_eq!(Day::new(number).to_string().parse(), Ok(Day::new(number)));
        }

        #[test]
        fn a_moment_lies_in_its_day(millis in -1_000_000_000_000_i64..10_000_000_000_000) {
            let at = Timestamp::from_millis(millis);
            prop_assert!(Day::of(at).start() <= at && at < Day::of(at).plus(1).start());
        }
    }

    #[test]
    fn what_the_calendar_does_not_have_is_refused() {
        for text in
            ["2026-02-29", "2026-00-10", "2026-13-01", "2026-04-31", "2026-1-1", "", "today", "2026-01-01-"]
        {
            assert_eq!(text.parse::<Day>(), Err(InvalidDay), "{text}");
        }
        assert_eq!(
            "2024-02-29".parse::<Day>().map(Day::start),
            Ok(Timestamp::from_millis(1_709_164_800_000))
        );
    }
}
