//! Finding accounts that nobody needs any more, and cleaning them up.

use http::Method;
use serde_json::{Value, json};
use valetkey_testkit::app::{Outcome, TestApp};

use crate::{fresh::world::World, tools};

const DAY: i64 = 86_400;

async fn post(app: &TestApp, what: &str, body: Value) -> Outcome<Value> {
    app.app.flush_uses().await?;
    let path = format!("/v1/connect/cleanup:{what}");
    let answer = app.call(Method::POST, &path, Some(body)).await?;
    if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text.into()) }
}

async fn report(app: &TestApp, policy: Value) -> Outcome<Vec<Value>> {
    let mut found = post(app, "report", json!({ "policy": policy })).await?;
    Ok(found["candidates"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// Identifier and rule of each account that is found.
fn told<'a>(found: &'a [Value]) -> Vec<(&'a str, &'a str)> {
    let pair = |one: &'a Value| Some((one["account"]["identifier"].as_str()?, one["rule"].as_str()?));
    found.iter().filter_map(pair).collect()
}

fn ids(found: &[Value]) -> Vec<Value> {
    found.iter().map(|one| one["account"]["id"].clone()).collect()
}

/// An active account that is used, one that is not, one that has expired and one that is pending.
async fn various() -> Outcome<World> {
    let world = World::new().await?;
    for user in ["alice", "unused", "bob"] {
        world.connect(user).await?;
        world.app.clock.advance(1);
    }
    world.app.link("test", "pending").await?;
    world.refuse("invalid_grant");
    let bob = crate::fresh::world::address("bob");
    drop(world.app.app.refresh_account(&world.app.operator(), &bob).await);
    world.provider.behave();
    world.app.clock.advance(40 * DAY);
    tools::run(&world.app, "testprovider_get_profile", "alice", json!({})).await?;
    Ok(world)
}

#[tokio::test]
async fn s172_a_report_says_which_accounts_nobody_needs_and_why_and_changes_nothing() -> Outcome<()> {
    let world = various().await?;
    let all = json!({ "unused_days": 30, "expired_days": 30, "pending_days": 30, "orphaned": true });
    let found = report(&world.app, all.clone()).await?;
    assert_eq!(told(&found), [("unused", "unused"), ("bob", "expired"), ("pending", "pending")]);
    assert_eq!(found[0]["since"], found[0]["account"]["last_authorized_at"]);
    assert_eq!(found[1]["since"], found[1]["account"]["status_changed_at"]);
    assert_eq!(report(&world.app, all).await?, found, "nothing has changed");
    assert_eq!(told(&report(&world.app, json!({ "expired_days": 30 })).await?), [("bob", "expired")]);
    assert_eq!(report(&world.app, json!({ "unused_days": 41 })).await?.len(), 0);
    assert_eq!(report(&world.app, json!({ "unused_days": 30, "connection_id": "test" })).await?.len(), 1);
    let refused = post(&world.app, "report", json!({ "policy": {} })).await.unwrap_err();
    assert!(refused.to_string().contains("must have a rule"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn s172_a_report_is_read_page_by_page() -> Outcome<()> {
    let world = various().await?;
    let policy = json!({ "unused_days": 30, "expired_days": 30, "pending_days": 30 });
    let whole = report(&world.app, policy.clone()).await?;
    let (mut pages, mut token) = (vec![], String::new());
    loop {
        let body = json!({ "policy": policy, "page_size": 1, "page_token": token });
        let mut page = post(&world.app, "report", body).await?;
        pages.extend(page["candidates"].as_array_mut().into_iter().flatten().map(Value::take));
        page["next_page_token"].as_str().unwrap_or_default().clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, whole);
    Ok(())
}

#[tokio::test]
async fn s172_accounts_of_a_connection_that_was_disabled_long_ago_are_orphaned() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let id = world.connection.id.to_string();
    world.app.app.enable_connection(&world.app.operator(), &id, false).await?;
    world.app.clock.advance(29 * DAY);
    assert_eq!(report(&world.app, json!({ "orphaned": true })).await?.len(), 0);
    world.app.clock.advance(DAY);
    let found = report(&world.app, json!({ "orphaned": true })).await?;
    assert_eq!(told(&found), [("alice", "orphaned")]);
    Ok(())
}

#[tokio::test]
async fn s172_each_account_is_checked_again_before_it_is_cleaned_up() -> Outcome<()> {
    let world = various().await?;
    let policy = json!({ "unused_days": 30, "expired_days": 30 });
    let found = report(&world.app, policy.clone()).await?;
    assert_eq!(told(&found), [("unused", "unused"), ("bob", "expired")]);
    tools::run(&world.app, "testprovider_get_profile", "unused", json!({})).await?;
    let mut wanted = ids(&found);
    wanted.push(world.app.account("test", "pending").await?["id"].take());
    let run = json!({ "policy": policy, "account_ids": wanted, "action": "disconnect" });
    let done = post(&world.app, "run", run.clone()).await?;
    assert_eq!((&done["kind"], &done["succeeded"]), (&json!("disconnect"), &json!(1)), "{done:#}");
    for (place, state) in [(0, "failed"), (1, "succeeded"), (2, "failed")] {
        assert_eq!(done["results"][place]["state"], state, "{done:#}");
    }
    for place in [0, 2] {
        assert_eq!(done["results"][place]["error"]["code"], "CLEANUP_NOT_NEEDED", "{done:#}");
    }
    assert_eq!(world.wire_status("unused").await?, "ACTIVE");
    assert_eq!(world.app.account("test", "bob").await?["status"], "DISCONNECTED");
    let again = post(&world.app, "run", run).await?;
    assert_eq!(again["failed"], 3, "it is disconnected already: {again:#}");
    world.app.clock.advance(30 * DAY);
    let expired = json!({ "expired_days": 30 });
    let left = report(&world.app, expired.clone()).await?;
    assert_eq!(told(&left), [("bob", "expired")]);
    let run = json!({ "policy": expired, "account_ids": ids(&left), "action": "delete" });
    assert_eq!(post(&world.app, "run", run).await?["succeeded"], 1);
    assert_eq!(world.app.account("test", "bob").await?, Value::Null);
    Ok(())
}

#[tokio::test]
async fn s172_an_account_is_checked_in_the_transaction_that_cleans_it_up() -> Outcome<()> {
    let world = various().await?;
    let policy = json!({ "expired_days": 30 });
    let bob = ids(&report(&world.app, policy.clone()).await?).remove(0);
    // Both are looked at before the first one is disconnected, which the second one has to see.
    let run = json!({ "policy": policy, "account_ids": [bob, bob], "action": "disconnect" });
    let done = post(&world.app, "run", run).await?;
    assert_eq!((&done["succeeded"], &done["failed"]), (&json!(1), &json!(1)), "{done:#}");
    assert_eq!(done["results"][1]["error"]["code"], "CLEANUP_NOT_NEEDED", "{done:#}");
    Ok(())
}

#[tokio::test]
async fn t52_nothing_of_another_environment_is_found_or_cleaned_up() -> Outcome<()> {
    let world = various().await?;
    let policy = json!({ "unused_days": 1 });
    let found = report(&world.app, policy.clone()).await?;
    let (_, token) = world.app.another_environment("other").await?;
    let ask = async |what: &str, body: Value| {
        let path = format!("/v1/connect/cleanup:{what}");
        Outcome::Ok(world.app.call_as(Some(token.expose()), Method::POST, &path, Some(body)).await?.json())
    };
    assert_eq!(ask("report", json!({ "policy": policy })).await?["candidates"], json!([]));
    let run = json!({ "policy": policy, "account_ids": ids(&found), "action": "delete" });
    let done = ask("run", run).await?;
    assert_eq!(done["results"][0]["error"]["code"], "ACCOUNT_NOT_FOUND", "{done:#}");
    assert_eq!(world.wire_status("unused").await?, "ACTIVE");
    Ok(())
}
