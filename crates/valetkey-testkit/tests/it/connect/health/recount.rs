//! What health and usage should be, counted one by one in the journal and in the log of calls.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use valetkey_app::{
    call::{CallQuery, ToolCall},
    page::PageRequest,
};
use valetkey_core::{
    Day,
    call::{CallOutcome, CallSource},
};
use valetkey_testkit::app::{Outcome, TestApp};

/// All calls of an account that are in the log.
pub(super) async fn calls(app: &TestApp, account: &str) -> Outcome<Vec<ToolCall>> {
    let (mut all, mut token) = (vec![], None);
    loop {
        let query = CallQuery { account_id: Some(account.to_owned()), ..CallQuery::default() };
        let page = PageRequest { size: 100, token };
        let found = app.app.list_calls(&app.operator(), query, &page).await?;
        all.extend(found.items);
        token = found.next;
        if token.is_none() {
            return Ok(all);
        }
    }
}

fn share(part: usize, whole: usize) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "a test has few events")]
    if whole == 0 { Value::Null } else { json!(part as f64 / whole as f64) }
}

/// How an authentication ended that an event tells of: whether it was a refresh, whether it succeeded, and how it failed.
fn ended(event: &Value) -> Option<(bool, bool, String)> {
    let outcome = event["details"]["outcome"].as_str().unwrap_or_default().to_owned();
    match event["kind"].as_str()? {
        "credential.stored" => Some((false, true, String::new())),
        "token.refreshed" => Some((true, true, String::new())),
        "token.refresh_failed" => Some((true, false, outcome)),
        "verification.refused" => Some((false, false, "verification_refused".into())),
        "flow.ended" => {
            let failed = [
                "denied",
                "provider_error",
                "exchange_failed",
                "issuer_mismatch",
                "another_user",
                "wrong_browser",
            ];
            failed.contains(&outcome.as_str()).then_some((false, false, outcome))
        }
        _ => None,
    }
}

/// The authentication part of an account's health, by its events, which are in their order.
pub(super) fn authentication(events: &[Value], window_start: &str) -> Value {
    let all: Vec<_> = events.iter().filter_map(|event| Some((event, ended(event)?))).collect();
    let counted = |refresh: bool, succeeded: bool| {
        let of_window = |event: &Value| event["created_at"].as_str() >= Some(window_start);
        all.iter().filter(|(event, end)| of_window(event) && (end.0, end.1) == (refresh, succeeded)).count()
    };
    let [authorized, refused] = [counted(false, true), counted(false, false)];
    let [refreshed, failed] = [counted(true, true), counted(true, false)];
    let last = |succeeded| all.iter().rev().find(|(_, end)| end.1 == succeeded);
    let at = |succeeded| last(succeeded).map_or(Value::Null, |(event, _)| event["created_at"].clone());
    json!({
        "authorizations": authorized + refused,
        "authorizations_succeeded": authorized,
        "refreshes": refreshed + failed,
        "refreshes_succeeded": refreshed,
        "success_rate": share(authorized + refreshed, authorized + refused + refreshed + failed),
        "last_success_at": at(true),
        "last_failure_at": at(false),
        "last_failure": last(false).map_or("", |(_, end)| end.2.as_str()),
    })
}

fn failed(call: &ToolCall) -> bool {
    call.outcome != CallOutcome::Success
}

fn with(calls: &[&ToolCall], outcome: CallOutcome) -> usize {
    calls.iter().filter(|call| call.outcome == outcome).count()
}

fn proxied(calls: &[&ToolCall]) -> usize {
    calls.iter().filter(|call| call.source == CallSource::Proxy).count()
}

/// The part about calls of an account's health.
pub(super) fn api(calls: &[ToolCall], first: Day) -> Value {
    let calls: Vec<&ToolCall> = calls.iter().filter(|call| Day::of(call.started_at) >= first).collect();
    json!({
        "calls": calls.len(),
        "provider_errors": with(&calls, CallOutcome::ProviderError),
        "platform_errors": with(&calls, CallOutcome::PlatformError),
        "error_rate": share(calls.iter().filter(|call| failed(call)).count(), calls.len()),
    })
}

/// The usage of an account from `first` to `last`.
pub(super) fn usage(account: &str, calls: &[ToolCall], first: Day, last: Day) -> Value {
    let calls: Vec<&ToolCall> =
        calls.iter().filter(|call| (first..=last).contains(&Day::of(call.started_at))).collect();
    let mut days: BTreeMap<Day, Vec<&ToolCall>> = BTreeMap::new();
    let mut tools: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for call in &calls {
        days.entry(Day::of(call.started_at)).or_default().push(call);
        if call.source != CallSource::Proxy {
            let count = tools.entry(&call.tool_name).or_default();
            (count.0, count.1) = (count.0 + 1, count.1 + usize::from(failed(call)));
        }
    }
    let mut tools: Vec<_> = tools.into_iter().collect();
    tools.sort_by_key(|(_, (executions, _))| std::cmp::Reverse(*executions));
    let tool = |(name, (executions, errors)): (&str, (usize, usize))| json!({ "tool_name": name, "executions": executions, "errors": errors });
    let day = |(day, calls): (Day, Vec<&ToolCall>)| {
        json!({
            "date": day.to_string(),
            "tool_executions": calls.len() - proxied(&calls),
            "api_requests": proxied(&calls),
            "provider_errors": with(&calls, CallOutcome::ProviderError),
            "platform_errors": with(&calls, CallOutcome::PlatformError),
        })
    };
    json!({
        "account_id": account,
        "start_date": first.to_string(),
        "end_date": last.to_string(),
        "tool_executions": calls.len() - proxied(&calls),
        "api_requests": proxied(&calls),
        "provider_errors": with(&calls, CallOutcome::ProviderError),
        "platform_errors": with(&calls, CallOutcome::PlatformError),
        "error_rate": share(calls.iter().filter(|call| failed(call)).count(), calls.len()),
        "most_used_tools": tools.into_iter().take(10).map(tool).collect::<Value>(),
        "days": days.into_iter().map(day).collect::<Value>(),
    })
}
