//! What the provider is told when an account is disconnected or deleted.

use std::{net::Ipv4Addr, sync::Arc};

use http::Method;
use serde_json::json;
use valetkey_core::{
    Clock,
    account::{Reason, State},
    revocation::RevocationState,
};
use valetkey_store::revocation::{self, Revocation};
use valetkey_testkit::{
    app::{Outcome, SeededEntropy, TestAppOptions, TestClock},
    provider::{Misbehaviour, Moment, RecordedRequest, TestProvider},
};

use crate::fresh::world::World;

/// How an account ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Delete,
    Disconnect,
}

const ENDS: [End; 2] = [End::Delete, End::Disconnect];

impl End {
    async fn of(self, world: &World, user: &str) -> Outcome<()> {
        match self {
            Self::Delete => world.delete(user).await,
            Self::Disconnect => world.disconnect(user).await,
        }
    }
}

/// What became of the tokens of an account, by its id.
async fn told(world: &World, id: &str) -> Outcome<Revocation> {
    let mut reader = world.app.pool.read().await?;
    let found = revocation::of_account(&mut reader, &world.app.environment.id, &id.parse()?, 10).await?;
    assert_eq!(found.len(), 1);
    Ok(found.into_iter().next().ok_or("no revocation")?)
}

async fn id(world: &World, user: &str) -> Outcome<String> {
    Ok(world.app.account("test", user).await?["id"].as_str().ok_or("no id")?.to_owned())
}

/// How many credentials are stored here.
async fn stored(world: &World) -> Outcome<usize> {
    Ok(world.texts("SELECT sealed FROM credentials").await?.len())
}

fn sent(world: &World) -> Vec<RecordedRequest> {
    world.provider.requests().into_iter().filter(|request| request.path == "/revoke").collect()
}

/// The results that the journal tells of an account.
async fn results(world: &World, id: &str) -> Outcome<Vec<String>> {
    let sql = "SELECT details FROM events WHERE kind = 'token.revocation' AND account_id =";
    let details = world.texts(&format!("{sql} '{id}' ORDER BY created_at, details DESC")).await?;
    let result = |text: &String| {
        let details: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        details["result"].as_str().unwrap_or_default().to_owned()
    };
    Ok(details.iter().map(result).collect())
}

#[tokio::test]
async fn t40_the_provider_is_told_of_the_refresh_token_and_then_of_the_access_token() -> Outcome<()> {
    for end in ENDS {
        let world = World::new().await?;
        world.connect("alice").await?;
        let (id, tokens) = (id(&world, "alice").await?, world.tokens("alice").await?);
        end.of(&world, "alice").await?;
        assert_eq!(
            (stored(&world).await?, sent(&world).len()),
            (0, 0),
            "{end:?}: gone here before anybody is told"
        );
        assert_eq!(told(&world, &id).await?.state, RevocationState::Pending);
        world.clock().advance(1);
        assert_eq!(world.app.app.revoke_due().await?, 1);
        let requests = sent(&world);
        let parameter =
            |name: &str| requests.iter().map(|request| request.parameter(name)).collect::<Vec<_>>();
        assert_eq!(parameter("token"), [Some(tokens.1), Some(tokens.0.clone())], "{end:?}");
        let hints = ["refresh_token", "access_token"].map(|hint| Some(hint.to_owned()));
        assert_eq!(parameter("token_type_hint"), hints);
        let told = told(&world, &id).await?;
        assert_eq!((told.state, told.sealed.is_none()), (RevocationState::Revoked, true));
        assert_eq!(results(&world, &id).await?, ["pending", "revoked"]);
        assert!(!world.provider.is_grant_alive(&world.grant("alice")));
        assert!(!world.provider.accepts_access_token(&tokens.0));
        assert_eq!((world.app.app.revoke_due().await?, sent(&world).len()), (0, 2), "once");
    }
    Ok(())
}

#[tokio::test]
async fn t40_a_provider_that_is_not_available_is_asked_again_when_it_wants() -> Outcome<()> {
    for end in ENDS {
        let world = World::new().await?;
        world.connect("alice").await?;
        let id = id(&world, "alice").await?;
        world.misbehave(Misbehaviour::RevocationUnavailable { retry_after: 300 });
        end.of(&world, "alice").await?;
        assert_eq!(stored(&world).await?, 0);
        assert_eq!(world.app.app.revoke_due().await?, 0);
        let first = sent(&world).len();
        assert!(first > 0);
        for _ in 0..10 {
            world.clock().advance(29);
            assert_eq!(world.app.app.revoke_due().await?, 0);
        }
        assert_eq!(sent(&world).len(), first, "{end:?}: not before the provider wants it");
        assert_eq!(told(&world, &id).await?.state, RevocationState::Pending);
        assert!(world.provider.is_grant_alive(&world.grant("alice")));
        world.provider.behave();
        world.clock().advance(60);
        assert_eq!(world.app.app.revoke_due().await?, 1);
        assert_eq!(told(&world, &id).await?.state, RevocationState::Revoked);
        assert!(!world.provider.is_grant_alive(&world.grant("alice")));
    }
    Ok(())
}

