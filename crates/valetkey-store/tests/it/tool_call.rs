use std::collections::BTreeMap;

use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
};
use valetkey_store::{
    PageRequest,
    tool_call::{self, DayCount, Filter, ToolCall, ToolCount},
};

use crate::support::{World, later, row, row::T0};

const DAY: i64 = 86_400;

/// Which calls a filter should let through.
type Wanted = fn(&ToolCall) -> bool;

async fn add(world: &World, calls: &[ToolCall]) {
    let mut tx = world.tx().await;
    tool_call::append(&mut tx, &calls.iter().collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn all(world: &World, filter: &Filter) -> Vec<ToolCall> {
    let page = PageRequest { size: 1000, token: None };
    let mut reader = world.reader().await;
    let page = tool_call::list(&mut reader, &world.environment.id, filter, &page).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap(), "{filter:?}");
    page.items
}

/// Twelve calls, a minute apart, that differ in everything a filter looks at.
fn various(world: &World) -> Vec<ToolCall> {
    let sources = CallSource::ALL.iter().cycle();
    let outcomes = CallOutcome::ALL.iter().cycle();
    (0..12)
        .zip(sources.zip(outcomes))
        .map(|(number, (source, outcome))| {
            let mut call = row::tool_call(&world.account, later(number * 60));
            (call.source, call.outcome) = (*source, *outcome);
            call.agent_run_id = (number % 5 == 0).then(|| format!("run {number}"));
            if number % 3 == 1 {
                (call.provider, call.connection_name) = ("SLACK".into(), "It's \"slack\"".into());
                call.connection_id = Some(row::id(valetkey_core::id::ConnectionId::new));
            }
            if number % 4 == 1 {
                (call.account_id, call.connection_id, call.status) = (None, None, None);
                call.identifier = String::new();
            }
            if *outcome != CallOutcome::Success {
                (call.error_code, call.error_message) = ("RATE_LIMITED".into(), "später, ü".into());
            }
            call
        })
        .collect()
}

#[tokio::test]
async fn calls_are_read_back_as_they_were_written_newest_first() {
    let world = World::new().await;
    let mut calls = various(&world);
    add(&world, &calls).await;
    let mut reader = world.reader().await;
    for call in &calls {
        let found = tool_call::get(&mut reader, &world.environment.id, &call.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(call));
        assert!(tool_call::exists(&mut reader, &world.environment.id, &call.id).await.unwrap());
    }
    calls.reverse();
    assert_eq!(all(&world, &Filter::default()).await, calls);
}

#[tokio::test]
async fn each_filter_lets_through_what_it_names_and_nothing_else() {
    let world = World::new().await;
    let mut calls = various(&world);
    add(&world, &calls).await;
    calls.reverse();
    let base = Filter::default;
    let slack = calls.iter().find_map(|call| call.connection_id.clone().filter(|_| call.provider == "SLACK"));
    let errors = vec![CallOutcome::ProviderError, CallOutcome::PlatformError];
    let cases: Vec<(Filter, Wanted)> = vec![
        (Filter { from: Some(later(120)), ..base() }, |call| call.started_at >= later(120)),
        (Filter { until: Some(later(120)), ..base() }, |call| call.started_at < later(120)),
        (Filter { outcomes: errors, ..base() }, |call| call.outcome != CallOutcome::Success),
        (Filter { outcomes: vec![CallOutcome::Success], ..base() }, |call| {
            call.outcome == CallOutcome::Success
        }),
        (Filter { providers: vec!["SLACK".into()], ..base() }, |call| call.provider == "SLACK"),
        (Filter { providers: vec!["X".into(), "GMAIL".into()], ..base() }, |call| call.provider == "GMAIL"),
        (Filter { sources: vec![CallSource::Mcp, CallSource::Proxy], ..base() }, |call| {
            matches!(call.source, CallSource::Mcp | CallSource::Proxy)
        }),
        (Filter { error_codes: vec!["RATE_LIMITED".into()], ..base() }, |call| !call.error_code.is_empty()),
        (Filter { connection_name: Some("It's \"slack\"".into()), ..base() }, |call| {
            call.provider == "SLACK"
        }),
        (Filter { account_id: Some(world.account.id.clone()), ..base() }, |call| call.account_id.is_some()),
        (Filter { identifier: Some("user_1".into()), ..base() }, |call| call.identifier == "user_1"),
        (Filter { agent_run_id: Some("run 5".into()), ..base() }, |call| {
            call.agent_run_id.as_deref() == Some("run 5")
        }),
        (Filter { identifier: Some("user_1".into()), sources: vec![CallSource::Api], ..base() }, |call| {
            call.identifier == "user_1" && call.source == CallSource::Api
        }),
    ];
    for (filter, wanted) in cases {
        let expected: Vec<_> = calls.iter().filter(|call| wanted(call)).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < calls.len(), "{filter:?}");
        assert_eq!(all(&world, &filter).await, expected, "{filter:?}");
    }
    let one = Filter { connection_id: slack.clone(), ..base() };
    assert!(all(&world, &one).await.iter().all(|call| call.connection_id == slack));
    assert_eq!(all(&world, &one).await.len(), 1);
}

