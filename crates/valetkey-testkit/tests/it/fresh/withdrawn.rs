//! Grants that end at the provider in ways of their own: shared, killed early, overtaken, withdrawn.

use valetkey_core::{
    Clock,
    account::{NextAction, Reason, State},
    error_code::ErrorCode,
    refresh::LEASE_SECONDS,
};
use valetkey_testkit::{
    app::{Outcome, TestAppOptions},
    provider::{Misbehaviour, Moment, Rotation, Settings},
};

use super::world::{World, access_token, address, use_credential};

const WELL: (State, Reason) = (State::Active, Reason::None);
const REFUSED: (State, Reason) = (State::Expired, Reason::RefreshFailed);
const WITHDRAWN: (State, Reason) = (State::Revoked, Reason::RevokedAtProvider);

/// The definition says by which words the provider proves that access was withdrawn.
const PROVES: &str = "auth: {oauth2: {token: {answer: {errors: [
    {pointer: /error_description, equals: The user has revoked access., meaning: revoked_at_provider},
    {pointer: /error}]}}}}";

/// Two accounts whose grant at the provider is the same, and with it their refresh token.
async fn sharing(rotation: Rotation) -> Outcome<World> {
    let world = World::new().await?;
    world.provider.configure(Settings { rotation, ..world.provider.settings() });
    world.misbehave(Misbehaviour::SharedRefreshToken);
    world.connect("at-home").await?;
    world.clock().advance(600);
    world.connect("at-work").await?;
    world.provider.behave();
    assert_eq!(world.tokens("at-home").await?.1, world.tokens("at-work").await?.1);
    Ok(world)
}

