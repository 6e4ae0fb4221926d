//! The token endpoint fails, refuses, or answers something else. Nothing is spent.

use serde_json::{Value, json};

use super::{
    super::{Misbehaviour, RefreshTokenState},
    world::{Seen, World},
};

/// What a refresh is answered; it has spent nothing.
async fn refused(wrong: Misbehaviour) -> Seen {
    let world = World::misbehaving(wrong.clone()).await;
    let grant = world.grant();
    let seen = world.try_refresh(&grant.refresh_token).await.unwrap();
    let state = world.site.provider.refresh_token_state(&grant.refresh_token);
    assert_eq!(state, RefreshTokenState::Newest, "{wrong:?}");
    seen
}

/// The statuses of so many refreshes that follow each other.
async fn statuses(wrong: Misbehaviour, count: usize) -> Vec<u16> {
    let world = World::misbehaving(wrong).await;
    let mut token = world.grant().refresh_token;
    let mut statuses = Vec::new();
    for _ in 0..count {
        let (status, answer) = world.refresh(&token).await;
        token = answer["refresh_token"].as_str().map_or(token, ToOwned::to_owned);
        statuses.push(status);
    }
    statuses
}

#[tokio::test]
async fn error_answers_have_their_status_and_code() {
    let table = [
        (Misbehaviour::InvalidClient, 401, "invalid_client"),
        (Misbehaviour::UnauthorizedClient, 400, "unauthorized_client"),
        (Misbehaviour::UnknownErrorCode, 400, "E_4711"),
        (Misbehaviour::TokenErrorIn200 { error: "invalid_auth".into() }, 200, "invalid_auth"),
        (Misbehaviour::TokenForbiddenAsRateLimit { retry_after: 9 }, 403, "rate_limit_exceeded"),
        (
            Misbehaviour::TokenError { status: 400, error: "slow_down".into(), description: None },
            400,
            "slow_down",
        ),
    ];
    for (wrong, status, error) in table {
        let seen = refused(wrong.clone()).await;
        assert_eq!((seen.status, seen.json()["error"].as_str()), (status, Some(error)), "{wrong:?}");
    }
}

#[tokio::test]
async fn quirk_45_pages_and_nothing_take_the_place_of_an_answer() {
    for (wrong, status) in [(Misbehaviour::TokenHtml200, 200), (Misbehaviour::TokenHtml400, 400)] {
        let seen = refused(wrong).await;
        assert_eq!((seen.status, seen.header("content-type")), (status, "text/html; charset=utf-8"));
        assert!(seen.body.starts_with("<!doctype html>"));
    }
    let seen = refused(Misbehaviour::TokenEmpty).await;
    assert_eq!((seen.status, seen.body.as_str()), (200, ""));
}

#[tokio::test]
async fn quirk_43_a_redirect_leads_to_another_host() {
    let seen = refused(Misbehaviour::TokenRedirect).await;
    assert_eq!((seen.status, seen.header("location")), (307, "https://elsewhere.example/token"));
}

#[tokio::test]
async fn quirk_82_a_rate_limit_is_told_in_seconds_or_as_a_date() {
    let seen = refused(Misbehaviour::TokenRateLimited { retry_after: 7 }).await;
    assert_eq!((seen.status, seen.header("retry-after")), (429, "7"));
    let seen = refused(Misbehaviour::TokenRateLimitedUntil { seconds: 90 }).await;
    assert_eq!((seen.status, seen.header("retry-after")), (429, "Fri, 15 Jan 2027 08:01:30 GMT"));
    let seen = refused(Misbehaviour::TokenForbiddenAsRateLimit { retry_after: 7 }).await;
    assert_eq!((seen.header("retry-after"), seen.header("x-ratelimit-remaining")), ("7", "0"));
}

#[tokio::test]
async fn a_burst_of_failures_ends_and_a_flapping_endpoint_does_not() {
    let burst = Misbehaviour::TokenErrorBurst { status: 500, failures: 2 };
    assert_eq!(statuses(burst, 5).await, [500, 500, 200, 200, 200]);
    let flaps = Misbehaviour::TokenFlaps { status: 502, failures: 2, successes: 1 };
    assert_eq!(statuses(flaps, 6).await, [502, 502, 200, 502, 502, 200]);
}

#[tokio::test]
async fn a_description_can_repeat_every_secret() {
    let world = World::misbehaving(Misbehaviour::EchoesSecrets).await;
    let token = world.grant().refresh_token;
    let (status, answer) = world.refresh(&token).await;
    let said = answer["error_description"].as_str().unwrap();
    assert!(status == 400 && said.contains(&token) && said.contains("test-secret"), "{said}");
    let (_, answer) = world.exchange("a-code").await;
    let said = answer["error_description"].as_str().unwrap();
    assert!(said.contains("a-code") && said.contains(super::world::VERIFIER), "{said}");
}

#[tokio::test]
async fn quirk_68_a_revoked_grant_is_dead_and_the_answer_says_why() {
    let world = World::misbehaving(Misbehaviour::RevokedByUser.times(1)).await;
    let grant = world.grant();
    let expected = json!({ "error": "invalid_grant", "error_description": "The user has revoked access." });
    assert_eq!(world.refresh(&grant.refresh_token).await, (400, expected));
    assert_eq!(world.me(&grant.access_token).await, 401);
    assert_eq!(world.refresh(&grant.refresh_token).await, (400, json!({ "error": "invalid_grant" })));
    assert_eq!(world.site.provider.counters().revoked_by_provider, 1);
}

#[tokio::test]
async fn quirk_68_a_policy_ends_a_grant_at_its_age() {
    let world = World::misbehaving(Misbehaviour::RevokedForPolicy { after_seconds: 60 }).await;
    let [by_use, by_refresh] = [world.grant(), world.grant()];
    world.clock.advance(59);
    assert_eq!(world.me(&by_use.access_token).await, 200);
    world.clock.advance(1);
    assert_eq!(world.me(&by_use.access_token).await, 401);
    assert_eq!(world.me(&by_refresh.access_token).await, 401);
    let (status, answer) = world.refresh(&by_refresh.refresh_token).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")));
    assert!(answer["error_description"].as_str().unwrap().contains("policy"));
    assert!(!world.site.provider.is_grant_alive(&by_use.grant));
}

#[tokio::test]
async fn an_oversize_answer_is_longer_than_256_kib() {
    let world = World::misbehaving(Misbehaviour::TokenOversize).await;
    let seen = world.try_exchange("any").await.unwrap();
    assert!(seen.body.len() > 256 * 1024);
    assert_ne!(seen.json(), Value::Null);
}
