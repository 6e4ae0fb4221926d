//! How long a provider that fails is left alone, and how much it is asked at a time.

use std::collections::BTreeSet;

use valetkey_core::{
    Clock,
    account::{Reason, State},
    error_code::ErrorCode,
};
use valetkey_testkit::{
    app::{Outcome, TestAppOptions},
    provider::{Misbehaviour, Settings},
};

use super::world::{World, address};

/// The provider fails in one way; returns after how many seconds it is asked again, each time.
async fn pauses(wrong: Misbehaviour, count: usize) -> Outcome<Vec<i64>> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.misbehave(wrong);
    world.run_next().await?;
    let (mut pauses, mut asked_at) = (vec![], world.clock().now());
    while pauses.len() < count {
        let sent = world.refreshes_sent();
        world.run_next().await?;
        let now = world.clock().now();
        if world.refreshes_sent() > sent {
            pauses.push(now.seconds() - asked_at.seconds());
            asked_at = now;
        }
    }
    Ok(pauses)
}

#[tokio::test]
async fn t34_the_wait_that_a_provider_asks_for_is_kept_in_seconds_and_as_a_date() -> Outcome<()> {
    for wrong in [
        Misbehaviour::TokenRateLimited { retry_after: 120 },
        Misbehaviour::TokenRateLimitedUntil { seconds: 120 },
    ] {
        for pause in pauses(wrong.clone(), 5).await? {
            assert!((120..=133).contains(&pause), "{wrong:?}: {pause} s");
        }
    }
    Ok(())
}

#[tokio::test]
async fn t34_whoever_wants_a_credential_waits_as_long_as_the_provider_asks() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.misbehave(Misbehaviour::TokenRateLimited { retry_after: 1800 });
    world.clock().advance(3600);
    assert_eq!(world.use_credential("alice", 0).await.unwrap_err().code, ErrorCode::Unavailable);
    assert_eq!(world.refreshes_sent(), 1);
    for _ in 0..18 {
        world.clock().advance(99);
        let refused = world.use_credential("alice", 0).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable);
        assert!(refused.message.contains("left alone until"), "{refused}");
        world.run().await?;
    }
    assert_eq!(world.refreshes_sent(), 1, "nobody asks before that");
    world.provider.behave();
    world.until_due().await?;
    assert!(world.use_credential("alice", 0).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn t34_pauses_double_with_chance_up_to_a_ceiling() -> Outcome<()> {
    let pauses = pauses(Misbehaviour::TokenServerError { status: 500 }, 14).await?;
    for (number, pause) in pauses.iter().enumerate() {
        let whole = (4_i64 << number.min(10)).min(900);
        assert!((whole / 2..=whole + 1).contains(pause), "pause {number} of {pauses:?}");
    }
    let steady: BTreeSet<_> = pauses[9..].iter().collect();
    assert!(steady.len() > 1, "chance spreads them: {pauses:?}");
    Ok(())
}

#[tokio::test]
async fn t34_a_host_that_fails_is_left_alone_for_a_minute_at_the_most_and_by_all_its_accounts() -> Outcome<()>
{
    let world = World::new().await?;
    world.connect("alice").await?;
    world.connect("bob").await?;
    world.clock().advance(3600);
    world.misbehave(Misbehaviour::TokenRateLimited { retry_after: 3000 }.for_grant(&world.grant("alice")));
    assert_eq!(world.use_credential("alice", 0).await.unwrap_err().code, ErrorCode::Unavailable);
    assert_eq!(world.refreshes_sent(), 1);
    let refused = world.use_credential("bob", 0).await.unwrap_err();
    assert_eq!(
        (refused.code, world.refreshes_sent()),
        (ErrorCode::Unavailable, 1),
        "the host has just failed"
    );
    assert_eq!(world.run().await?.attempts, 0);
    world.clock().advance(61);
    let run = world.run().await?;
    assert_eq!(
        (run.attempts, run.refreshed),
        (1, 1),
        "one does not wait for as long as the other was asked to"
    );
    assert!(world.use_credential("bob", 0).await.is_ok());
    assert_eq!(world.use_credential("alice", 0).await.unwrap_err().code, ErrorCode::Unavailable);
    assert_eq!(world.refreshes_sent(), 2);
    Ok(())
}

#[tokio::test]
async fn t34_a_refresh_by_hand_says_that_the_provider_limits_requests() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.misbehave(Misbehaviour::TokenRateLimited { retry_after: 120 });
    let operator = world.app.operator();
    let refused = world.app.app.refresh_account(&operator, &address("alice")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RateLimited, "{refused}");
    assert_eq!(world.state("alice").await?.0, State::Active);
    assert!(world.use_credential("alice", 0).await.is_ok(), "the old token works");
    Ok(())
}

fn three_per_host() -> TestAppOptions {
    TestAppOptions {
        settings: Some(|settings| {
            settings.refresher.per_host = 3;
            settings.access_token_lifetime = 86_400;
        }),
        ..TestAppOptions::default()
    }
}

#[tokio::test]
async fn t34_no_more_requests_than_the_cap_are_under_way_at_one_host_over_all_processes() -> Outcome<()> {
    let world = World::with(three_per_host()).await?;
    let other = world.another_process(three_per_host()).await?;
    for number in 0..24 {
        world.connect(&format!("user-{number}")).await?;
    }
    world.provider.configure(Settings { latency_milliseconds: 10, ..world.provider.settings() });
    world.clock().advance(3600);
    let (here, there) = tokio::join!(world.app.app.refresh_due(), other.app.refresh_due());
    assert_eq!(here?.refreshed + there?.refreshed, 24);
    assert_eq!(world.provider.counters().most_at_once, 3);
    for number in 0..24 {
        assert_eq!(world.state(&format!("user-{number}")).await?, (State::Active, Reason::None));
    }
    Ok(())
}
