//! How long a token is taken to live, and what happens at its end.

use std::{net::Ipv4Addr, sync::Arc};

use valetkey_core::{
    Clock, Timestamp,
    account::{NextAction, Reason, State},
    error_code::ErrorCode,
    settings::AccountSettings,
};
use valetkey_testkit::{
    app::{Outcome, SeededEntropy, TestAppOptions, TestClock},
    provider::{Misbehaviour, Settings, TestProvider, TestProviderHandle},
};

use super::world::{World, access_token, address};

/// Seconds from now.
fn left(world: &World, at: Option<Timestamp>) -> i64 {
    at.expect("a time").seconds() - world.clock().now().seconds()
}

#[tokio::test]
async fn t21_a_token_without_a_lifetime_is_renewed_like_one_of_an_hour_and_is_not_eternal() -> Outcome<()> {
    let world = World::new().await?;
    world.misbehave(Misbehaviour::NoExpiresIn);
    world.connect("alice").await?;
    for generation in 1..4 {
        let status = world.status("alice").await?;
        assert_eq!((status.generation, status.expires_at), (generation, None));
        let due = left(&world, status.due_at);
        assert!((3000..=3300).contains(&due), "due in {due} s");
        let before = world.tokens("alice").await?;
        assert_eq!(world.run_next().await?.refreshed, 1);
        let after = world.tokens("alice").await?;
        assert_ne!(after.0, before.0);
        assert!(world.provider.accepts_access_token(&after.0));
    }
    Ok(())
}

#[tokio::test]
async fn t21_the_definition_and_then_the_token_itself_say_what_the_answer_does_not() -> Outcome<()> {
    let world =
        World::defined("auth: {oauth2: {token: {answer: {lifetime: {default_seconds: 600}}}}}").await?;
    world.misbehave(Misbehaviour::NoExpiresIn);
    world.connect("alice").await?;
    assert_eq!(left(&world, world.status("alice").await?.expires_at), 600);

    let world = World::new().await?;
    world.misbehave(Misbehaviour::JwtExpiry);
    world.connect("alice").await?;
    assert_eq!(left(&world, world.status("alice").await?.expires_at), 3600);
    world.run_next().await?;
    assert_eq!(left(&world, world.status("alice").await?.expires_at), 3600, "of the new token");
    Ok(())
}

/// A provider whose clock is off by `skew` seconds, and a server that reads its times in the form of `answer`.
struct Skewed {
    world: World,
    provider: TestProviderHandle,
    clock: Arc<TestClock>,
}

impl Skewed {
    async fn new(skew: i64, answer: &str, wrong: Misbehaviour, lifetime: u32) -> Outcome<Self> {
        let clock = Arc::new(TestClock::default());
        clock.advance(skew);
        let provider = TestProvider::new(Arc::new(SeededEntropy::new(5)), clock.clone());
        provider.configure(Settings { access_seconds: lifetime, ..Settings::default() });
        provider.misbehave(wrong);
        let provider = provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await?;
        let provider_url = Some(provider.base_url.clone());
        let options = TestAppOptions { provider_url, ..TestAppOptions::default() };
        let definition = format!("auth: {{oauth2: {{token: {{answer: {{lifetime: {answer}}}}}}}}}");
        let world = World::defined_with(&definition, options).await?;
        world.connect("alice").await?;
        Ok(Self { world, provider, clock })
    }

    fn advance(&self, seconds: i64) {
        self.world.clock().advance(seconds);
        self.clock.advance(seconds);
    }

    /// Uses the credential every half minute; returns for how long in a row the provider refused what was given out.
    async fn use_for(&self, seconds: i64, background: bool) -> Outcome<i64> {
        let (mut refused, mut longest) = (0, 0);
        for _ in 0..seconds / 30 {
            self.advance(30);
            if background {
                self.world.run().await?;
            }
            let usable = self.world.use_credential("alice", 0).await?;
            let works = self.provider.provider.accepts_access_token(&access_token(&usable));
            refused = if works { 0 } else { refused + 30 };
            longest = longest.max(refused);
            assert_eq!(self.world.state("alice").await?, (State::Active, Reason::None));
        }
        Ok(longest)
    }
}

