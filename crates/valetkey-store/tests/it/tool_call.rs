use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
};
use valetkey_store::{
    PageRequest,
    tool_call::{self, DayCount, Filter, ToolCall},
};

use crate::support::{World, later, row};

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
async fn groups_count_what_the_list_shows() {
    let world = World::new().await;
    let calls = various(&world);
    add(&world, &calls).await;
    let (from, until) = (later(60), later(600));
    let outcomes = vec![CallOutcome::ProviderError];
    let filter = Filter { from: Some(from), until: Some(until), outcomes, ..Filter::default() };
    let mut reader = world.reader().await;
    let groups = tool_call::groups(&mut reader, &world.environment.id, &filter, from, 120_000).await.unwrap();
    let wanted: Vec<_> =
        calls[1..10].iter().filter(|call| call.outcome == CallOutcome::ProviderError).collect();
    assert_eq!(groups.iter().map(|group| group.count).sum::<i64>(), i64::try_from(wanted.len()).unwrap());
    for group in &groups {
        let alike = wanted.iter().filter(|call| {
            let interval = (call.started_at.millis() - from.millis()) / 120_000;
            (interval, &call.provider) == (group.interval, &group.provider)
        });
        assert_eq!(group.count, i64::try_from(alike.count()).unwrap(), "{group:?}");
    }
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
