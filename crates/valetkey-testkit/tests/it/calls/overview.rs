//! Counts over the log are what a recount of the log says.

use std::collections::BTreeMap;

use http::Method;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use valetkey_app::call::ToolCall;
use valetkey_core::{
    Clock, Timestamp,
    call::{CallOutcome, CallSource},
};
use valetkey_testkit::app::{Outcome, TestApp};

use super::support::{get, tool_call};

const OVERVIEW: &str = "/api/v1/agentkit/analytics/overview";
const PROVIDERS: [&str; 3] = ["GMAIL", "SLACK", "TESTPROVIDER"];
const CODES: [&str; 12] = ["", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];

/// How many seconds the calls of a run are spread over.
const SPREAD: i64 = 100_000;

/// What a random call differs in: seconds after the beginning, provider, source, outcome, error code.
type Drawn = (i64, usize, usize, usize, usize);

fn drawn() -> impl Strategy<Value = Drawn> {
    (0..SPREAD, 0..3_usize, 0..4_usize, 0..3_usize, 1..12_usize)
}

fn call(app: &TestApp, start: Timestamp, number: u64, drawn: Drawn) -> ToolCall {
    let (seconds, provider, source, outcome, code) = drawn;
    let outcome = CallOutcome::ALL[outcome];
    let code = if outcome == CallOutcome::Success { 0 } else { code };
    ToolCall {
        provider: PROVIDERS[provider].into(),
        connection_name: PROVIDERS[provider].to_lowercase(),
        source: CallSource::ALL[source],
        outcome,
        error_code: CODES[code].into(),
        ..tool_call(app, start.plus_seconds(seconds), number)
    }
}

/// A query with the calls that it lets through.
struct Asked {
    query: String,
    wanted: Vec<ToolCall>,
    from: Timestamp,
    until: Timestamp,
}

/// Asks for a part of the period, and for one filter by `kind`.
fn asked(calls: &[ToolCall], start: Timestamp, period: (i64, i64), kind: usize) -> Asked {
    let (from, until) = (start.plus_seconds(period.0), start.plus_seconds(period.0 + period.1));
    let (filter, wanted): (&str, fn(&ToolCall) -> bool) = match kind {
        0 => ("", |_| true),
        1 => ("&provider=SLACK&provider=GMAIL", |call| call.provider != "TESTPROVIDER"),
        2 => ("&status=error", |call| call.outcome != CallOutcome::Success),
        3 => ("&error_code=a&error_code=c", |call| matches!(call.error_code.as_str(), "a" | "c")),
        4 => ("&connection_name=slack", |call| call.connection_name == "slack"),
        _ => ("&source=PROXY", |call| call.source == CallSource::Proxy),
    };
    let in_period = |call: &&ToolCall| (from..until).contains(&call.started_at);
    Asked {
        query: format!("{OVERVIEW}?start_time={from}&end_time={until}{filter}"),
        wanted: calls.iter().filter(in_period).filter(|call| wanted(call)).cloned().collect(),
        from,
        until,
    }
}

/// Total, success, errors, those of the provider, those of the platform, as the wire writes them.
fn counts<'a>(calls: impl Iterator<Item = &'a ToolCall>) -> [Value; 5] {
    let mut counted = [0_u32; 3];
    for call in calls {
        counted[CallOutcome::ALL.iter().position(|outcome| *outcome == call.outcome).expect("listed")] += 1;
    }
    let [success, provider, platform] = counted;
    [success + provider + platform, success, provider + platform, provider, platform]
        .map(|count| json!(count.to_string()))
}

fn shown(stats: &Value) -> [Value; 5] {
    ["total", "success", "errors", "provider_errors", "platform_errors"].map(|name| stats[name].clone())
}

fn number(value: &Value) -> i64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or(-1)
}

