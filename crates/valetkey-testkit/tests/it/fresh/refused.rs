//! The provider does not renew: what ends an authorization, and what does not.

use std::{io, sync::Arc, time::Duration};

use valetkey_app::connection::{ConnectionConfig, ConnectionSecrets, UpdateConnection};
use valetkey_core::{
    Clock,
    account::{NextAction, Reason, State},
    error_code::ErrorCode,
    refresh::OutcomeClass,
};
use valetkey_provider::egress::{Addresses, Resolve};
use valetkey_testkit::{
    app::{Outcome, TestAppOptions},
    provider::{Misbehaviour, Rotation, Settings, TEST_CLIENT_SECRET},
};

use super::world::{World, address};

const DAY: i64 = 86_400;

#[tokio::test]
async fn t32_a_refused_grant_expires_the_account_once_with_one_event_and_is_never_presented_again()
-> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.refuse("invalid_grant");
    let run = world.run_next().await?;
    assert_eq!((run.attempts, run.refreshed, world.refreshes_sent()), (1, 0, 1));
    world.provider.behave();
    for _ in 0..5 {
        assert_eq!(world.state("alice").await?, (State::Expired, Reason::RefreshFailed));
        assert_eq!(world.run().await?.attempts, 0);
        let refused = world.use_credential("alice", 0).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::AccountExpired, "{refused}");
        assert!(refused.message.contains("new authorization link"), "{refused}");
        let by_hand = world.app.app.refresh_account(&world.app.operator(), &address("alice")).await;
        assert_eq!(by_hand.unwrap_err().code, ErrorCode::AccountExpired);
        assert_eq!(world.tokens("alice").await?, Default::default(), "no dead token is given out");
        world.clock().advance(DAY);
    }
    assert_eq!(world.refreshes_sent(), 1);
    assert_eq!(world.wire_status("alice").await?, "EXPIRED");
    assert_eq!(world.status("alice").await?.next_action, NextAction::Reauthorize);
    assert_eq!(world.history("alice").await?[1..], [("expired".into(), "refresh_failed".into())]);
    assert_eq!(world.count("alice", "token.refresh_failed").await?, 1);
    world.connect("alice").await?;
    assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
    assert_eq!(world.run_next().await?.refreshed, 1);
    Ok(())
}

/// The provider does not answer a refresh, for twelve hours and whoever asks; then it does.
async fn a_fault_that_passes(
    world: &World,
    classes: &[OutcomeClass],
    end: impl AsyncFnOnce() -> Outcome<()>,
) -> Outcome<()> {
    let began = world.clock().now();
    assert_eq!(world.run_next().await?.refreshed, 0);
    while world.clock().now().seconds() - began.seconds() < 12 * 3600 {
        assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
        let used = world.use_credential("alice", 0).await;
        if world.status("alice").await?.expires_at.ok_or("no expiry")? > world.clock().now() {
            assert!(used.is_ok(), "the old token works on: {used:?}");
        } else {
            let refused = used.unwrap_err();
            assert_eq!(refused.code, ErrorCode::Unavailable, "{refused}");
        }
        let outcome = world.status("alice").await?.last_outcome.ok_or("no outcome")?;
        assert!(classes.contains(&outcome), "{outcome:?}");
        assert_eq!(world.run_next().await?.refreshed, 0);
    }
    assert_eq!(world.history("alice").await?, [("active".to_owned(), "none".to_owned())]);
    let failed = world.status("alice").await?.failures;
    assert_eq!(
        world.count("alice", "token.refresh_failed").await?,
        usize::try_from(failed)?,
        "one event for each"
    );
    end().await?;
    assert_eq!(world.run_next().await?.refreshed, 1, "it recovers by itself");
    assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
    assert!(world.provider.accepts_access_token(&world.tokens("alice").await?.0));
    assert_eq!(world.provider.counters().reuses_detected, 0);
    Ok(())
}

async fn a_misbehaviour_that_passes(wrong: Misbehaviour, class: OutcomeClass) -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.misbehave(wrong);
    a_fault_that_passes(&world, &[class], async || {
        world.provider.behave();
        Ok(())
    })
    .await
}

