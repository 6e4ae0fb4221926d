//! Reading the log.

use http::Method;
use serde_json::json;
use valetkey_app::call::ToolCall;
use valetkey_core::{
    Clock, Timestamp,
    call::{CallOutcome, CallSource},
};
use valetkey_testkit::app::{Outcome, TestApp};

use super::support::{account, ids, log, logs, tool_call};

const LOGS: &str = "/api/v1/agentkit/tool_call_logs";

/// Which calls a query should let through.
type Wanted = Box<dyn Fn(&ToolCall) -> bool>;

/// Calls a minute apart, each of which differs from the others in what a filter looks at; the oldest first.
fn various(app: &TestApp) -> Vec<ToolCall> {
    let start = app.clock.now();
    let sources = CallSource::ALL.iter().cycle();
    let outcomes = CallOutcome::ALL.iter().cycle();
    (0..12_u32)
        .zip(sources.zip(outcomes))
        .map(|(number, (source, outcome))| {
            let at = start.plus_seconds(i64::from(number) * 60);
            let mut call = tool_call(app, at, number.into());
            (call.source, call.outcome) = (*source, *outcome);
            call.account_id = Some(account(usize::try_from(number % 2).expect("small")));
            call.identifier = if number % 2 == 0 { "alice".into() } else { "bob".into() };
            call.agent_run_id = (number % 4 == 0).then(|| "run a/b".into());
            if number % 3 == 0 {
                call.provider = "SLACK".into();
                call.connection_name = "slack-eu".into();
                call.connection_id = Some(format!("conn_{number:026}").parse().expect("an id"));
            }
            if *outcome != CallOutcome::Success {
                (call.error_code, call.status) = ("rate_limited".into(), Some(429));
            }
            call
        })
        .collect()
}

async fn recorded(app: &TestApp) -> Outcome<Vec<ToolCall>> {
    let mut calls = various(app);
    for call in &calls {
        app.app.record_call(call.clone());
    }
    app.app.flush_uses().await?;
    calls.reverse();
    Ok(calls)
}

