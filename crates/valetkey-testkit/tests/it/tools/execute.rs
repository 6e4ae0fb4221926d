//! Running tools.

use serde_json::{Value, json};
use valetkey_core::settings::AccountSettings;
use valetkey_testkit::{app::Outcome, provider::Misbehaviour};

use super::{calls, execute, run, with_alice};
use crate::fresh::world::address;

#[tokio::test]
async fn a_tool_makes_its_request_with_the_credential_and_shows_none() -> Outcome<()> {
    let world = with_alice().await?;
    let params = json!({ "text": "Hi", "priority": 1.0, "labels": ["a", "b c"], "folder": "inbox" });
    let answer = run(&world.app, "testprovider_send_note", "alice", params).await?;
    let (execution, data) = (&answer.json()["execution_id"], &answer.json()["data"]);
    assert!(execution.as_str().unwrap_or_default().starts_with("exec_"), "{}", answer.text);
    assert_eq!((&data["subject"], &data["method"]), (&json!("alice"), &json!("POST")));
    assert_eq!(data["query"], "folder=inbox&label=a&label=b%20c");
    let body: Value = serde_json::from_str(data["body"].as_str().unwrap_or_default())?;
    assert_eq!(body, json!({ "note": { "text": "Hi", "priority": 1 } }));
    let token = world.tokens("alice").await?.0;
    assert!(!answer.text.contains(&token));
    Ok(())
}

