//! The provider does not accept our client: the connection is at fault, and not its accounts.

use valetkey_core::{
    Clock,
    account::{NextAction, Reason, State},
    error_code::ErrorCode,
};
use valetkey_testkit::{
    app::Outcome,
    provider::{Misbehaviour, TEST_CLIENT_ID, TEST_CLIENT_SECRET},
};

use super::world::World;

const FAULT: (State, Reason) = (State::Error, Reason::ConnectionMisconfigured);
const WELL: (State, Reason) = (State::Active, Reason::None);

/// The provider gives the client another secret, which the connection does not know.
fn change_secret(world: &World) {
    world.provider.register_client(TEST_CLIENT_ID, Some("another-secret"), &[]);
}

/// The faults of the connection that are in the journal.
async fn told_faults(world: &World) -> Outcome<Vec<String>> {
    world
        .texts("SELECT details FROM events WHERE kind = 'connection.fault_changed' ORDER BY created_at")
        .await
}

/// What is stored of accounts, credentials included.
async fn stored(world: &World) -> Outcome<Vec<String>> {
    let rows = "SELECT id || ' ' || state || ' ' || reason || ' ' || CAST(version AS TEXT) FROM accounts ORDER BY id";
    let mut stored = world.texts(rows).await?;
    stored.extend(world.texts("SELECT sealed FROM credentials ORDER BY account_id").await?);
    Ok(stored)
}

#[tokio::test]
async fn t33_a_refused_client_is_the_fault_of_the_connection_whose_accounts_stay_and_recover_by_themselves()
-> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.clock().advance(1800);
    world.connect("bob").await?;
    change_secret(&world);
    let before = stored(&world).await?;
    let run = world.run_next().await?;
    assert_eq!((run.attempts, run.refreshed), (1, 0));
    let connection =
        world.app.app.connection(&world.app.operator(), &world.connection.id.to_string()).await?;
    assert!(connection.fault.is_some_and(|fault| fault.contains("invalid_client")));
    assert_eq!((world.state("alice").await?, world.state("bob").await?), (WELL, WELL), "their tokens work");
    world.clock().advance(1000);
    assert_eq!((world.state("alice").await?, world.state("bob").await?), (FAULT, WELL));
    assert_eq!(world.status("alice").await?.next_action, NextAction::FixConnection);
    assert_eq!(
        (world.wire_status("alice").await?, world.wire_status("bob").await?),
        ("EXPIRED".into(), "ACTIVE".into())
    );
    let refused = world.use_credential("alice", 0).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AccountError);
    assert!(refused.message.contains("correct the connection"), "{refused}");
    assert!(world.use_credential("bob", 0).await.is_ok());
    world.app.app.flush_uses().await?;
    assert_eq!(stored(&world).await?, before, "nothing of an account has changed");
    assert_eq!(told_faults(&world).await?.len(), 1);

    world.set_secret("another-secret").await?;
    assert_eq!((world.state("alice").await?, world.state("bob").await?), (WELL, WELL));
    assert_eq!(world.run().await?.refreshed, 1, "what was waiting is refreshed at once");
    assert!(world.provider.accepts_access_token(&world.tokens("alice").await?.0));
    let faults = told_faults(&world).await?;
    assert_eq!((faults.len(), faults[1].as_str()), (2, r#"{"fault":null}"#));
    for user in ["alice", "bob"] {
        assert_eq!(world.history(user).await?.len(), 1, "no state has changed");
    }
    Ok(())
}

#[tokio::test]
async fn t33_a_connection_at_fault_is_probed_by_one_account_at_a_time_with_pauses_up_to_an_hour()
-> Outcome<()> {
    let world = World::new().await?;
    for number in 0..6 {
        world.connect(&format!("user-{number}")).await?;
    }
    change_secret(&world);
    world.clock().advance(2 * 3600);
    world.run().await?;
    let mut pauses = vec![];
    for _ in 0..9 {
        let (sent, from) = (world.refreshes_sent(), world.clock().now());
        world.run_next().await?;
        pauses.push(world.clock().now().seconds() - from.seconds());
        assert_eq!(world.refreshes_sent() - sent, 1, "one probe after {pauses:?} s");
        for number in 0..6 {
            let _ = world.use_credential(&format!("user-{number}"), 0).await.unwrap_err();
        }
        assert_eq!(world.refreshes_sent() - sent, 1, "and none by those who want to use a credential");
    }
    assert_eq!(pauses, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    assert_eq!(told_faults(&world).await?.len(), 1);

    world.provider.register_client(TEST_CLIENT_ID, Some(TEST_CLIENT_SECRET), &[]);
    let sent = world.refreshes_sent();
    world.run_next().await?;
    assert_eq!(world.refreshes_sent() - sent, 6, "the probe that succeeds frees the others");
    for number in 0..6 {
        assert_eq!(world.state(&format!("user-{number}")).await?, WELL);
    }
    assert_eq!(told_faults(&world).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn t33_every_sign_of_a_refused_client_is_one() -> Outcome<()> {
    let refusal =
        |error: &str| Misbehaviour::TokenError { status: 400, error: error.into(), description: None };
    for wrong in [
        Misbehaviour::InvalidClient,
        Misbehaviour::UnauthorizedClient,
        refusal("unsupported_grant_type"),
        refusal("invalid_request"),
    ] {
        let world = World::new().await?;
        world.connect("alice").await?;
        world.misbehave(wrong.clone());
        world.run_next().await?;
        assert_eq!(world.state("alice").await?, WELL, "{wrong:?}");
        assert!(world.status("alice").await?.connection_fault.is_some(), "{wrong:?}");
        world.clock().advance(3600);
        assert_eq!(world.state("alice").await?, FAULT, "{wrong:?}");
        world.provider.behave();
        world.run_next().await?;
        assert_eq!(world.state("alice").await?, WELL, "{wrong:?}");
        assert!(world.status("alice").await?.connection_fault.is_none(), "{wrong:?}");
    }
    Ok(())
}
