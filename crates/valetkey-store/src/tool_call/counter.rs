//! What each account did on each day with each tool. It stays when the rows of the log are removed.

use std::collections::BTreeMap;

use valetkey_core::{
    call::{CallOutcome, CallSource},
    id::{AccountId, EnvironmentId},
};

use super::ToolCall;
use crate::{
    Conn, Result, Stmt, Tx,
    sql::{Row, args},
};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The calls of one account on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayCount {
    /// The day, in days since 1970-01-01, in UTC.
    pub day: i64,
    /// Executions of tools, through the API, MCP or the gateway.
    pub tool_executions: i64,
    /// Requests through the proxy.
    pub api_requests: i64,
    /// How many of both the provider refused or failed.
    pub provider_errors: i64,
    /// How many of both did not come as far as the provider, or failed in this server.
    pub platform_errors: i64,
}

macro_rules! count {
    ($rows:literal) => {
        concat!(
            "INSERT INTO tool_call_counters (environment_id, account_id, day, tool_name, tool_executions,",
            " api_requests, provider_errors, platform_errors) ",
            $rows,
            " ON CONFLICT (environment_id, account_id, day, tool_name) DO UPDATE SET",
            " tool_executions = tool_call_counters.tool_executions + excluded.tool_executions,",
            " api_requests = tool_call_counters.api_requests + excluded.api_requests,",
            " provider_errors = tool_call_counters.provider_errors + excluded.provider_errors,",
            " platform_errors = tool_call_counters.platform_errors + excluded.platform_errors"
        )
    };
}

const COUNT: Stmt = Stmt::many(
    "tool_call::COUNT",
    count!("VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
    count!(
        "SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), value ->> 3, CAST(value ->> 4 AS BIGINT),
         CAST(value ->> 5 AS BIGINT), CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT)
         FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))"
    ),
);
const DAYS: Stmt = Stmt::scan(
    "tool_call::DAYS",
    "SELECT day, CAST(SUM(tool_executions) AS BIGINT) AS tool_executions,
         CAST(SUM(api_requests) AS BIGINT) AS api_requests, CAST(SUM(provider_errors) AS BIGINT) AS provider_errors,
         CAST(SUM(platform_errors) AS BIGINT) AS platform_errors
     FROM tool_call_counters WHERE environment_id = $1 AND account_id = $2 AND day >= $3 AND day <= $4
     GROUP BY day ORDER BY day",
);
const TOOLS: Stmt = Stmt::scan(
    "tool_call::TOOLS",
    "SELECT tool_name, CAST(SUM(tool_executions) AS BIGINT) AS executions,
         CAST(SUM(provider_errors + platform_errors) AS BIGINT) AS errors
     FROM tool_call_counters
     WHERE environment_id = $1 AND account_id = $2 AND day >= $3 AND day <= $4 AND tool_name <> ''
     GROUP BY tool_name ORDER BY executions DESC, tool_name LIMIT CAST($5 AS BIGINT)",
);

pub(super) const STATEMENTS: &[&Stmt] = &[&COUNT, &DAYS, &TOOLS];

/// Environment, account, day and tool, the empty one for proxied requests.
type Key<'a> = (&'a str, &'a str, i64, &'a str);

/// The executions of one tool with one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCount {
    /// Its name.
    pub tool_name: String,
    /// How often it was executed.
    pub executions: i64,
    /// How many of them failed, whoever was at fault.
    pub errors: i64,
}

/// Adds calls to the counts of their accounts. The rows are changed in the order of their keys, so that two processes
/// that count at the same time do not wait for each other in a circle.
pub(super) async fn count(tx: &mut Tx, calls: &[&ToolCall]) -> Result<()> {
    let mut counts: BTreeMap<Key<'_>, DayCount> = BTreeMap::new();
    for call in calls {
        let Some(account) = &call.account_id else { continue };
        let day = call.started_at.millis().div_euclid(DAY);
        let (tool, executions, requests) = match call.source {
            CallSource::Api | CallSource::Mcp | CallSource::Gateway => (call.tool_name.as_str(), 1, 0),
            CallSource::Proxy => ("", 0, 1),
        };
        let count = counts.entry((call.environment_id.as_str(), account.as_str(), day, tool)).or_default();
        count.tool_executions += executions;
        count.api_requests += requests;
        match call.outcome {
            CallOutcome::Success => {}
            CallOutcome::ProviderError => count.provider_errors += 1,
            CallOutcome::PlatformError => count.platform_errors += 1,
        }
    }
    let row = |((environment, account, day, tool), count): (Key<'_>, DayCount)| {
        args![
            environment,
            account,
            day,
            tool,
            count.tool_executions,
            count.api_requests,
            count.provider_errors,
            count.platform_errors,
        ]
    };
    tx.execute_many(&COUNT, counts.into_iter().map(row).collect()).await
}

fn read(row: &Row) -> Result<DayCount> {
    Ok(DayCount {
        day: row.int("day")?,
        tool_executions: row.int("tool_executions")?,
        api_requests: row.int("api_requests")?,
        provider_errors: row.int("provider_errors")?,
        platform_errors: row.int("platform_errors")?,
    })
}

/// The days from `first` to `last`, both included and in days since 1970, on which the account did anything.
pub async fn days(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
    first: i64,
    last: i64,
) -> Result<Vec<DayCount>> {
    conn.list(&DAYS, args![environment, account, first, last], read).await
}

/// The `most` tools that the account executed most from day `first` to `last`, as [`days`] takes them; by name where
/// they were executed equally often.
pub async fn tools(
    conn: &mut Conn,
    environment: &EnvironmentId,
    account: &AccountId,
    (first, last): (i64, i64),
    most: i64,
) -> Result<Vec<ToolCount>> {
    let make = |row: &Row<'_>| {
        Ok(ToolCount {
            tool_name: row.text("tool_name")?,
            executions: row.int("executions")?,
            errors: row.int("errors")?,
        })
    };
    conn.list(&TOOLS, args![environment, account, first, last, most], make).await
}