#[tokio::test]
async fn pages_join_up_in_both_directions_under_a_filter() {
    let world = World::new().await;
    let calls: Vec<_> = (0..7).map(|number| row::tool_call(&world.account, later(number))).collect();
    add(&world, &calls).await;
    let filter = Filter { from: Some(later(1)), until: Some(later(6)), ..Filter::default() };
    let mut expected = calls[1..6].to_vec();
    expected.reverse();
    let mut reader = world.reader().await;
    let mut ask = async |token| {
        let request = PageRequest { size: 2, token };
        tool_call::list(&mut reader, &world.environment.id, &filter, &request).await.unwrap()
    };
    let first = ask(None).await;
    let second = ask(first.next.clone()).await;
    let third = ask(second.next.clone()).await;
    let joined: Vec<_> = [&first, &second, &third].into_iter().flat_map(|page| page.items.clone()).collect();
    assert_eq!((joined, first.total, third.next), (expected, 5, None));
    assert_eq!(ask(third.previous).await.items, second.items);
    assert_eq!(ask(second.previous).await.items, first.items);
}

#[tokio::test]
async fn days_of_an_account_are_counted_over_batches_and_stay_when_calls_are_removed() {
    let world = World::new().await;
    let midnight = Timestamp::from_millis(20_000 * DAY * 1000);
    let at = |seconds: i64| midnight.plus_seconds(seconds);
    let call = |seconds, source, outcome| ToolCall {
        source,
        outcome,
        ..row::tool_call(&world.account, at(seconds))
    };
    let unknown = ToolCall { account_id: None, ..row::tool_call(&world.account, at(5)) };
    add(
        &world,
        &[
            call(-1, CallSource::Mcp, CallOutcome::Success),
            call(0, CallSource::Proxy, CallOutcome::ProviderError),
            unknown,
            call(1, CallSource::Api, CallOutcome::PlatformError),
        ],
    )
    .await;
    add(&world, &[call(DAY - 1, CallSource::Gateway, CallOutcome::ProviderError)]).await;
    let expected = vec![
        DayCount { day: 19_999, tool_executions: 1, ..DayCount::default() },
        DayCount { day: 20_000, tool_executions: 2, api_requests: 1, provider_errors: 2, platform_errors: 1 },
    ];
    let mut reader = world.reader().await;
    let mut days = async |first, last| {
        tool_call::days(&mut reader, &world.environment.id, &world.account.id, first, last).await.unwrap()
    };
    assert_eq!(days(0, 20_000).await, expected);
    assert_eq!(days(20_000, 20_001).await, expected[1..]);
    let mut tx = world.tx().await;
    assert_eq!(tool_call::delete_before(&mut tx, &world.environment.id, at(1), 2).await.unwrap(), 2);
    assert_eq!(tool_call::delete_before(&mut tx, &world.environment.id, at(1), 2).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(all(&world, &Filter::default()).await.len(), 3);
    assert_eq!(days(0, 20_000).await, expected);
}

#[tokio::test]
async fn tools_of_an_account_are_counted_without_proxied_requests_the_most_executed_first() {
    let world = World::new().await;
    let call = |seconds, tool: &str, source, outcome| ToolCall {
        tool_name: tool.into(),
        source,
        outcome,
        ..row::tool_call(&world.account, Timestamp::from_millis(20_000 * DAY * 1000).plus_seconds(seconds))
    };
    let calls = [
        call(0, "b", CallSource::Api, CallOutcome::Success),
        call(1, "b", CallSource::Mcp, CallOutcome::ProviderError),
        call(2, "a", CallSource::Api, CallOutcome::PlatformError),
        call(3, "GET /x", CallSource::Proxy, CallOutcome::ProviderError),
        call(DAY, "a", CallSource::Api, CallOutcome::Success),
        call(DAY + 1, "c", CallSource::Gateway, CallOutcome::Success),
    ];
    add(&world, &calls[..2]).await;
    add(&world, &calls[2..]).await;
    let mut reader = world.reader().await;
    let mut tools = async |first, last, most| {
        let (environment, account) = (&world.environment.id, &world.account.id);
        tool_call::tools(&mut reader, environment, account, (first, last), most).await.unwrap()
    };
    let count = |tool: &str, executions, errors| ToolCount { tool_name: tool.into(), executions, errors };
    assert_eq!(tools(0, 20_001, 10).await, [count("a", 2, 1), count("b", 2, 1), count("c", 1, 0)]);
    assert_eq!(tools(20_000, 20_000, 1).await, [count("b", 2, 1)]);
    let days = tool_call::days(&mut reader, &world.environment.id, &world.account.id, 20_000, 20_000).await;
    let first =
        DayCount { day: 20_000, tool_executions: 3, api_requests: 1, provider_errors: 2, platform_errors: 1 };
    assert_eq!(days.unwrap(), [first]);
}

/// Counts calls by interval, provider, outcome and error code.
fn recount<'a>(calls: impl Iterator<Item = &'a ToolCall>, first: Timestamp, width: i64) -> Counted {
    let mut counted = BTreeMap::new();
    for call in calls {
        let interval = (call.started_at.millis() - first.millis()) / width;
        let key = (interval, call.provider.clone(), call.outcome.as_str(), call.error_code.clone());
        *counted.entry(key).or_default() += 1;
    }
    counted
}

