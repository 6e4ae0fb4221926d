//! What is on record of each use of a credential.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::{call::ToolCall, tool::ExecuteTool};
use valetkey_core::call::CallSource;
use valetkey_store::{
    PageRequest,
    tool_call::{self, Filter},
};
use valetkey_testkit::app::{Outcome, TestApp};

use super::support::{get, ids, logs, still_waits};
use crate::{
    database,
    fresh::world::World,
    tools::{calls, with_alice},
};

/// Runs a tool for alice, as an agent in its run `run-7`; returns the status.
async fn run(app: &TestApp, tool: &str, params: Value) -> Outcome<u16> {
    // Calls of one millisecond are in no order.
    app.clock.advance(1);
    let body = json!({ "tool_name": tool, "connector": "test", "identifier": "alice", "params": params,
        "agent_run_id": "run-7" });
    Ok(app.call(Method::POST, "/api/v1/execute_tool", Some(body)).await?.status.as_u16())
}

/// Everything in the log, newest first.
async fn everything(app: &TestApp) -> Outcome<Vec<ToolCall>> {
    app.app.flush_uses().await?;
    let mut reader = app.pool.read().await?;
    let page = PageRequest { size: 100, token: None };
    Ok(tool_call::list(&mut reader, &app.environment.id, &Filter::default(), &page).await?.items)
}

/// What of a record differs from call to call.
fn told(call: &ToolCall) -> (&str, &str, &str, Option<u16>, &str) {
    (&call.tool_name, call.source.as_str(), call.outcome.as_str(), call.status, &call.error_code)
}

#[tokio::test]
async fn t93_each_tool_that_is_run_says_who_for_whom_where_and_what_came_of_it() -> Outcome<()> {
    let world = with_alice().await?;
    let app = &world.app;
    let client = app.client().await?.actor;
    let account = app.account("test", "alice").await?;
    let note = "a note that nobody else should read";
    assert_eq!(run(app, "testprovider_send_note", json!({ "text": note })).await?, 200);
    assert_ne!(run(app, "testprovider_answer_with", json!({ "status": 404 })).await?, 200);
    assert_eq!(run(app, "testprovider_erase_notes", json!({})).await?, 403);
    let calls = everything(app).await?;
    let expected = [
        ("testprovider_erase_notes", "API", "platform_error", None, "SCOPE_MISSING"),
        ("testprovider_answer_with", "API", "provider_error", Some(404), "test_404"),
        ("testprovider_send_note", "API", "success", Some(200), ""),
    ];
    assert_eq!(calls.iter().map(told).collect::<Vec<_>>(), expected);
    let host = app.provider.base_url.trim_start_matches("http://");
    for call in &calls {
        assert_eq!(call.actor, client);
        assert_eq!(call.agent_run_id.as_deref(), Some("run-7"));
        assert_eq!(call.account_id.as_ref().map(ToString::to_string).as_deref(), account["id"].as_str());
        assert_eq!(call.connection_id.as_ref(), Some(&world.connection.id));
        assert_eq!((call.identifier.as_str(), call.connection_name.as_str()), ("alice", "test"));
        assert_eq!(call.provider, "TESTPROVIDER");
        let sent = call.error_code != "SCOPE_MISSING";
        assert_eq!(call.host, if sent { host } else { "" }, "{call:?}");
        assert!(call.duration_ms >= 0);
    }
    no_secret_and_no_payload(&world, &[note]).await
}

/// Looks for the tokens of alice and for `payloads` in everything that the log and the journal have.
async fn no_secret_and_no_payload(world: &World, payloads: &[&str]) -> Outcome<()> {
    let (access, refresh) = world.tokens("alice").await?;
    let mut kept = format!("{:?}", everything(&world.app).await?);
    for details in database::blobs(&world.app, "SELECT details FROM events").await? {
        kept.push_str(&String::from_utf8(details)?);
    }
    assert!(kept.contains("testprovider_"), "{kept}");
    for secret in [access.as_str(), refresh.as_str()].iter().chain(payloads) {
        assert!(!secret.is_empty() && !kept.contains(secret), "{secret} is in the log");
    }
    Ok(())
}

#[tokio::test]
async fn a_tool_of_an_unknown_user_is_recorded_without_an_account() -> Outcome<()> {
    let world = with_alice().await?;
    let body = json!({ "tool_name": "testprovider_get_profile", "connector": "test", "identifier": "carol" });
    assert_eq!(world.app.call(Method::POST, "/api/v1/execute_tool", Some(body)).await?.status, 404);
    let calls = everything(&world.app).await?;
    assert_eq!(calls.len(), 1);
    assert_eq!((&calls[0].account_id, told(&calls[0]).2), (&None, "platform_error"));
    assert_eq!((calls[0].identifier.as_str(), calls[0].error_code.as_str()), ("carol", "RESOURCE_NOT_FOUND"));
    Ok(())
}

#[tokio::test]
async fn t93_a_tool_whose_caller_goes_away_is_recorded_all_the_same() -> Outcome<()> {
    let world = with_alice().await?;
    let (app, operator) = (world.app.app.clone(), world.app.operator());
    let request = ExecuteTool {
        name: "testprovider_get_profile".into(),
        address: crate::fresh::world::address("alice"),
        ..ExecuteTool::default()
    };
    {
        let mut call = Box::pin(app.execute_tool(&operator, CallSource::Mcp, request));
        // The provider has the request, and nobody reads the answer any more.
        while calls(&world) == 0 {
            assert!(still_waits(&mut call, 1).await, "the tool has its answer");
        }
    }
    let calls = everything(&world.app).await?;
    let expected = ("testprovider_get_profile", "MCP", "platform_error", None, "CALLER_LEFT");
    assert_eq!(calls.iter().map(told).collect::<Vec<_>>(), [expected]);
    assert_eq!(calls[0].identifier, "alice");
    Ok(())
}

#[tokio::test]
async fn the_execution_id_of_an_answer_finds_its_call() -> Outcome<()> {
    let world = with_alice().await?;
    let body = json!({ "tool_name": "testprovider_get_profile", "connector": "test", "identifier": "alice" });
    let answer = world.app.call(Method::POST, "/api/v1/execute_tool", Some(body)).await?;
    let id = answer.json()["execution_id"].as_str().unwrap_or_default().to_owned();
    world.app.app.flush_uses().await?;
    assert_eq!(ids(&logs(&world.app, "identifier=alice&status=success").await?), std::slice::from_ref(&id));
    let found = get(&world.app, &format!("/api/v1/agentkit/tool_call_logs/{id}")).await?;
    assert_eq!(found["tool_name"], "testprovider_get_profile");
    Ok(())
}
