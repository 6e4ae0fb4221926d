//! Reading a credential that is to work for some time yet.

use valetkey_core::{error_code::ErrorCode, settings::AccountSettings};
use valetkey_testkit::{
    app::Outcome,
    provider::{Misbehaviour, Moment},
};

use crate::fresh::world::{World, access_token, address};

#[tokio::test]
async fn t38_a_token_that_works_long_enough_is_given_out_as_it_is_and_any_other_is_renewed_first()
-> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let first = access_token(&world.use_credential("alice", 3600).await?);
    world.clock().advance(600);
    for enough in [0, 1, 3000] {
        assert_eq!(access_token(&world.use_credential("alice", enough).await?), first);
    }
    assert_eq!(world.refreshes_sent(), 0);
    let second = access_token(&world.use_credential("alice", 3001).await?);
    assert!(second != first && world.provider.accepts_access_token(&second));
    assert_eq!(world.refreshes_sent(), 1);
    world.clock().advance(3599);
    assert_eq!(access_token(&world.use_credential("alice", 1).await?), second, "to the last second");
    world.clock().advance(1);
    assert_ne!(access_token(&world.use_credential("alice", 0).await?), second, "and not after it");
    Ok(())
}

#[tokio::test]
async fn t38_where_no_token_can_work_as_long_the_answer_says_so() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let refused = world.use_credential("alice", 3601).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AccountNotActive);
    assert!(refused.message.contains("3600 s, less than the 3601 s"), "{refused}");
    assert_eq!(world.use_credential("alice", i64::MAX).await.unwrap_err().code, ErrorCode::AccountNotActive);
    world.clock().advance(3000);
    assert_eq!(world.use_credential("alice", 3601).await.unwrap_err().code, ErrorCode::AccountNotActive);
    assert_eq!(world.refreshes_sent(), 0, "a refresh would not help, so none is sent");
    assert!(world.use_credential("alice", 3600).await.is_ok());

    let settings = AccountSettings { auto_refresh: Some(false), ..AccountSettings::default() };
    world.app.app.set_account_settings(&world.app.operator(), &address("alice"), settings).await?;
    world.clock().advance(3000);
    let sent = world.refreshes_sent();
    let refused = world.use_credential("alice", 601).await.unwrap_err();
    assert!(refused.message.contains("600 s more, less than the 601 s"), "{refused}");
    assert!(world.use_credential("alice", 600).await.is_ok());
    assert_eq!(world.refreshes_sent(), sent);
    Ok(())
}

#[tokio::test]
async fn t38_where_the_provider_fails_the_answer_says_how_long_the_old_token_works() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.misbehave(Misbehaviour::TokenServerError { status: 503 });
    world.clock().advance(3000);
    for _ in 0..2 {
        let refused = world.use_credential("alice", 900).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable);
        assert!(refused.message.contains("600 s more, less than the 900 s"), "{refused}");
        assert!(!refused.message.contains("has run out"), "{refused}");
        assert!(world.use_credential("alice", 600).await.is_ok(), "who needs less gets it");
    }
    world.clock().advance(600);
    let refused = world.use_credential("alice", 0).await.unwrap_err();
    assert!(refused.message.contains("has run out"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn t38_while_a_token_works_nobody_waits_for_its_refresh() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.until_due().await?;
    let old = world.tokens("alice").await?;
    let mut gate = world.provider.hold_token_requests(&[Moment::BeforeIssuing]);
    let app = world.app.app.clone();
    let run = tokio::spawn(async move { app.refresh_due().await });
    let held = gate.next().await;
    for _ in 0..10 {
        assert_eq!(access_token(&world.use_credential("alice", 60).await?), old.0);
        assert_eq!(world.tokens("alice").await?, old);
        world.clock().advance(1);
    }
    held.proceed();
    assert_eq!(run.await??.refreshed, 1);
    let new = world.tokens("alice").await?;
    assert!(new != old, "what came is given out at once");
    assert_eq!(access_token(&world.use_credential("alice", 60).await?), new.0);
    Ok(())
}
