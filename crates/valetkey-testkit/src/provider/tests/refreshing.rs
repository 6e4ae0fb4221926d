//! Ways of renewal that are not a rotating refresh token in the body.

use http::{HeaderValue, Method, header};
use serde_json::{Value, json};

use super::{
    super::{Misbehaviour, RefreshTokenState, TEST_CLIENT_ID},
    world::{World, text},
};

fn error(code: &str) -> (u16, Value) {
    (400, json!({ "error": code }))
}

#[tokio::test]
async fn quirk_56_an_omitted_refresh_token_stays_valid() {
    let world = World::misbehaving(Misbehaviour::OmitsRefreshToken).await;
    let token = world.grant().refresh_token;
    for _ in 0..2 {
        let (status, answer) = world.refresh(&token).await;
        assert_eq!((status, &answer["refresh_token"]), (200, &Value::Null));
    }
}

#[tokio::test]
async fn quirk_6_without_offline_access_a_code_yields_no_refresh_token() {
    let world = World::misbehaving(Misbehaviour::NoOfflineAccess).await;
    let (_, answer) = world.exchange(&world.code().await).await;
    assert_eq!((&answer["refresh_token"], &answer["expires_in"]), (&Value::Null, &json!(3600)));
}

#[tokio::test]
async fn quirk_60_a_refresh_is_refused_until_expiry_is_near() {
    let world = World::misbehaving(Misbehaviour::RefreshesOnlyNearExpiry { seconds: 30 }).await;
    let grant = world.grant();
    world.clock.advance(3569);
    assert_eq!(world.refresh(&grant.refresh_token).await, error("access_token_not_expired"));
    assert!(world.site.provider.is_grant_alive(&grant.grant));
    world.clock.advance(1);
    assert_eq!(world.refresh(&grant.refresh_token).await.0, 200);
}

#[tokio::test]
async fn quirk_58_a_refresh_extends_the_old_token_and_says_only_ok() {
    let world = World::misbehaving(Misbehaviour::ExtendsOldToken).await;
    let grant = world.grant();
    world.clock.advance(3000);
    let expected = (200, json!({ "result": "0000", "message": "OK" }));
    assert_eq!(world.refresh(&grant.refresh_token).await, expected);
    world.clock.advance(3599);
    assert_eq!(world.me(&grant.access_token).await, 200);
    assert_eq!(world.refresh(&grant.refresh_token).await, expected);
    world.clock.advance(3600);
    assert_eq!(world.me(&grant.access_token).await, 401);
}

#[tokio::test]
async fn quirk_59_refreshes_have_an_address_of_their_own() {
    let world = World::misbehaving(Misbehaviour::SeparateRefreshUrl).await;
    let token = world.grant().refresh_token;
    assert_eq!(world.refresh(&token).await, error("unsupported_grant_type"));
    assert_eq!(world.post("/refresh", &[("refresh_token", &token)]).await.0, 200);
    assert_eq!(world.site.provider.token_requests().len(), 2);
}

#[tokio::test]
async fn quirk_59_a_refresh_token_goes_into_the_header() {
    let world = World::misbehaving(Misbehaviour::RefreshTokenInHeader).await;
    let token = world.grant().refresh_token;
    assert_eq!(world.refresh(&token).await, error("invalid_request"));
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    let request =
        world.form("/token", &[("grant_type", "refresh_token")]).header(header::AUTHORIZATION, bearer);
    assert_eq!(world.send(request).await.0, 200);
}

#[tokio::test]
async fn quirk_59_a_refresh_token_goes_into_the_path() {
    let world = World::misbehaving(Misbehaviour::RefreshTokenInPath).await;
    let token = world.grant().refresh_token;
    assert_eq!(world.refresh(&token).await, error("invalid_request"));
    assert_eq!(world.post(&format!("/refresh/{token}"), &[]).await.0, 200);
}

#[tokio::test]
async fn quirk_40_a_refresh_needs_the_scope() {
    let world = World::misbehaving(Misbehaviour::RefreshNeedsScope).await;
    let token = world.grant().refresh_token;
    assert_eq!(world.refresh(&token).await, error("invalid_request"));
    let asked = [("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", "read write")];
    assert_eq!(world.post("/token", &asked).await.0, 200);
}

#[tokio::test]
async fn quirk_55_an_access_token_is_exchanged_for_the_next_one() {
    let world = World::misbehaving(Misbehaviour::ReexchangesAccessToken).await;
    let (_, first) = world.exchange(&world.code().await).await;
    assert_eq!(first["refresh_token"], Value::Null);
    let exchange = [("grant_type", "fb_exchange_token"), ("fb_exchange_token", text(&first["access_token"]))];
    let (status, second) = world.post("/token", &exchange).await;
    assert_eq!((status, &second["refresh_token"]), (200, &Value::Null));
    world.clock.advance(1800);
    let query =
        format!("/refresh?grant_type=ig_refresh_token&access_token={}", text(&second["access_token"]));
    let (status, third) = world.send(world.request(Method::GET, &query)).await;
    assert_eq!(status, 200);
    world.clock.advance(1800);
    assert_eq!(world.post("/token", &exchange).await, error("invalid_grant"));
    assert_eq!(world.me(text(&third["access_token"])).await, 200);
    assert_eq!(world.site.provider.counters().token_requests["access_token"], 3);
    world.site.provider.behave();
    assert_eq!(world.post("/token", &exchange).await, error("unsupported_grant_type"));
}