#[tokio::test]
async fn t32_answers_with_a_server_error_never_end_an_authorization() -> Outcome<()> {
    for status in [500, 502, 503, 504] {
        a_misbehaviour_that_passes(Misbehaviour::TokenServerError { status }, OutcomeClass::Transient)
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn t32_too_many_requests_never_end_an_authorization() -> Outcome<()> {
    for wrong in [
        Misbehaviour::TokenRateLimited { retry_after: 30 },
        Misbehaviour::TokenRateLimitedUntil { seconds: 30 },
    ] {
        a_misbehaviour_that_passes(wrong, OutcomeClass::RateLimited).await?;
    }
    Ok(())
}

#[tokio::test]
async fn t32_web_pages_and_unknown_errors_never_end_an_authorization() -> Outcome<()> {
    for wrong in [
        Misbehaviour::TokenHtml200,
        Misbehaviour::TokenHtml400,
        Misbehaviour::UnknownErrorCode,
        Misbehaviour::TokenRedirect,
    ] {
        a_misbehaviour_that_passes(wrong, OutcomeClass::UnusableAnswer).await?;
    }
    Ok(())
}

/// A resolver for names that tests give a meaning.
struct Names;

impl Resolve for Names {
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        Box::pin(async move {
            match host {
                "no-address.example" => Err(io::Error::other("there is no such name")),
                "no-answer.example" => std::future::pending().await,
                _ => Err(io::Error::other("a name that the test did not mean")),
            }
        })
    }
}

fn with_names() -> TestAppOptions {
    TestAppOptions {
        egress: Some(|options| {
            options.resolver = Some(Arc::new(Names));
            options.timeouts.connect = Duration::from_millis(20);
        }),
        ..TestAppOptions::default()
    }
}

async fn move_token_endpoint(world: &World, url: Option<&str>) -> Outcome<()> {
    let change = Box::new(|config: &mut ConnectionConfig, secrets: &mut ConnectionSecrets| {
        config.token_uri = url.map(ToOwned::to_owned);
        secrets.client_secret = Some(TEST_CLIENT_SECRET.into());
        Ok(())
    });
    world.update_connection(UpdateConnection { name: None, change }).await
}

async fn an_endpoint_out_of_reach(url: &str) -> Outcome<()> {
    let world = World::with(with_names()).await?;
    world.connect("alice").await?;
    move_token_endpoint(&world, Some(url)).await?;
    a_fault_that_passes(&world, &[OutcomeClass::Transient], async || move_token_endpoint(&world, None).await)
        .await
}

#[tokio::test]
async fn t32_a_name_without_an_address_never_ends_an_authorization() -> Outcome<()> {
    an_endpoint_out_of_reach("https://no-address.example/token").await
}

#[tokio::test]
async fn t32_a_connection_that_does_not_come_about_in_time_never_ends_an_authorization() -> Outcome<()> {
    an_endpoint_out_of_reach("https://no-answer.example/token").await
}

#[tokio::test]
async fn t32_a_closed_port_never_ends_an_authorization() -> Outcome<()> {
    an_endpoint_out_of_reach("http://127.0.0.1:1/token").await
}

#[tokio::test]
async fn t32_an_answer_that_is_lost_never_ends_an_authorization_where_a_repetition_is_tolerated()
-> Outcome<()> {
    for wrong in [Misbehaviour::DropsRequest, Misbehaviour::DropsAnswer, Misbehaviour::DropsMidBody] {
        let world = World::defined("auth: {oauth2: {refresh: {repeat_tolerated: true}}}").await?;
        let rotation = Rotation::Grace { seconds: 600 };
        world.provider.configure(Settings { rotation, ..world.provider.settings() });
        world.connect("alice").await?;
        world.misbehave(wrong.times(1));
        world.run_next().await?;
        assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
        assert_eq!(world.run_next().await?.refreshed, 1);
        assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
        assert!(world.provider.accepts_access_token(&world.tokens("alice").await?.0));
        assert_eq!(world.provider.counters().reuses_detected, 0);
    }
    Ok(())
}

#[tokio::test]
async fn t28_an_answer_that_is_lost_where_no_repetition_is_tolerated_ends_the_account_with_its_token()
-> Outcome<()> {
    for wrong in [Misbehaviour::DropsAnswer, Misbehaviour::DropsMidBody, Misbehaviour::TokenCut] {
        let world = World::new().await?;
        world.connect("alice").await?;
        let old = world.tokens("alice").await?;
        world.misbehave(wrong.clone());
        assert_eq!(world.run_next().await?.refreshed, 0);
        world.provider.behave();
        world.run_next().await?;
        let unknown = (State::Active, Reason::RefreshOutcomeUnknown);
        assert_eq!(world.state("alice").await?, unknown, "{wrong:?}");
        assert_eq!(world.status("alice").await?.next_action, NextAction::Reauthorize);
        assert_eq!(world.tokens("alice").await?.0, old.0, "the old token works on");
        world.run_next().await?;
        assert_eq!(world.state("alice").await?, (State::Expired, Reason::RefreshOutcomeUnknown), "{wrong:?}");
        assert_eq!(world.tokens("alice").await?, Default::default());
        world.clock().advance(DAY);
        assert_eq!(
            (world.run().await?.attempts, world.refreshes_sent()),
            (0, 1),
            "presented once and never again"
        );
        world.connect("alice").await?;
        assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
    }
    Ok(())
}

#[tokio::test]
async fn an_account_whose_provider_fails_for_a_day_expires_refreshable_and_still_recovers_by_itself()
-> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.misbehave(Misbehaviour::TokenServerError { status: 503 });
    let began = world.clock().now();
    let mut tries = 0;
    while world.state("alice").await?.0 == State::Active {
        world.run_next().await?;
        tries += 1;
        assert!(tries < 200, "it is given up some time");
    }
    let passed = world.clock().now().seconds() - began.seconds();
    assert!((DAY / 2..2 * DAY).contains(&passed), "given up after {passed} s");
    assert_eq!(world.state("alice").await?, (State::Expired, Reason::AccessTokenExpired));
    assert_eq!(world.status("alice").await?.next_action, NextAction::Refresh);
    assert_eq!(world.wire_status("alice").await?, "EXPIRED");
    for _ in 0..3 {
        world.run_next().await?;
    }
    assert_eq!(world.history("alice").await?.len(), 2, "given up once");
    world.provider.behave();
    assert_eq!(world.run_next().await?.refreshed, 1);
    assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
    Ok(())
}