type Counted = BTreeMap<(i64, String, &'static str, String), i64>;

#[tokio::test]
async fn groups_count_what_the_list_shows_from_the_sums_and_from_the_log() {
    let world = World::new().await;
    let calls: Vec<_> =
        (0..5).flat_map(|_| various(&world)).zip(0..).map(|(call, place)| moved(call, place * 37)).collect();
    add(&world, &calls[..30]).await;
    add(&world, &calls[30..]).await;
    let outcomes = vec![CallOutcome::ProviderError, CallOutcome::Success];
    let some = Filter { outcomes, providers: vec!["SLACK".into(), "GMAIL".into()], ..Filter::default() };
    for base in [Filter::default(), some] {
        for (from, until) in [(T0, later(3000)), (later(60), later(1700)), (later(10), later(20))] {
            let filter = Filter { from: Some(from), until: Some(until), ..base.clone() };
            let expected: Vec<_> = all(&world, &filter).await;
            for width in [120_000, 300_000, 900_000] {
                let mut reader = world.reader().await;
                let groups =
                    tool_call::groups(&mut reader, &world.environment.id, &filter, T0, width).await.unwrap();
                let mut counted = Counted::new();
                for group in groups {
                    let key = (group.interval, group.provider, group.outcome.as_str(), group.error_code);
                    *counted.entry(key).or_default() += group.count;
                }
                assert_eq!(counted, recount(expected.iter(), T0, width), "{filter:?} by {width}");
            }
        }
    }
}

/// The call, begun at another time.
fn moved(call: ToolCall, seconds: i64) -> ToolCall {
    let at = row::tool_call_at(later(seconds));
    ToolCall { id: at, started_at: later(seconds), ..call }
}

#[tokio::test]
async fn sums_are_removed_by_whole_slots() {
    let world = World::new().await;
    let calls: Vec<_> =
        [0, 299, 300, 600].into_iter().map(|at| row::tool_call(&world.account, later(at))).collect();
    add(&world, &calls).await;
    let mut tx = world.tx().await;
    let mut delete =
        async |at| tool_call::delete_sums_before(&mut tx, &world.environment.id, later(at)).await.unwrap();
    assert_eq!((delete(299).await, delete(300).await, delete(300).await, delete(900).await), (0, 1, 0, 2));
}

#[tokio::test]
async fn a_call_is_added_once() {
    let world = World::new().await;
    let call = row::tool_call(&world.account, later(0));
    add(&world, std::slice::from_ref(&call)).await;
    let mut tx = world.tx().await;
    let refused = tool_call::append(&mut tx, &[&call]).await.unwrap_err();
    assert!(matches!(refused, valetkey_store::StoreError::Conflict { .. }), "{refused:?}");
}