/// The forms in which a provider names a moment of its own clock.
fn moments() -> [(&'static str, Misbehaviour); 4] {
    [
        ("{pointer: /expires_at, unit: epoch_seconds}", Misbehaviour::LifetimeAsEpoch),
        ("{pointer: /expires_at, unit: epoch_milliseconds}", Misbehaviour::LifetimeAsEpochMilliseconds),
        ("{pointer: /expires_at, unit: rfc3339}", Misbehaviour::LifetimeAsDate),
        ("{}", Misbehaviour::JwtExpiry),
    ]
}

const SKEW: i64 = 300;

#[tokio::test]
async fn t25_a_provider_whose_clock_is_five_minutes_off_costs_no_account_and_no_call() -> Outcome<()> {
    for skew in [-SKEW, SKEW] {
        for (answer, wrong) in moments() {
            let skewed = Skewed::new(skew, answer, wrong, 3600).await?;
            assert_eq!(skewed.use_for(3 * 3600, true).await?, 0, "{skew} s, {answer}");
            assert!((3..=5).contains(&skewed.world.status("alice").await?.generation), "{skew} s, {answer}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn t25_no_token_is_given_out_after_its_end_by_more_than_the_skew() -> Outcome<()> {
    for skew in [-SKEW, SKEW] {
        for (answer, wrong) in moments() {
            let skewed = Skewed::new(skew, answer, wrong, 3600).await?;
            let longest = skewed.use_for(3 * 3600, false).await?;
            assert!(longest <= SKEW, "{skew} s, {answer}: {longest} s");
        }
    }
    Ok(())
}

#[tokio::test]
async fn t25_a_lifetime_in_seconds_does_not_depend_on_clocks() -> Outcome<()> {
    for skew in [-SKEW, SKEW] {
        let skewed = Skewed::new(skew, "{}", Misbehaviour::LifetimeAsText, 120).await?;
        assert_eq!(skewed.use_for(1800, true).await?, 0);
        assert_eq!(skewed.use_for(1800, false).await?, 0);
    }
    Ok(())
}

#[tokio::test]
async fn t25_a_token_that_has_run_out_when_it_comes_neither_ends_the_account_nor_is_renewed_without_pause()
-> Outcome<()> {
    for (answer, wrong) in moments() {
        let skewed = Skewed::new(-SKEW, answer, wrong, 120).await?;
        assert_eq!(skewed.use_for(1800, true).await?, 0, "{answer}");
        let sent = skewed.provider.provider.counters().all_token_requests();
        assert!(sent <= 60, "{sent} requests in half an hour, {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn the_setting_expires_in_bounds_how_long_the_next_token_is_used() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let set = async |seconds: i64| {
        let settings = AccountSettings { expires_in: Some(seconds), ..AccountSettings::default() };
        world.app.app.set_account_settings(&world.app.operator(), &address("alice"), settings).await
    };
    for (wrong, code) in
        [(59, Some(ErrorCode::InvalidArgument)), (31_536_001, Some(ErrorCode::InvalidArgument))]
    {
        assert_eq!(set(wrong).await.err().map(|error| error.code), code);
    }
    set(600).await?;
    let status = world.status("alice").await?;
    assert_eq!(left(&world, status.expires_at), 3600, "the token that is there lives as long as it does");
    assert!(left(&world, status.due_at) <= 600, "and is renewed in time for the bound");
    world.run_next().await?;
    assert_eq!(left(&world, world.status("alice").await?.expires_at), 600);
    world.clock().advance(590);
    let old = world.tokens("alice").await?;
    world.clock().advance(11);
    assert_ne!(
        world.tokens("alice").await?.0,
        old.0,
        "what is past the bound is renewed before it is given out"
    );
    world.misbehave(Misbehaviour::NoExpiresIn);
    world.run_next().await?;
    assert_eq!(
        left(&world, world.status("alice").await?.expires_at),
        600,
        "also where the provider names none"
    );
    Ok(())
}

#[tokio::test]
async fn without_auto_refresh_an_account_expires_refreshable_and_a_refresh_by_hand_brings_it_back()
-> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let settings = AccountSettings { auto_refresh: Some(false), ..AccountSettings::default() };
    world.app.app.set_account_settings(&world.app.operator(), &address("alice"), settings).await?;
    world.clock().advance(3599);
    world.run().await?;
    assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
    world.clock().advance(1);
    for _ in 0..3 {
        world.run().await?;
        assert_eq!(world.state("alice").await?, (State::Expired, Reason::AccessTokenExpired));
        let refused = world.use_credential("alice", 0).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::AccountExpired, "{refused}");
        assert!(refused.message.contains("refresh it"), "{refused}");
        assert_eq!(world.tokens("alice").await?, Default::default());
        world.clock().advance(3600);
    }
    assert_eq!(world.refreshes_sent(), 0);
    assert_eq!(world.wire_status("alice").await?, "EXPIRED");
    assert_eq!(world.status("alice").await?.next_action, NextAction::Refresh);
    let view = world.app.app.refresh_account(&world.app.operator(), &address("alice")).await?;
    assert_eq!(view.account.state, State::Active);
    assert!(world.provider.accepts_access_token(&world.tokens("alice").await?.0));
    let changes = [("active", "none"), ("expired", "access_token_expired"), ("active", "none")];
    let changes = changes.map(|(state, reason)| (state.to_owned(), reason.to_owned()));
    assert_eq!(world.history("alice").await?, changes);
    Ok(())
}

#[tokio::test]
async fn without_a_refresh_token_an_account_expires_with_its_token_and_needs_its_user() -> Outcome<()> {
    let world = World::new().await?;
    world.misbehave(Misbehaviour::NoOfflineAccess);
    world.connect("alice").await?;
    world.clock().advance(3600);
    world.run().await?;
    assert_eq!(world.state("alice").await?, (State::Expired, Reason::NoRefreshToken));
    assert_eq!(world.status("alice").await?.next_action, NextAction::Reauthorize);
    let refused = world.app.app.refresh_account(&world.app.operator(), &address("alice")).await.unwrap_err();
    assert_eq!((refused.code, world.refreshes_sent()), (ErrorCode::AccountExpired, 0));
    world.provider.behave();
    world.connect("alice").await?;
    assert_eq!(world.state("alice").await?, (State::Active, Reason::None));
    Ok(())
}