fn check_codes(stats: &Value, wanted: &[ToolCall]) {
    let mut codes: BTreeMap<&str, i64> = BTreeMap::new();
    for call in wanted.iter().filter(|call| !call.error_code.is_empty()) {
        *codes.entry(&call.error_code).or_default() += 1;
    }
    let mut expected: Vec<_> = codes.into_iter().collect();
    expected.sort_by_key(|(code, count)| (-count, *code));
    expected.truncate(10);
    let rows = stats["top_error_codes"].as_array().into_iter().flatten();
    let found: Vec<_> =
        rows.map(|row| (row["error_code"].as_str().unwrap_or_default(), number(&row["count"]))).collect();
    assert_eq!(found, expected);
}

fn check_connectors(stats: &Value, wanted: &[ToolCall]) {
    let rows: Vec<_> = stats["connector_breakdown"].as_array().into_iter().flatten().collect();
    for provider in PROVIDERS {
        let expected = counts(wanted.iter().filter(|call| call.provider == provider));
        match rows.iter().find(|row| row["provider"] == provider) {
            Some(row) => assert_eq!(shown(row), expected, "{provider}"),
            None => assert_eq!(expected[0], "0", "{provider}"),
        }
    }
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(number(&row["total"]))));
}

fn check_series(stats: &Value, asked: &Asked) {
    let rows: Vec<_> = stats["time_series"].as_array().into_iter().flatten().collect();
    assert!((1..=30).contains(&rows.len()), "{} intervals", rows.len());
    let width = number(&rows[0]["bucket_duration_seconds"]);
    assert!((300..=7 * 86_400).contains(&width), "{width} seconds");
    let first = asked.from.seconds().div_euclid(width) * width;
    for (place, row) in (0..).zip(&rows) {
        let start = Timestamp::EPOCH.plus_seconds(first + place * width);
        let end = start.plus_seconds(width);
        assert_eq!(row["bucket"], start.to_string().replace(".000Z", "Z"));
        let within = asked.wanted.iter().filter(|call| (start..end).contains(&call.started_at));
        assert_eq!(shown(row), counts(within), "from {start} for {width} seconds");
        assert!(start < asked.until);
    }
}

async fn recount(app: &TestApp, drawn: &[Drawn], period: (i64, i64), kind: usize) -> Outcome<()> {
    for table in ["tool_calls", "tool_call_sums"] {
        crate::database::run(app, &format!("DELETE FROM {table}")).await?;
    }
    let start = app.clock.now().plus_seconds(-3 * SPREAD);
    let calls: Vec<_> = (0..).zip(drawn).map(|(number, drawn)| call(app, start, number, *drawn)).collect();
    for call in &calls {
        app.app.record_call(call.clone());
    }
    app.app.flush_uses().await?;
    let asked = asked(&calls, start, period, kind);
    let stats = get(app, &asked.query).await?;
    assert_eq!(shown(&stats), counts(asked.wanted.iter()), "{}", asked.query);
    check_codes(&stats, &asked.wanted);
    check_connectors(&stats, &asked.wanted);
    check_series(&stats, &asked);
    Ok(())
}

#[test]
fn an_overview_of_random_calls_is_what_a_recount_says() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let app = runtime.block_on(TestApp::start()).unwrap();
    let period = (0..SPREAD, 1..2 * SPREAD);
    let inputs = (prop::collection::vec(drawn(), 0..80), period, 0..6_usize);
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&inputs, |(drawn, period, kind)| {
            let done = runtime.block_on(recount(&app, &drawn, period, kind));
            done.map_err(|error| TestCaseError::fail(error.to_string()))
        })
        .unwrap();
}

#[tokio::test]
async fn without_a_period_the_last_seven_days_are_counted() -> Outcome<()> {
    let app = TestApp::start().await?;
    let now = app.clock.now();
    for (number, days) in (0..).zip([0, 6, 8]) {
        app.app.record_call(tool_call(&app, now.plus_seconds(-days * 86_400), number));
    }
    app.app.flush_uses().await?;
    let stats = get(&app, OVERVIEW).await?;
    assert_eq!((&stats["total"], &stats["connector_breakdown"][0]["total"]), (&json!("2"), &json!("2")));
    for query in [format!("end_time={now}&start_time={now}"), "start_time=2020-01-01T00:00:00Z".into()] {
        let answer = app.call(Method::GET, &format!("{OVERVIEW}?{query}"), None).await?;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    Ok(())
}
