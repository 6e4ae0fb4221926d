//! Read what an account was used for.

use valetkey_core::{Day, id::AccountId};
use valetkey_store::tool_call::{self, DayCount, ToolCount};

use super::CallCount;
use crate::{App, Caller, Error, Result, account::AccountAddress};

/// How many days one answer can cover.
const LONGEST: i64 = 366;

/// How many days are covered where the first is not named.
const USUAL: i64 = 30;

/// How many tools are listed.
const TOOLS: i64 = 10;

/// Which days. Both are included.
#[derive(Clone, Debug, Default)]
pub struct UsageQuery {
    /// The first, `YYYY-MM-DD`; 29 days before the last where absent.
    pub start_date: Option<String>,
    /// The last; today, in UTC, where absent.
    pub end_date: Option<String>,
}

/// What an account was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountUsage {
    /// The account.
    pub account: AccountId,
    /// The first day.
    pub first: Day,
    /// The last day, included.
    pub last: Day,
    /// All calls of these days.
    pub calls: CallCount,
    /// The tools that were executed most, at most ten, the most executed first.
    pub tools: Vec<ToolCount>,
    /// The days on which there were calls.
    pub days: Vec<DayCount>,
}

impl UsageQuery {
    /// The first and the last day.
    fn days(&self, today: Day) -> Result<(Day, Day)> {
        let last = day("end_date", self.end_date.as_deref())?.unwrap_or(today);
        let first = day("start_date", self.start_date.as_deref())?.unwrap_or(last.plus(1 - USUAL));
        let count = last.number() - first.number() + 1;
        if !(1..=LONGEST).contains(&count) {
            let text = format!("must be from {} to {last}", last.plus(1 - LONGEST));
            return Err(Error::invalid("start_date", "range", text));
        }
        Ok((first, last))
    }
}

fn day(field: &str, text: Option<&str>) -> Result<Option<Day>> {
    let given = text.filter(|text| !text.is_empty());
    given
        .map(|text| text.parse().map_err(|error| Error::invalid(field, "date", format!("{error}"))))
        .transpose()
}

impl App {
    /// What an account was used for on some days, in UTC. It does not depend on how long calls are kept in the log, and
    /// calls are counted within 200 ms.
    pub async fn account_usage(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        query: &UsageQuery,
    ) -> Result<AccountUsage> {
        let (first, last) = query.days(Day::of(self.clock.now()))?;
        let range = (first.number(), last.number());
        let mut reader = self.pool.read().await?;
        let row = address.get(&mut reader, caller).await?;
        let days = tool_call::days(&mut reader, &row.environment_id, &row.id, range.0, range.1).await?;
        let tools = tool_call::tools(&mut reader, &row.environment_id, &row.id, range, TOOLS).await?;
        Ok(AccountUsage { account: row.id, first, last, calls: CallCount::of(&days), tools, days })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn days(start: Option<&str>, end: Option<&str>) -> Option<(String, String)> {
        let text = |text: Option<&str>| text.map(ToOwned::to_owned);
        let query = UsageQuery { start_date: text(start), end_date: text(end) };
        let (first, last) = query.days("2026-03-01".parse().unwrap()).ok()?;
        Some((first.to_string(), last.to_string()))
    }

    #[test]
    fn the_last_30_days_are_meant_where_nobody_says() {
        let pair = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(days(None, None), pair("2026-01-31", "2026-03-01"));
        assert_eq!(days(Some("2026-02-27"), None), pair("2026-02-27", "2026-03-01"));
        assert_eq!(days(None, Some("2024-03-01")), pair("2024-02-01", "2024-03-01"));
    }

    #[test]
    fn a_range_has_at_most_366_days_and_ends_after_it_begins() {
        assert!(days(Some("2024-01-01"), Some("2024-12-31")).is_some());
        for (first, last) in
            [("2024-01-01", "2025-01-01"), ("2026-02-02", "2026-02-01"), ("2026-02-30", "2026-03-01")]
        {
            assert_eq!(days(Some(first), Some(last)), None, "{first} {last}");
        }
    }
}