#[tokio::test]
async fn quirk_65_accounts_that_share_a_refresh_token_stay_fresh_where_it_does_not_rotate() -> Outcome<()> {
    let world = sharing(Rotation::None).await?;
    for _ in 0..6 {
        assert_eq!(world.run_next().await?.refreshed, 1);
        for user in ["at-home", "at-work"] {
            assert_eq!(world.state(user).await?, WELL);
            assert!(world.provider.accepts_access_token(&world.tokens(user).await?.0), "{user}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn quirk_65_where_a_shared_refresh_token_rotates_each_account_ends_in_a_true_state_and_neither_in_a_loop()
-> Outcome<()> {
    let world = sharing(Rotation::Strict).await?;
    assert_eq!(world.run_next().await?.refreshed, 1);
    assert_eq!((world.state("at-home").await?, world.state("at-work").await?), (WELL, WELL));
    // The spent token revokes the family of both.
    assert_eq!(world.run_next().await?.refreshed, 0);
    assert_eq!((world.state("at-home").await?, world.state("at-work").await?), (WELL, REFUSED));
    assert_eq!(world.run_next().await?.refreshed, 0);
    assert_eq!((world.state("at-home").await?, world.state("at-work").await?), (REFUSED, REFUSED));
    for _ in 0..24 {
        world.clock().advance(3600);
        assert_eq!(world.run().await?.attempts, 0);
    }
    assert_eq!(world.refreshes_sent(), 3);
    for user in ["at-home", "at-work"] {
        world.connect(user).await?;
    }
    world.clock().advance(3600);
    assert_eq!(world.run().await?.refreshed, 2, "with grants of their own");
    Ok(())
}

#[tokio::test]
async fn quirk_66_a_token_that_is_killed_before_its_time_is_renewed_by_whoever_notices() -> Outcome<()> {
    let world = World::new().await?;
    world.misbehave(Misbehaviour::ExpiresEarly { seconds: 30 }.times(1));
    world.connect("alice").await?;
    world.clock().advance(60);
    let dead = access_token(&world.use_credential("alice", 0).await?);
    assert!(!world.provider.accepts_access_token(&dead), "nobody knows of it yet");
    assert_eq!(world.state("alice").await?, WELL, "the grant is alive");
    world.app.app.refresh_account(&world.app.operator(), &address("alice")).await?;
    let usable = access_token(&world.use_credential("alice", 0).await?);
    assert!(usable != dead && world.provider.accepts_access_token(&usable));
    assert_eq!(world.state("alice").await?, WELL);
    Ok(())
}

#[tokio::test]
async fn quirk_66_a_grant_that_is_killed_with_its_token_shows_as_what_it_is_once_it_is_tried() -> Outcome<()>
{
    let world = World::new().await?;
    world.connect("alice").await?;
    assert!(world.provider.revoke_grant(&world.grant("alice")));
    assert_eq!(world.state("alice").await?, WELL);
    let refused = world.app.app.refresh_account(&world.app.operator(), &address("alice")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AccountExpired, "{refused}");
    assert_eq!(world.state("alice").await?, REFUSED);
    assert_eq!(world.tokens("alice").await?, Default::default());
    Ok(())
}

fn tolerant() -> TestAppOptions {
    let definition = "auth: {oauth2: {refresh: {repeat_tolerated: true}}}";
    TestAppOptions { connectors: vec![super::world::connector(definition)], ..TestAppOptions::default() }
}

#[tokio::test]
async fn quirk_67_a_refusal_because_another_process_has_just_rotated_ends_nothing() -> Outcome<()> {
    let world =
        World::defined_with("auth: {oauth2: {refresh: {repeat_tolerated: true}}}", tolerant()).await?;
    let other = world.another_process(tolerant()).await?;
    world.connect("alice").await?;
    world.until_due().await?;
    let mut gate = world.provider.hold_token_requests(&[Moment::BeforeIssuing]);
    let grace = Rotation::Grace { seconds: 0 };
    world.provider.configure(Settings { rotation: grace, ..world.provider.settings() });
    let refusal = Misbehaviour::TokenError { status: 400, error: "invalid_grant".into(), description: None };
    world.misbehave(refusal.times(1));
    let app = world.app.app.clone();
    let slow = tokio::spawn(async move { app.refresh_due().await });
    let held = gate.next().await;
    // It is paused for longer than it may hold the account, and another one takes over.
    world.clock().advance(LEASE_SECONDS + 1);
    world.provider.set_token_hook(None);
    assert_eq!(other.app.refresh_due().await?.refreshed, 1);
    let fresh = world.tokens("alice").await?;
    held.proceed();
    assert_eq!(slow.await??.refreshed, 0);
    assert_eq!(world.state("alice").await?, WELL);
    assert_eq!(world.history("alice").await?.len(), 1, "nothing was declared dead");
    assert_eq!(world.tokens("alice").await?, fresh);
    assert_eq!(access_token(&use_credential(&other, "alice", 0).await?), fresh.0);
    world.until_due().await?;
    assert_eq!(world.run().await?.refreshed, 1, "the slow process goes on with what the other has stored");
    Ok(())
}

#[tokio::test]
async fn quirk_67_whoever_waits_for_a_refresh_that_another_process_has_done_gets_its_token() -> Outcome<()> {
    let world = World::new().await?;
    let other = world.another_process(TestAppOptions::default()).await?;
    world.connect("alice").await?;
    world.clock().advance(3600);
    let (here, there) =
        tokio::join!(use_credential(&world.app, "alice", 0), use_credential(&other, "alice", 0));
    assert_eq!(access_token(&here?), access_token(&there?));
    assert_eq!(world.refreshes_sent(), 1);
    Ok(())
}

#[tokio::test]
async fn quirk_68_a_withdrawal_that_the_provider_proves_revokes_the_account_until_its_user_comes_back()
-> Outcome<()> {
    let world = World::defined(PROVES).await?;
    world.connect("alice").await?;
    world.misbehave(Misbehaviour::RevokedByUser);
    world.run_next().await?;
    world.provider.behave();
    for _ in 0..3 {
        assert_eq!(world.state("alice").await?, WITHDRAWN);
        assert_eq!(world.status("alice").await?.next_action, NextAction::Reauthorize);
        assert_eq!(world.wire_status("alice").await?, "DISCONNECTED");
        assert_eq!(world.use_credential("alice", 0).await.unwrap_err().code, ErrorCode::AccountRevoked);
        assert_eq!(world.tokens("alice").await?, Default::default());
        world.clock().advance(3600);
        assert_eq!(world.run().await?.attempts, 0);
    }
    assert_eq!(world.history("alice").await?[1..], [("revoked".into(), "revoked_at_provider".into())]);
    world.connect("alice").await?;
    assert_eq!(world.state("alice").await?, WELL);
    assert_eq!(world.run_next().await?.refreshed, 1);
    Ok(())
}

#[tokio::test]
async fn quirk_68_a_policy_that_ends_a_grant_without_proof_expires_the_account() -> Outcome<()> {
    for world in [World::new().await?, World::defined(PROVES).await?] {
        world.misbehave(Misbehaviour::RevokedForPolicy { after_seconds: 86_400 });
        world.connect("alice").await?;
        let connected = world.clock().now();
        while world.state("alice").await? == WELL {
            world.run_next().await?;
        }
        let passed = world.clock().now().seconds() - connected.seconds();
        assert!((86_400..86_400 + 3600).contains(&passed), "after {passed} s");
        assert_eq!(world.state("alice").await?, REFUSED);
        let detail = world.status("alice").await?.last_detail.ok_or("no detail")?;
        assert!(detail.contains("policy of the organisation"), "{detail}");
    }
    Ok(())
}

/// Suspends an account while a refresh of it is under way, and resumes it when the answer has come.
async fn suspended_during_a_refresh(world: &World) -> Outcome<()> {
    let operator = world.app.operator();
    world.connect("alice").await?;
    world.until_due().await?;
    let mut gate = world.provider.hold_token_requests(&[Moment::AfterIssuing]);
    let app = world.app.app.clone();
    let run = tokio::spawn(async move { app.refresh_due().await });
    let held = gate.next().await;
    world.app.app.suspend_account(&operator, &address("alice")).await?;
    held.proceed();
    run.await??;
    world.provider.set_token_hook(None);
    world.provider.behave();
    world.clock().advance(3600);
    assert_eq!(world.state("alice").await?, (State::Suspended, Reason::SuspendedByOperator));
    assert_eq!(world.wire_status("alice").await?, "DISCONNECTED");
    assert_eq!(world.run().await?.attempts, 0, "nothing is refreshed while it is suspended");
    let by_hand = world.app.app.refresh_account(&operator, &address("alice")).await.unwrap_err();
    assert_eq!(by_hand.code, ErrorCode::AccountSuspended);
    world.app.app.resume_account(&operator, &address("alice")).await?;
    Ok(())
}

#[tokio::test]
async fn a_refusal_that_comes_while_an_account_is_suspended_shows_when_it_is_resumed() -> Outcome<()> {
    let world = World::new().await?;
    world.provider.behave();
    let refused = Misbehaviour::RevokedByUser;
    world.misbehave(refused.clone());
    suspended_during_a_refresh(&world).await?;
    assert_eq!(world.state("alice").await?, REFUSED);
    assert_eq!(world.run().await?.attempts, 0);
    let world = World::defined(PROVES).await?;
    world.misbehave(refused);
    suspended_during_a_refresh(&world).await?;
    assert_eq!(world.state("alice").await?, WITHDRAWN);
    Ok(())
}

#[tokio::test]
async fn tokens_that_come_while_an_account_is_suspended_are_kept_and_renewed_when_it_is_resumed()
-> Outcome<()> {
    let world = World::new().await?;
    suspended_during_a_refresh(&world).await?;
    assert_eq!(world.state("alice").await?, WELL);
    assert_eq!(world.status("alice").await?.generation, 2);
    assert_eq!(world.run().await?.refreshed, 1, "what has run out meanwhile is refreshed at once");
    assert!(world.provider.accepts_access_token(&world.tokens("alice").await?.0));
    assert_eq!(world.provider.counters().reuses_detected, 0);
    Ok(())
}
