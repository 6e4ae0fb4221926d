//! The forms of a token answer, and what is in it.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    super::Misbehaviour,
    world::{Seen, World, text},
};

async fn refreshed(wrong: Misbehaviour) -> (World, Seen) {
    let world = World::misbehaving(wrong).await;
    let seen = world.try_refresh(&world.grant().refresh_token).await.unwrap();
    (world, seen)
}

#[tokio::test]
async fn quirk_45_an_answer_need_not_be_json_nor_say_what_it_is() {
    let table = [
        (Misbehaviour::TokenFormEncoded, "application/x-www-form-urlencoded"),
        (Misbehaviour::TokenFormAsText, "text/plain"),
    ];
    for (wrong, content_type) in table {
        let (world, seen) = refreshed(wrong).await;
        assert_eq!(seen.header("content-type"), content_type);
        let pairs: Vec<_> = form_urlencoded::parse(seen.body.as_bytes()).collect();
        let token = pairs.iter().find(|(name, _)| name == "access_token").unwrap();
        assert_eq!(world.me(&token.1).await, 200);
    }
    let (world, seen) = refreshed(Misbehaviour::TokenJsonAsHtml).await;
    assert_eq!(seen.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(world.me(text(&seen.json()["access_token"])).await, 200);
    let (world, seen) = refreshed(Misbehaviour::TokenXml).await;
    assert_eq!(seen.header("content-type"), "application/xml");
    let token = seen.body.split("<access_token>").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(world.me(token).await, 200);
}

#[tokio::test]
async fn quirk_45_an_answer_can_end_in_the_middle() {
    let (world, seen) = refreshed(Misbehaviour::TokenCut).await;
    assert_eq!((seen.status, seen.json()), (200, Value::Null));
    assert!(seen.body.starts_with("{\"access_token\""), "{}", seen.body);
    assert_eq!(world.site.provider.counters().refreshes_granted, 1);
}

#[tokio::test]
async fn quirk_46_tokens_are_elsewhere_in_the_answer() {
    let table = [
        (Misbehaviour::TokenNested, "/data/access_token", "/data/refresh_token"),
        (Misbehaviour::TokenDeeplyNested, "/tokens/access/token", "/tokens/refresh/token"),
        (Misbehaviour::TokenRenamed, "/accessToken", "/refreshToken"),
    ];
    for (wrong, access, refresh) in table {
        let (world, seen) = refreshed(wrong.clone()).await;
        let answer = seen.json();
        assert_eq!(answer["access_token"], Value::Null, "{wrong:?}");
        assert_eq!(world.me(text(answer.pointer(access).unwrap())).await, 200);
        assert_eq!(world.refresh(text(answer.pointer(refresh).unwrap())).await.0, 200);
    }
    let (world, seen) = refreshed(Misbehaviour::TokenBare).await;
    assert_eq!(world.me(&seen.body).await, 200);
}

#[tokio::test]
async fn quirk_47_members_have_other_names() {
    let (_, seen) = refreshed(Misbehaviour::TokenRenamed).await;
    let answer = seen.json();
    assert_eq!(
        (&answer["expiresIn"], &answer["tokenType"], &answer["scopes"]),
        (&json!(3600), &json!("Bearer"), &json!(["read", "write"]))
    );
}

#[tokio::test]
async fn quirk_44_a_success_can_be_a_201() {
    let (_, seen) = refreshed(Misbehaviour::TokenCreated).await;
    assert!(seen.status == 201 && seen.json()["access_token"].is_string());
}

#[tokio::test]
async fn quirk_54_the_token_is_a_cookie() {
    let (world, seen) = refreshed(Misbehaviour::TokenAsCookie).await;
    assert!(!seen.body.contains("at_"), "{}", seen.body);
    let cookie = seen.header("set-cookie").split(';').next().unwrap();
    let request = world
        .request(http::Method::GET, "/api/me")
        .header(http::header::COOKIE, http::HeaderValue::from_str(cookie).unwrap());
    assert_eq!(world.send(request).await.0, 200);
}

#[tokio::test]
async fn scopes_are_told_not_told_taken_and_invented() {
    let scope = async |wrong| refreshed(wrong).await.1.json()["scope"].clone();
    assert_eq!(scope(Misbehaviour::LessScopeThanAsked).await, "read");
    assert_eq!(scope(Misbehaviour::NoScope).await, Value::Null);
    assert_eq!(scope(Misbehaviour::WrongScope { scope: "admin".into() }).await, "admin");
    let (world, seen) = refreshed(Misbehaviour::FewerScopesAfterRefresh).await;
    assert_eq!(seen.json()["scope"], "read");
    world.site.provider.behave();
    let (_, again) = world.refresh(text(&seen.json()["refresh_token"])).await;
    assert_eq!(again["scope"], "read");
}

#[tokio::test]
async fn a_token_type_that_nobody_uses() {
    let (_, seen) = refreshed(Misbehaviour::UnknownTokenType).await;
    assert_eq!(seen.json()["token_type"], "mac");
}

#[tokio::test]
async fn quirk_51_several_tokens_in_one_answer_expire_at_different_times() {
    let wrong = Misbehaviour::SeveralTokens { expires_in: 60, refresh_token: true };
    let (world, seen) = refreshed(wrong).await;
    let answer = seen.json();
    let second = &answer["authed_user"];
    assert_eq!((&answer["expires_in"], &second["expires_in"]), (&json!(3600), &json!(60)));
    assert_eq!(answer["refresh_token"], second["refresh_token"]);
    world.clock.advance(60);
    assert_eq!(world.me(text(&answer["access_token"])).await, 200);
    assert_eq!(world.me(text(&second["access_token"])).await, 401);
}

#[tokio::test]
async fn quirk_61_two_families_are_refreshed_one_by_one() {
    let world = World::misbehaving(Misbehaviour::TwoTokenFamilies).await;
    let (_, answer) = world.exchange(&world.code().await).await;
    let (first, second) = (&answer["refresh_token"], &answer["authed_user"]["refresh_token"]);
    assert_ne!(first, second);
    assert_eq!(world.refresh(text(first)).await.0, 200);
    assert_eq!(world.refresh(text(first)).await.0, 400);
    let (status, refreshed) = world.refresh(text(second)).await;
    assert_eq!((status, &refreshed["authed_user"]), (200, &Value::Null));
}

#[tokio::test]
async fn quirk_52_identity_is_only_in_the_answer() {
    let world = World::misbehaving(Misbehaviour::IdentityOnlyInAnswer).await;
    let (_, answer) = world.exchange(&world.code().await).await;
    assert_eq!(
        (text(&answer["user_id"]), text(&answer["email"]), text(&answer["instance_url"])),
        ("user-bob", "bob@example.test", world.site.base_url.as_str())
    );
    assert_eq!(world.get("/userinfo", text(&answer["access_token"])).await.status, 404);
}

#[tokio::test]
async fn quirk_53_a_very_long_token_works() {
    let (world, seen) = refreshed(Misbehaviour::VeryLongToken { characters: 12_000 }).await;
    let answer = seen.json();
    assert_eq!(text(&answer["access_token"]).len(), 12_000);
    assert_eq!(world.me(text(&answer["access_token"])).await, 200);
}
