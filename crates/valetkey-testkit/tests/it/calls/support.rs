//! Calls as the tools and the proxy record them, and the log as a client reads it.

use http::Method;
use serde_json::Value;
use valetkey_app::call::ToolCall;
use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
    id::ExecutionId,
};
use valetkey_testkit::app::{Outcome, SeededEntropy, TestApp};

const LOGS: &str = "/api/v1/agentkit/tool_call_logs";

/// A tool of an account that was called through the API at `at`, number `number` of the test, and succeeded.
pub(crate) fn tool_call(app: &TestApp, at: Timestamp, number: u64) -> ToolCall {
    ToolCall {
        id: ExecutionId::new(at, &SeededEntropy::new(number)),
        environment_id: app.environment.id.clone(),
        actor: "skc_test".into(),
        agent_run_id: None,
        tool_name: "testprovider_get_profile".into(),
        provider: "TESTPROVIDER".into(),
        account_id: Some(account(0)),
        connection_id: None,
        connection_name: "test".into(),
        identifier: "alice".into(),
        organization_id: None,
        user_id: None,
        source: CallSource::Api,
        outcome: CallOutcome::Success,
        status: Some(200),
        error_code: String::new(),
        error_message: String::new(),
        host: "127.0.0.1".into(),
        duration_ms: 7,
        started_at: at,
    }
}

/// The id of an account that calls are recorded for.
pub(crate) fn account<T: std::str::FromStr<Err: std::fmt::Debug>>(number: usize) -> T {
    format!("ca_{number:026}").parse().expect("an id")
}

/// The log with these parameters.
pub(crate) async fn logs(app: &TestApp, query: &str) -> Outcome<Value> {
    get(app, &format!("{LOGS}?{query}")).await
}

/// One call by its execution id.
pub(crate) async fn log(app: &TestApp, id: &str) -> Outcome<Value> {
    get(app, &format!("{LOGS}/{id}")).await
}

/// Any answer of the API with status 200.
pub(crate) async fn get(app: &TestApp, path: &str) -> Outcome<Value> {
    let answer = app.call(Method::GET, path, None).await?;
    if answer.status == 200 { Ok(answer.json()) } else { Err(format!("{path}: {}", answer.text).into()) }
}

/// The execution ids of a page.
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let rows = page["tool_call_logs"].as_array().into_iter().flatten();
    rows.filter_map(|row| row["execution_id"].as_str().map(ToOwned::to_owned)).collect()
}

/// How many calls are stored.
pub(crate) async fn stored(app: &TestApp) -> Outcome<usize> {
    Ok(crate::database::blobs(app, "SELECT id FROM tool_calls").await?.len())
}

/// Polls some times; says whether the future still waits.
pub(crate) async fn still_waits(future: &mut (impl Future + Unpin), times: usize) -> bool {
    for _ in 0..times {
        tokio::select! {
            biased;
            _ = &mut *future => return false,
            () = tokio::task::yield_now() => {}
        }
    }
    true
}