#[tokio::test]
async fn a_call_is_read_back_whole_by_its_execution_id() -> Outcome<()> {
    let app = TestApp::start().await?;
    let at = app.clock.now();
    let call = ToolCall {
        agent_run_id: Some("run 1".into()),
        organization_id: Some("acme".into()),
        user_id: Some("u-1".into()),
        outcome: CallOutcome::ProviderError,
        status: Some(403),
        error_code: "forbidden".into(),
        error_message: "no\u{7} access\n".into(),
        ..tool_call(&app, at, 1)
    };
    app.app.record_call(call.clone());
    app.app.flush_uses().await?;
    let id = call.id.to_string();
    let found = log(&app, &id).await?;
    let expected = json!({
        "id": id, "execution_id": id, "environment_id": app.environment.id.to_string(),
        "agent_run_id": "run 1", "tool_name": "testprovider_get_profile", "provider": "TESTPROVIDER",
        "connected_account_id": call.account_id.as_ref().map(ToString::to_string), "connection_id": "",
        "connection_name": "test", "identifier": "alice", "user_id": "u-1", "organization_id": "acme",
        "source": "API", "status": "error", "error_tier": "provider_error", "error_code": "forbidden",
        "error_message": "no  access ", "duration_ms": "7", "started_at": found["started_at"],
    });
    assert_eq!(found, expected);
    assert_eq!(found["started_at"], at.to_string().replace(".000Z", "Z"));
    for unknown in [id.replace("exec_0", "exec_1"), "exec_1".into(), "none".into()] {
        let answer = app.call(Method::GET, &format!("{LOGS}/{unknown}"), None).await?;
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn filters_let_through_what_they_name_newest_first() -> Outcome<()> {
    let app = TestApp::start().await?;
    let calls = recorded(&app).await?;
    let cut = calls[5].started_at;
    let time = cut.to_string();
    let connection = calls.iter().find_map(|call| call.connection_id.clone()).ok_or("no connection")?;
    let cases: Vec<(String, Wanted)> = vec![
        (String::new(), Box::new(|_| true)),
        (format!("start_time={time}"), Box::new(move |call| call.started_at >= cut)),
        (format!("end_time={time}"), Box::new(move |call| call.started_at < cut)),
        ("status=success".into(), Box::new(|call| call.outcome == CallOutcome::Success)),
        ("status=ERROR".into(), Box::new(|call| call.outcome != CallOutcome::Success)),
        ("status=error&status=success".into(), Box::new(|_| true)),
        ("provider=SLACK".into(), Box::new(|call| call.provider == "SLACK")),
        ("provider=SLACK&provider=TESTPROVIDER".into(), Box::new(|_| true)),
        (format!("connection_id={connection}"), {
            Box::new(move |call| call.connection_id.as_ref() == Some(&connection))
        }),
        ("connection_name=slack-eu".into(), Box::new(|call| call.connection_name == "slack-eu")),
        (format!("connected_account_id={}", account::<valetkey_core::id::AccountId>(1)), {
            Box::new(|call| call.account_id == Some(account(1)))
        }),
        ("identifier=bob".into(), Box::new(|call| call.identifier == "bob")),
        ("agent_run_id=run+a%2Fb".into(), Box::new(|call| call.agent_run_id.is_some())),
        ("source=PROXY&source=mcp".into(), {
            Box::new(|call| matches!(call.source, CallSource::Proxy | CallSource::Mcp))
        }),
        ("identifier=alice&status=error&provider=SLACK".into(), {
            Box::new(|call| {
                call.identifier == "alice" && call.outcome != CallOutcome::Success && call.provider == "SLACK"
            })
        }),
        ("identifier=nobody".into(), Box::new(|_| false)),
    ];
    for (query, wanted) in cases {
        let expected: Vec<_> =
            calls.iter().filter(|call| wanted(call)).map(|call| call.id.to_string()).collect();
        let page = logs(&app, &query).await?;
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(page["total_size"], json!(expected.len().to_string()), "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn pages_of_twenty_put_together_are_the_log() -> Outcome<()> {
    let app = TestApp::start().await?;
    let start = app.clock.now();
    let mut all: Vec<_> =
        (0..130).map(|number| tool_call(&app, Timestamp::from_millis(start.millis() + number), 1)).collect();
    for call in &all {
        app.app.record_call(call.clone());
    }
    app.app.flush_uses().await?;
    all.reverse();
    let expected: Vec<_> = all.iter().map(|call| call.id.to_string()).collect();
    let (mut token, mut together, mut before) = (String::new(), vec![], vec![]);
    loop {
        let page = logs(&app, &format!("page_token={token}")).await?;
        let back = page["prev_page_token"].as_str().unwrap_or_default();
        if !back.is_empty() {
            assert_eq!(ids(&logs(&app, &format!("page_token={back}")).await?), before);
        }
        before = ids(&page);
        assert!(before.len() <= 20);
        together.extend(before.clone());
        page["next_page_token"].as_str().unwrap_or_default().clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(together, expected);
    assert_eq!(ids(&logs(&app, "page_size=1000").await?), expected[..100]);
    Ok(())
}

#[tokio::test]
async fn what_no_filter_can_mean_is_refused() -> Outcome<()> {
    let app = TestApp::start().await?;
    for query in [
        "status=maybe",
        "source=POST",
        "connection_id=1",
        "connected_account_id=alice",
        "page_token=x",
        "start_time=yesterday",
    ] {
        let answer = app.call(Method::GET, &format!("{LOGS}?{query}"), None).await?;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    for path in ["/api/v1/agentkit/tool_call_logs:this", "/api/v1/agentkit/analytics/overview:this"] {
        let answer = app.call(Method::GET, path, None).await?;
        assert_eq!(
            (answer.status.as_u16(), answer.text.contains("end user")),
            (501, true),
            "{}",
            answer.text
        );
    }
    Ok(())
}