#[tokio::test]
async fn quirk_55_tokens_come_from_client_credentials_only() {
    let world = World::misbehaving(Misbehaviour::ClientCredentialsOnly).await;
    assert_eq!(world.refresh(&world.grant().refresh_token).await, error("unsupported_grant_type"));
    let mint = [("grant_type", "client_credentials"), ("scope", "read")];
    let (status, first) = world.post("/token", &mint).await;
    assert_eq!((status, &first["refresh_token"], text(&first["scope"])), (200, &Value::Null, "read"));
    let (_, second) = world.post("/token", &mint).await;
    for answer in [&first, &second] {
        assert_eq!(world.me(text(&answer["access_token"])).await, 200);
    }
    assert_eq!(world.site.provider.grants_of(TEST_CLIENT_ID).len(), 1);
}

#[tokio::test]
async fn a_public_client_gets_no_token_for_itself() {
    let world = World::new().await;
    world.site.provider.register_client("public", None, &[]);
    let request = world
        .request(Method::POST, "/token")
        .body("application/x-www-form-urlencoded", "grant_type=client_credentials&client_id=public");
    assert_eq!(world.send(request).await, error("unauthorized_client"));
}

#[tokio::test]
async fn quirk_64_a_refresh_token_ends_at_its_age_however_much_it_is_used() {
    let world = World::misbehaving(Misbehaviour::RefreshTokenExpires { seconds: 1000 }).await;
    let token = world.grant().refresh_token;
    world.clock.advance(600);
    let (_, answer) = world.refresh(&token).await;
    assert_eq!(answer["refresh_token_expires_in"], 400);
    world.clock.advance(400);
    let (status, refused) = world.refresh(text(&answer["refresh_token"])).await;
    assert_eq!((status, text(&refused["error"])), (400, "invalid_grant"));
}

#[tokio::test]
async fn quirk_64_a_refresh_token_ends_when_it_is_not_used() {
    let world = World::misbehaving(Misbehaviour::RefreshTokenIdles { seconds: 1000 }).await;
    let mut token = world.grant().refresh_token;
    for _ in 0..3 {
        world.clock.advance(999);
        let (status, answer) = world.refresh(&token).await;
        assert_eq!((status, &answer["refresh_token_expires_in"]), (200, &json!(1000)));
        text(&answer["refresh_token"]).clone_into(&mut token);
    }
    world.clock.advance(1000);
    assert_eq!(world.refresh(&token).await.0, 400);
    assert_eq!(world.site.provider.refresh_token_state(&token), RefreshTokenState::Revoked);
}

#[tokio::test]
async fn quirk_63_a_refresh_moves_the_api() {
    let world = World::misbehaving(Misbehaviour::RefreshChangesApiHost).await;
    let (_, first) = world.exchange(&world.code().await).await;
    let path = |answer: &Value| {
        format!("{}/me", text(&answer["rest_url"]).strip_prefix(&world.site.base_url).unwrap())
    };
    assert_eq!(world.get(&path(&first), text(&first["access_token"])).await.status, 200);
    let (_, second) = world.refresh(text(&first["refresh_token"])).await;
    assert_ne!(first["api_domain"], second["api_domain"]);
    let token = text(&second["access_token"]);
    assert_eq!(world.get(&path(&first), token).await.status, 404);
    assert_eq!(world.get(&path(&second), token).await.status, 200);
}

#[tokio::test]
async fn quirk_65_two_grants_of_a_user_share_a_refresh_token() {
    let world = World::misbehaving(Misbehaviour::SharedRefreshToken).await;
    let (_, first) = world.exchange(&world.code().await).await;
    let (_, second) = world.exchange(&world.code().await).await;
    assert_eq!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(world.site.provider.grants_of("bob").len(), 1);
}

#[tokio::test]
async fn quirk_62_the_api_wants_the_token_of_a_session() {
    let world = World::misbehaving(Misbehaviour::WantsSession).await;
    let token = world.grant().access_token;
    assert_eq!(world.me(&token).await, 401);
    let session = world.get("/session", &token).await.json();
    assert_eq!(text(&session["rest_url"]), world.site.base_url);
    assert_eq!(world.me(text(&session["session_token"])).await, 200);
    assert_eq!(world.get("/session", "unknown").await.status, 401);
}
