//! Following the journal.

use serde_json::{Value, json};
use valetkey_core::{Clock, id::EventId, journal::EventKind};
use valetkey_store::event::{self, Event};
use valetkey_testkit::app::{Outcome, SeededEntropy, TestApp};

use super::{SETTLING, follow, get, renew};
use crate::fresh::world::World;

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["kind"].as_str()).collect()
}

/// Writes an event that was noted down `seconds` ago.
async fn commit_late(app: &TestApp, seconds: i64) -> Outcome<String> {
    let at = app.clock.now().plus_seconds(-seconds);
    let late = Event {
        id: EventId::new(at, &SeededEntropy::new(99)),
        environment_id: app.environment.id.clone(),
        account_id: None,
        connection_id: None,
        kind: EventKind::ConnectionUpdated,
        actor: "another process".into(),
        details: "{}".into(),
        created_at: at,
    };
    let mut tx = app.pool.begin().await?;
    event::append(&mut tx, &late).await?;
    tx.commit().await?;
    Ok(late.id.to_string())
}

#[tokio::test]
async fn s173_what_happens_in_one_transaction_is_listed_in_its_order() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.app.clock.advance(SETTLING);
    let account = world.app.account("test", "alice").await?["id"].take();
    let about = format!("account_id={}", account.as_str().ok_or("no account")?);
    let (events, _) = follow(&world.app, &about, 2, String::new()).await?;
    let told = kinds(&events);
    let at = |kind| told.iter().position(|told| *told == kind);
    assert!(at("account.created") < at("link.created"), "{told:?}");
    assert!(at("credential.stored") < at("account.state_changed"), "{told:?}");
    assert!(at("account.state_changed") < at("flow.ended"), "{told:?}");
    let changed = events.iter().find(|event| event["kind"] == "account.state_changed").unwrap();
    assert_eq!(changed["details"]["to"], "active");
    assert_eq!((&changed["account_id"], &changed["actor"]), (&account, &json!("user")));
    Ok(())
}

#[tokio::test]
async fn one_who_follows_misses_nothing_that_another_process_commits_a_moment_later() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let (seen, token) = follow(&world.app, "", 100, String::new()).await?;
    assert_eq!(kinds(&seen), Vec::<&str>::new(), "it is too fresh");
    world.app.clock.advance(3);
    world.connect("bob").await?;
    let (seen, token) = follow(&world.app, "", 100, token).await?;
    assert_eq!(kinds(&seen), Vec::<&str>::new());
    world.app.clock.advance(3);
    let (first, token) = follow(&world.app, "", 100, token).await?;
    assert!(kinds(&first).contains(&"credential.stored"));
    let late = commit_late(&world.app, 4).await?;
    let (nothing, token) = follow(&world.app, "", 100, token).await?;
    assert_eq!(kinds(&nothing), Vec::<&str>::new(), "that of bob is too fresh");
    world.app.clock.advance(SETTLING);
    let (second, _) = follow(&world.app, "", 100, token).await?;
    assert_eq!(second[0]["id"], late, "{:?}", kinds(&second));
    assert!(kinds(&second).contains(&"credential.stored"));
    Ok(())
}

#[tokio::test]
async fn events_are_chosen_by_kind_connection_and_time() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.app.clock.advance(60);
    let since = world.app.clock.now();
    world.connect("bob").await?;
    world.app.clock.advance(SETTLING);
    let ask = async |filter: &str| Outcome::Ok(follow(&world.app, filter, 100, String::new()).await?.0);
    let stored = ask("kind=credential.stored").await?;
    assert_eq!(kinds(&stored), ["credential.stored"; 2]);
    let some = ask(&format!("kind=credential.stored&kind=account.created&since={since}")).await?;
    assert_eq!(kinds(&some), ["account.created", "credential.stored"]);
    assert_eq!(ask("kind=account.created&connection_id=test").await?.len(), 2, "by name");
    let by_id = format!("kind=account.created&connection_id={}", world.connection.id);
    assert_eq!(ask(&by_id).await?.len(), 2);
    for (query, field) in [
        ("kind=account.vanished", "kind"),
        ("account_id=conn_1", "account_id"),
        ("page_token=x", "page_token"),
        ("page_size=1001", "page_size"),
    ] {
        let answer = get(&world.app, &format!("events?{query}")).await?;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        assert!(answer.text.contains(field), "{query}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn t68_no_event_holds_a_secret() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let before = world.tokens("alice").await?;
    world.refuse("temporarily_unavailable");
    world.run_next().await?;
    world.provider.behave();
    renew(&world).await?;
    let after = world.tokens("alice").await?;
    assert_ne!(before, after);
    world.set_secret("a-secret-of-the-client").await?;
    world.delete("alice").await?;
    world.app.clock.advance(SETTLING);
    world.app.app.flush_uses().await?;
    let (events, _) = follow(&world.app, "", 1000, String::new()).await?;
    let text = json!(events).to_string();
    for kind in ["token.refreshed", "token.refresh_failed", "credential.read", "account.deleted"] {
        assert!(text.contains(kind), "{kind}");
    }
    for secret in [&before.0, &before.1, &after.0, &after.1, "a-secret-of-the-client"] {
        assert!(!secret.is_empty() && !text.contains(secret), "{secret}");
    }
    Ok(())
}
