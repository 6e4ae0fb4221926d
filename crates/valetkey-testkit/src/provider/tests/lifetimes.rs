//! How lifetimes are told, and which ones hold.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    super::{Misbehaviour, Settings},
    world::{World, text},
};

/// The clock of a world at its beginning, in seconds.
const START: i64 = 1_800_000_000;

async fn refreshed(wrong: Misbehaviour) -> (World, Value) {
    let world = World::misbehaving(wrong).await;
    let (status, answer) = world.refresh(&world.grant().refresh_token).await;
    assert_eq!(status, 200);
    (world, answer)
}

#[tokio::test]
async fn quirk_48_a_lifetime_has_many_forms() {
    let table = [
        (Misbehaviour::LifetimeAsText, "expires_in", json!("3600")),
        (Misbehaviour::LifetimeInMilliseconds, "expires_in", json!(3_600_000)),
        (Misbehaviour::LifetimeAsDuration, "expires_in", json!("1h")),
        (Misbehaviour::LifetimeAsDate, "expires_at", json!("2027-01-15T09:00:00.000Z")),
        (Misbehaviour::LifetimeAsEpoch, "expires_at", json!(START + 3600)),
        (Misbehaviour::LifetimeAsEpochMilliseconds, "expires_at", json!((START + 3600) * 1000)),
    ];
    for (wrong, member, expected) in table {
        let (_, answer) = refreshed(wrong.clone()).await;
        let members: Vec<&str> =
            ["expires_in", "expires_at"].into_iter().filter(|member| !answer[*member].is_null()).collect();
        assert_eq!((members, &answer[member]), (vec![member], &expected), "{wrong:?}");
    }
}

#[tokio::test]
async fn quirk_48_a_duration_is_told_in_the_unit_that_fits() {
    for (seconds, expected) in [(7200, "2h"), (90 * 60, "90m"), (61, "61s")] {
        let world = World::misbehaving(Misbehaviour::LifetimeAsDuration).await;
        world.site.provider.configure(Settings { access_seconds: seconds, ..Settings::default() });
        let (_, answer) = world.refresh(&world.grant().refresh_token).await;
        assert_eq!(text(&answer["expires_in"]), expected);
    }
}

#[tokio::test]
async fn quirk_49_a_token_without_a_lifetime_expires_all_the_same() {
    let (world, answer) = refreshed(Misbehaviour::NoExpiresIn).await;
    assert_eq!(answer["expires_in"], Value::Null);
    world.clock.advance(3600);
    assert_eq!(world.me(text(&answer["access_token"])).await, 401);
}

#[tokio::test]
async fn quirk_49_the_exp_of_a_jwt_is_the_only_sign() {
    let (world, answer) = refreshed(Misbehaviour::JwtExpiry).await;
    assert_eq!(answer["expires_in"], Value::Null);
    let token = text(&answer["access_token"]);
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["exp"], START + 3600);
    assert_eq!(world.me(token).await, 200);
    assert!(world.site.provider.accepts_access_token(token));
    world.clock.advance(3600);
    assert_eq!(world.me(token).await, 401);
}

#[tokio::test]
async fn quirk_50_a_token_that_never_expires_comes_without_lifetime_and_refresh_token() {
    let (world, answer) = refreshed(Misbehaviour::NeverExpires).await;
    assert_eq!((&answer["expires_in"], &answer["refresh_token"]), (&Value::Null, &Value::Null));
    world.clock.advance(10 * 365 * 86_400);
    assert_eq!(world.me(text(&answer["access_token"])).await, 200);
}

#[tokio::test]
async fn quirk_41_a_lifetime_must_be_asked_for() {
    let world = World::misbehaving(Misbehaviour::LifetimeMustBeAsked).await;
    let ask = async |lifetime: &[(&str, &str)]| {
        let token = world.grant().refresh_token;
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", &token)];
        world.post("/token", &[&refresh, lifetime].concat()).await.1
    };
    assert_eq!(ask(&[]).await["expires_in"], Value::Null);
    assert_eq!(ask(&[("expires_in", "600")]).await["expires_in"], 600);
    assert_eq!(ask(&[("expires_in", "99999")]).await["expires_in"], 3600);
}

#[tokio::test]
async fn quirk_66_a_token_ends_earlier_than_it_says() {
    let (world, answer) = refreshed(Misbehaviour::ExpiresEarly { seconds: 30 }).await;
    assert_eq!(answer["expires_in"], 3600);
    world.clock.advance(29);
    assert_eq!(world.me(text(&answer["access_token"])).await, 200);
    world.clock.advance(1);
    assert_eq!(world.me(text(&answer["access_token"])).await, 401);
}
