//! What a provider refuses.

use serde_json::json;
use valetkey_core::settings::AccountSettings;
use valetkey_testkit::{app::Outcome, provider::Misbehaviour};

use super::{calls, run, with_alice};
use crate::fresh::world::address;

#[tokio::test]
async fn a_failure_has_the_status_the_code_the_message_and_the_execution() -> Outcome<()> {
    let world = with_alice().await?;
    for (status, told) in
        [(400, 400), (403, 403), (404, 404), (409, 409), (422, 400), (429, 429), (500, 500), (503, 500)]
    {
        let answer =
            run(&world.app, "testprovider_answer_with", "alice", json!({ "status": status })).await?;
        assert_eq!(answer.status, told, "{status} {}", answer.text);
        for part in ["TOOL_ERROR", &format!("test_{status}"), "was asked for", "exec_"] {
            assert!(answer.text.contains(part), "{part}: {}", answer.text);
        }
    }
    Ok(())
}

#[tokio::test]
async fn s130_what_only_reads_is_repeated_as_often_as_the_account_says() -> Outcome<()> {
    let world = with_alice().await?;
    let before = calls(&world);
    run(&world.app, "testprovider_answer_with", "alice", json!({ "status": 503 })).await?;
    assert_eq!(calls(&world) - before, 1, "not unless it is told to");
    let settings = AccountSettings { retry_attempts: Some(2), ..AccountSettings::default() };
    world.app.app.set_account_settings(&world.app.operator(), &address("alice"), settings).await?;
    let before = calls(&world);
    run(&world.app, "testprovider_answer_with", "alice", json!({ "status": 503 })).await?;
    assert_eq!(calls(&world) - before, 3);
    let before = calls(&world);
    run(&world.app, "testprovider_answer_with", "alice", json!({ "status": 500 })).await?;
    assert_eq!(calls(&world) - before, 1, "what another try does not mend is not repeated");
    Ok(())
}

#[tokio::test]
async fn quirk_82_an_error_with_status_200_is_an_error() -> Outcome<()> {
    let world = with_alice().await?;
    world.misbehave(Misbehaviour::ApiErrorIn200);
    let answer = run(&world.app, "testprovider_get_profile", "alice", json!({})).await?;
    assert_eq!(answer.status, 429, "{}", answer.text);
    assert!(answer.text.contains("TOOL_ERROR") && answer.text.contains("ratelimited"), "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn an_answer_without_a_body_still_tells_something() -> Outcome<()> {
    let world = with_alice().await?;
    let answer = run(&world.app, "testprovider_answer_with", "alice", json!({ "status": 204 })).await?;
    assert_eq!(answer.json()["data"]["status"], 204, "{}", answer.text);
    Ok(())
}