#[tokio::test]
async fn t40_a_provider_that_is_down_for_a_day_is_a_failure_on_record_and_no_token_is_left_here()
-> Outcome<()> {
    for end in ENDS {
        let clock = Arc::new(TestClock::default());
        let provider = TestProvider::new(Arc::new(SeededEntropy::new(5)), clock.clone());
        let provider = provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await?;
        let (provider_url, clock) = (Some(provider.base_url.clone()), Some(clock));
        let world = World::with(TestAppOptions { provider_url, clock, ..TestAppOptions::default() }).await?;
        world.connect("alice").await?;
        let id = id(&world, "alice").await?;
        provider.stop();
        end.of(&world, "alice").await?;
        assert_eq!(stored(&world).await?, 0);
        let from = world.clock().now();
        while told(&world, &id).await?.state == RevocationState::Pending {
            let told = told(&world, &id).await?;
            assert!(told.sealed.is_some());
            let left = told.due_at.ok_or("never")?.seconds() - world.clock().now().seconds();
            world.clock().advance(left.max(0) + 1);
            world.app.app.revoke_due().await?;
        }
        let passed = world.clock().now().seconds() - from.seconds();
        assert!((86_400..90_000).contains(&passed), "{end:?}: after {passed} s");
        let told = told(&world, &id).await?;
        assert_eq!((told.state, told.sealed.is_none()), (RevocationState::Failed, true));
        assert!(told.attempts > 50 && told.detail.is_some());
        assert_eq!(results(&world, &id).await?, ["pending", "failed"]);
    }
    Ok(())
}

#[tokio::test]
async fn t40_what_a_provider_or_connector_does_not_revoke_is_on_record_as_unsupported() -> Outcome<()> {
    let refusing = World::new().await?;
    refusing.misbehave(Misbehaviour::RevocationUnsupported);
    let knowing_none = World::defined("auth: {oauth2: {revocation: null}}").await?;
    for (world, requests) in [(refusing, true), (knowing_none, false)] {
        world.connect("alice").await?;
        let id = id(&world, "alice").await?;
        world.disconnect("alice").await?;
        assert_eq!(world.app.app.revoke_due().await?, 1);
        let told = told(&world, &id).await?;
        assert_eq!((told.state, told.sealed.is_none()), (RevocationState::Unsupported, true));
        assert_eq!(sent(&world).is_empty(), !requests);
        let status = world.status("alice").await?;
        assert_eq!(status.revocation.map(|(state, _)| state), Some(RevocationState::Unsupported));
    }
    Ok(())
}

#[tokio::test]
async fn t40_a_key_that_a_user_filled_in_is_destroyed_and_nobody_is_told() -> Outcome<()> {
    let world = World::new().await?;
    world.app.connection_in(&world.app.operator(), "key", "TESTKEY").await?;
    let body = json!({ "connector": "key", "identifier": "alice", "connected_account": {
        "authorization_details": { "static_auth": { "details": { "api_key": "k1" } } } } });
    world.app.call(Method::POST, "/api/v1/connected_accounts", Some(body)).await?;
    assert_eq!(stored(&world).await?, 1);
    let body = json!({ "connector": "key", "identifier": "alice" });
    world.app.call(Method::POST, "/api/v1/connected_accounts:delete", Some(body)).await?;
    assert_eq!((stored(&world).await?, world.app.app.revoke_due().await?), (0, 0));
    Ok(())
}

#[tokio::test]
async fn t40_two_processes_tell_the_provider_once() -> Outcome<()> {
    let world = World::new().await?;
    let other = world.another_process(TestAppOptions::default()).await?;
    world.connect("alice").await?;
    world.disconnect("alice").await?;
    let (here, there) = tokio::join!(world.app.app.revoke_due(), other.app.revoke_due());
    assert_eq!((here? + there?, sent(&world).len()), (1, 2));
    Ok(())
}

#[tokio::test]
async fn t40_tokens_that_come_after_the_end_of_their_account_are_revoked_too() -> Outcome<()> {
    for end in ENDS {
        let world = World::new().await?;
        world.connect("alice").await?;
        world.until_due().await?;
        let mut gate = world.provider.hold_token_requests(&[Moment::AfterIssuing]);
        let app = world.app.app.clone();
        let run = tokio::spawn(async move { app.refresh_due().await });
        let held = gate.next().await;
        end.of(&world, "alice").await?;
        held.proceed();
        run.await??;
        assert_eq!(stored(&world).await?, 0, "{end:?}: no token comes back");
        assert_eq!(world.app.app.revoke_due().await?, 2);
        let tokens: Vec<_> = sent(&world).iter().filter_map(|request| request.parameter("token")).collect();
        assert_eq!(tokens.len(), 4, "the old ones and the new ones");
        assert!(tokens.iter().all(|token| !world.provider.accepts_access_token(token)));
        assert!(!world.provider.is_grant_alive(&world.grant("alice")));
    }
    Ok(())
}

#[tokio::test]
async fn t40_a_disconnected_account_keeps_its_record_and_is_connected_anew_with_other_tokens() -> Outcome<()>
{
    let world = World::new().await?;
    world.connect("alice").await?;
    let (id_before, tokens) = (id(&world, "alice").await?, world.tokens("alice").await?);
    world.disconnect("alice").await?;
    assert_eq!(world.state("alice").await?, (State::Disconnected, Reason::DisconnectedOnRequest));
    world.connect("alice").await?;
    assert_eq!(world.app.app.revoke_due().await?, 1);
    assert_eq!(id(&world, "alice").await?, id_before);
    let new = world.tokens("alice").await?;
    assert!(new.0 != tokens.0 && world.provider.accepts_access_token(&new.0), "the new grant lives");
    assert!(!world.provider.accepts_access_token(&tokens.0));
    Ok(())
}
