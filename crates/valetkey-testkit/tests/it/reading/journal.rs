//! The record of uses while the database cannot take it.

use std::sync::Arc;

use tokio::task::JoinSet;
use valetkey_core::error_code::ErrorCode;
use valetkey_testkit::app::{Outcome, TestAppOptions};

use crate::{
    database,
    fresh::world::{World, address, tokens, use_credential},
};

const USES: &str = "SELECT id FROM events WHERE kind IN ('credential.read', 'credential.used')";

/// The database takes no event any more.
async fn refuse_events(world: &World) -> Outcome<()> {
    database::run(&world.app, "ALTER TABLE events RENAME TO events_elsewhere").await
}

async fn take_events(world: &World) -> Outcome<()> {
    database::run(&world.app, "ALTER TABLE events_elsewhere RENAME TO events").await
}

fn strict() -> TestAppOptions {
    TestAppOptions {
        settings: Some(|settings| {
            settings.strict_journal = true;
            settings.access_token_lifetime = 86_400;
        }),
        ..TestAppOptions::default()
    }
}

#[tokio::test]
async fn a_strict_journal_has_the_record_before_the_credential_is_used() -> Outcome<()> {
    let world = World::with(strict()).await?;
    world.connect("alice").await?;
    for number in 1..20 {
        if number % 2 == 0 {
            world.use_credential("alice", 0).await?;
        } else {
            assert!(!world.tokens("alice").await?.0.is_empty());
        }
        assert_eq!(world.texts(USES).await?.len(), number);
    }
    Ok(())
}

#[tokio::test]
async fn many_uses_at_a_time_share_the_writing_of_a_strict_journal() -> Outcome<()> {
    let world = World::with(strict()).await?;
    world.connect("alice").await?;
    let app = Arc::new(world.app);
    let mut uses = JoinSet::new();
    for _ in 0..200 {
        let app = app.clone();
        uses.spawn(async move { use_credential(&app, "alice", 0).await.is_ok() });
    }
    assert!(uses.join_all().await.into_iter().all(|used| used));
    assert_eq!(crate::database::blobs(&app, USES).await?.len(), 200);
    Ok(())
}

#[tokio::test]
async fn a_strict_journal_that_cannot_be_written_lets_nobody_use_a_credential() -> Outcome<()> {
    let world = World::with(strict()).await?;
    world.connect("alice").await?;
    refuse_events(&world).await?;
    for _ in 0..3 {
        let refused = world.use_credential("alice", 0).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable);
        assert!(refused.message.contains("not used"), "{refused}");
        assert_eq!(tokens(&world.app, "alice").await?, Default::default());
    }
    let plain = world.app.app.account(&world.app.operator(), &address("alice")).await?;
    assert!(plain.credential.is_none(), "the account itself can be read");
    take_events(&world).await?;
    assert_eq!(world.texts(USES).await?.len(), 0);
    assert!(world.use_credential("alice", 0).await.is_ok());
    assert_eq!(world.texts(USES).await?.len(), 1, "what was not used is not recorded as used");
    Ok(())
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_for_a_while_has_every_use_afterwards() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    refuse_events(&world).await?;
    for _ in 0..50 {
        world.use_credential("alice", 0).await?;
    }
    assert!(world.app.app.flush_uses().await.is_err());
    take_events(&world).await?;
    world.use_credential("alice", 0).await?;
    world.app.app.flush_uses().await?;
    assert_eq!(world.texts(USES).await?.len(), 51);
    Ok(())
}
