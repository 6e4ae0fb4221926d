//! Count the log of calls.

use std::collections::BTreeMap;

use valetkey_core::{Timestamp, call::CallOutcome};
use valetkey_store::tool_call::{self, Group};

use super::CallQuery;
use crate::{App, Caller, Error, Result};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long an interval of the time series can be, in seconds.
const WIDTHS: &[i64] = &[
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
];

/// The most intervals of a time series.
const INTERVALS: i64 = 30;

/// The period where the query names no start, in seconds.
const PERIOD: i64 = 7 * DAY;

/// The most error codes of an overview.
const CODES: usize = 10;

/// How many calls, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// Answered as asked.
    pub success: i64,
    /// The provider refused or failed.
    pub provider_errors: i64,
    /// It did not come as far as the provider, or this server failed.
    pub platform_errors: i64,
}

impl CallCounts {
    /// Those that failed.
    pub fn errors(&self) -> i64 {
        self.provider_errors + self.platform_errors
    }

    /// All.
    pub fn total(&self) -> i64 {
        self.success + self.errors()
    }

    fn add(&mut self, group: &Group) {
        let count = match group.outcome {
            CallOutcome::Success => &mut self.success,
            CallOutcome::ProviderError => &mut self.provider_errors,
            CallOutcome::PlatformError => &mut self.platform_errors,
        };
        *count += group.count;
    }
}

/// What the log says about a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// All calls.
    pub all: CallCounts,
    /// The most frequent error codes, at most ten, the most frequent first.
    pub error_codes: Vec<(String, i64)>,
    /// By the key of the connector, the one with the most calls first.
    pub connectors: Vec<(String, CallCounts)>,
    /// By time: the start of each interval. There are at most thirty; those without calls are among them.
    pub series: Vec<(Timestamp, CallCounts)>,
    /// How long each interval is, in seconds.
    pub interval_seconds: i64,
}

/// The intervals of a time series. They begin at multiples of their length since 1970, so that the first may begin
/// before the period, and two overviews of nearly the same period have the same intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Intervals {
    first: Timestamp,
    seconds: i64,
    count: i64,
}

impl Intervals {
    /// The shortest that cover the period with no more than are allowed; `None` where it is too long.
    fn of(from: Timestamp, until: Timestamp) -> Option<Self> {
        WIDTHS.iter().find_map(|seconds| {
            let width = seconds * 1000;
            let number = from.millis().div_euclid(width);
            let count = (until.millis() - 1).div_euclid(width) - number + 1;
            let first = Timestamp::from_millis(number * width);
            (count <= INTERVALS).then_some(Self { first, seconds: *seconds, count })
        })
    }

    fn start(&self, number: i64) -> Timestamp {
        self.first.plus_seconds(number * self.seconds)
    }
}

impl App {
    /// Counts the calls of the caller's environment over a period: the last seven days where the query names none. A
    /// period is at most 203 days.
    pub async fn call_overview(&self, caller: &Caller, query: CallQuery) -> Result<Overview> {
        let until = query.until.unwrap_or_else(|| self.clock.now().plus_seconds(1));
        let from = query.from.unwrap_or_else(|| until.plus_seconds(-PERIOD));
        if from >= until {
            return Err(Error::invalid("end_time", "period", "must be after start_time"));
        }
        let Some(intervals) = Intervals::of(from, until) else {
            return Err(Error::invalid("start_time", "period", "must be at most 203 days before end_time"));
        };
        // Nothing is later than now, so that the last five minutes need not be told apart.
        let shortest = WIDTHS[0] * 1000;
        let whole = Timestamp::from_millis((until.millis() + shortest - 1).div_euclid(shortest) * shortest);
        let until = if until > self.clock.now() { whole } else { until };
        let filter = CallQuery { from: Some(from), until: Some(until), ..query }.filter()?;
        let mut reader = self.pool.read().await?;
        let width = intervals.seconds * 1000;
        let groups =
            tool_call::groups(&mut reader, &caller.environment, &filter, intervals.first, width).await?;
        Ok(overview(&groups, intervals))
    }
}

fn overview(groups: &[Group], intervals: Intervals) -> Overview {
    let mut all = CallCounts::default();
    let mut error_codes: BTreeMap<&str, i64> = BTreeMap::new();
    let mut connectors: BTreeMap<&str, CallCounts> = BTreeMap::new();
    let mut series: Vec<_> =
        (0..intervals.count).map(|number| (intervals.start(number), CallCounts::default())).collect();
    for group in groups {
        all.add(group);
        connectors.entry(&group.provider).or_default().add(group);
        if !group.error_code.is_empty() {
            *error_codes.entry(&group.error_code).or_default() += group.count;
        }
        let place = group.interval.clamp(0, intervals.count - 1);
        if let Some((_, counts)) = usize::try_from(place).ok().and_then(|place| series.get_mut(place)) {
            counts.add(group);
        }
    }
    let mut error_codes = most(error_codes, |count| *count);
    error_codes.truncate(CODES);
    let connectors = most(connectors, CallCounts::total);
    Overview { all, error_codes, connectors, series, interval_seconds: intervals.seconds }
}

/// Those with the highest count first, and in alphabetical order where it is the same.
fn most<T>(counted: BTreeMap<&str, T>, count: impl Fn(&T) -> i64) -> Vec<(String, T)> {
    let mut sorted: Vec<_> = counted.into_iter().map(|(name, counts)| (name.to_owned(), counts)).collect();
    sorted.sort_by_key(|(_, counts)| std::cmp::Reverse(count(counts)));
    sorted
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn intervals_are_at_most_thirty_and_cover_the_period() {
        for number in 0..10_000_i64 {
            let from = Timestamp::from_millis(number * 7_919_113);
            let until = Timestamp::from_millis(from.millis() + 1 + number * 1_753_919);
            let intervals = Intervals::of(from, until).unwrap();
            assert!((1..=INTERVALS).contains(&intervals.count), "{from} {until}");
            assert!(intervals.first <= from && from < intervals.start(1));
            let last = intervals.start(intervals.count - 1);
            assert!(last < until && until <= intervals.start(intervals.count));
        }
    }

    #[test]
    fn an_hour_has_intervals_of_five_minutes_and_a_month_of_two_days() {
        let seconds = |from, until| {
            let at = |seconds| Timestamp::EPOCH.plus_seconds(seconds);
            Intervals::of(at(from), at(until)).map(|intervals| intervals.seconds)
        };
        assert_eq!(seconds(7 * DAY, 7 * DAY + HOUR), Some(5 * MINUTE));
        assert_eq!(seconds(DAY, 30 * DAY), Some(DAY));
        assert_eq!(seconds(DAY + 1, 31 * DAY + 1), Some(2 * DAY));
        assert_eq!(seconds(0, 400 * DAY), None);
    }
}