#[tokio::test]
async fn the_account_is_named_by_id_by_connection_or_by_the_user_alone() -> Outcome<()> {
    let world = with_alice().await?;
    let id = world.app.account("test", "alice").await?["id"].clone();
    for named in [
        json!({ "connected_account_id": id }),
        json!({ "connector": "TEST", "identifier": "alice" }),
        json!({ "identifier": "alice" }),
    ] {
        let mut body = json!({ "tool_name": "testprovider_get_profile" });
        body.as_object_mut().unwrap().extend(named.as_object().cloned().unwrap());
        let answer = execute(&world.app, body).await?;
        assert_eq!(answer.json()["data"]["subject"], "alice", "{named} {}", answer.text);
    }
    let nobody = execute(&world.app, json!({ "tool_name": "testprovider_get_profile" })).await?;
    assert_eq!(nobody.status, 400);
    let unknown = json!({ "tool_name": "testprovider_get_profile", "identifier": "carol" });
    assert_eq!(execute(&world.app, unknown).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn an_account_of_another_provider_is_refused_before_anything_is_sent() -> Outcome<()> {
    let world = with_alice().await?;
    world.app.connection_in(&world.app.operator(), "keys", "TESTKEY").await?;
    let before = calls(&world);
    let answer = run(&world.app, "gmail_search_messages", "alice", json!({})).await?;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.contains("GMAIL") && answer.text.contains("TESTPROVIDER"), "{}", answer.text);
    assert_eq!(calls(&world), before);
    Ok(())
}

#[tokio::test]
async fn input_is_checked_against_the_schema_field_by_field() -> Outcome<()> {
    let world = with_alice().await?;
    let params = json!({ "priority": 9, "folder": "attic", "colour": "red" });
    let answer = run(&world.app, "testprovider_send_note", "alice", params).await?;
    assert_eq!(answer.status, 400);
    for part in ["params.priority", "params.folder", "\\\"text\\\" is a required property", "colour"] {
        assert!(answer.text.contains(part), "{part}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn s155_a_scope_that_was_not_granted_is_told_before_the_call() -> Outcome<()> {
    let world = with_alice().await?;
    let before = calls(&world);
    let answer = run(&world.app, "testprovider_erase_notes", "alice", json!({})).await?;
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert!(answer.text.contains("SCOPE_MISSING") && answer.text.contains("write"), "{}", answer.text);
    assert_eq!(calls(&world), before);
    Ok(())
}

#[tokio::test]
async fn an_unknown_tool_is_not_found_and_the_nearest_one_is_named() -> Outcome<()> {
    let world = with_alice().await?;
    let answer = run(&world.app, "testprovider_get_profiles", "alice", json!({})).await?;
    assert_eq!(answer.status, 404);
    assert!(answer.text.contains("tool not found") && answer.text.contains("testprovider_get_profile"));
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_not_active_is_told_with_its_reason_and_what_to_do() -> Outcome<()> {
    let world = with_alice().await?;
    world.disconnect("alice").await?;
    let answer = run(&world.app, "testprovider_get_profile", "alice", json!({})).await?;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.contains("ACCOUNT_NOT_ACTIVE") && answer.text.contains("authorize again"));
    Ok(())
}

#[tokio::test]
async fn s101_a_token_that_has_run_out_is_refreshed_on_the_way() -> Outcome<()> {
    let world = with_alice().await?;
    world.clock().advance(7200);
    let answer = run(&world.app, "testprovider_get_profile", "alice", json!({})).await?;
    assert_eq!(answer.json()["data"]["subject"], "alice", "{}", answer.text);
    assert_eq!(world.refreshes_sent(), 1);
    Ok(())
}

#[tokio::test]
async fn t37_a_refused_token_is_refreshed_and_the_call_replayed_once() -> Outcome<()> {
    let world = with_alice().await?;
    world.misbehave(Misbehaviour::ApiUnauthorizedUntilRefreshed);
    let answer = run(&world.app, "testprovider_get_profile", "alice", json!({})).await?;
    assert_eq!(answer.json()["data"]["subject"], "alice", "{}", answer.text);
    assert_eq!(world.refreshes_sent(), 1);
    Ok(())
}

#[tokio::test]
async fn t37_a_second_refusal_surfaces() -> Outcome<()> {
    let world = with_alice().await?;
    world.misbehave(Misbehaviour::ApiUnauthorized);
    let before = calls(&world);
    let answer = run(&world.app, "testprovider_get_profile", "alice", json!({})).await?;
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert!(answer.text.contains("TOOL_ERROR"), "{}", answer.text);
    assert_eq!(world.refreshes_sent(), 1);
    assert_eq!(calls(&world) - before, 2);
    Ok(())
}

#[tokio::test]
async fn t37_a_caller_in_a_loop_does_not_have_the_token_renewed_each_time() -> Outcome<()> {
    let world = with_alice().await?;
    world.misbehave(Misbehaviour::ApiUnauthorized);
    for _ in 0..3 {
        assert_eq!(run(&world.app, "testprovider_get_profile", "alice", json!({})).await?.status, 401);
    }
    assert_eq!(world.refreshes_sent(), 1);
    Ok(())
}

#[tokio::test]
async fn t77_a_token_that_the_provider_repeats_is_overwritten_in_the_answer() -> Outcome<()> {
    let world = with_alice().await?;
    let token = world.tokens("alice").await?.0;
    let answer = run(&world.app, "testprovider_send_note", "alice", json!({ "text": token })).await?;
    let body = answer.json()["data"]["body"].to_string();
    assert!(body.contains(&"*".repeat(token.len())) && !answer.text.contains(&token), "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn t93_a_refused_input_is_not_repeated_in_the_log() -> Outcome<()> {
    let world = with_alice().await?;
    let params = json!({ "text": ["a private matter"] });
    assert_eq!(run(&world.app, "testprovider_send_note", "alice", params).await?.status, 400);
    world.app.app.flush_uses().await?;
    let logged = world.texts("SELECT error_message FROM tool_calls").await?;
    assert!(logged.iter().any(|message| message.contains("params")), "{logged:?}");
    assert!(logged.iter().all(|message| !message.contains("private")), "{logged:?}");
    Ok(())
}

#[tokio::test]
async fn a_name_without_end_is_refused_without_a_search() -> Outcome<()> {
    let world = with_alice().await?;
    let answer = run(&world.app, &"x".repeat(100_000), "alice", json!({})).await?;
    assert_eq!(answer.status, 404);
    assert!(answer.text.len() < 1_000, "the name is not repeated");
    Ok(())
}

#[tokio::test]
async fn s128_an_account_is_held_to_its_rate_limit() -> Outcome<()> {
    let world = with_alice().await?;
    let settings = AccountSettings { rate_limit: Some(3), ..AccountSettings::default() };
    world.app.app.set_account_settings(&world.app.operator(), &address("alice"), settings).await?;
    for _ in 0..3 {
        assert_eq!(run(&world.app, "testprovider_get_profile", "alice", json!({})).await?.status, 200);
    }
    let answer = run(&world.app, "testprovider_get_profile", "alice", json!({})).await?;
    assert_eq!(answer.status, 429, "{}", answer.text);
    assert!(answer.text.contains("RATE_LIMITED") && answer.text.contains("20 s"), "{}", answer.text);
    world.clock().advance(20);
    assert_eq!(run(&world.app, "testprovider_get_profile", "alice", json!({})).await?.status, 200);
    Ok(())
}
