//! The control API.

use http::Method;
use serde_json::{Value, json};

use super::{
    super::{Misbehaviour, Rule, TEST_CLIENT_ID},
    world::World,
};

#[tokio::test]
async fn the_control_api_sets_and_ends_misbehaviour() {
    let world = World::new().await;
    let set = async |rules: Value| world.control(Method::POST, "", &json!({ "misbehave": rules })).await;
    assert_eq!(set(json!(["wrong_iss", { "token_server_error": { "status": 503 } }])).await.0, 204);
    assert_eq!(world.post("/token", &[]).await.0, 503);
    let (status, refusal) = set(json!(["no_such_thing"])).await;
    assert!(status == 422 && refusal["error"].as_str().unwrap().contains("no_such_thing"), "{refusal}");
    assert_eq!(world.post("/token", &[]).await.0, 503);
    assert_eq!(set(json!([])).await.0, 204);
    assert_eq!(world.post("/token", &[]).await, (400, json!({ "error": "invalid_request" })));
}

#[tokio::test]
async fn a_misbehaviour_can_be_set_for_a_number_of_requests() {
    let world = World::new().await;
    let rule = json!({ "misbehave": [{ "misbehaviour": "token_server_error", "times": 2 }] });
    assert_eq!(world.control(Method::POST, "", &rule).await.0, 204);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(world.post("/token", &[]).await.0);
    }
    assert_eq!(statuses, [503, 503, 400]);
    assert_eq!(world.control(Method::GET, "", &Value::Null).await.1["misbehave"], json!([]));
}

#[tokio::test]
async fn a_misbehaviour_can_be_set_for_one_grant_or_one_client() {
    let world = World::new().await;
    let (struck, spared) = (world.grant(), world.grant());
    let provider = &world.site.provider;
    provider.misbehave(Misbehaviour::TokenHtml200.for_grant(&struck.grant));
    assert!(world.refresh(&struck.refresh_token).await.1.is_null());
    assert!(world.refresh(&spared.refresh_token).await.1.is_object());
    provider.behave();
    let of = |client: &str| Rule { client: Some(client.into()), ..Misbehaviour::TokenHtml200.into() };
    provider.misbehave(of("another-client"));
    assert!(world.refresh(&struck.refresh_token).await.1.is_object());
    provider.misbehave(of(TEST_CLIENT_ID));
    assert!(world.refresh(&spared.refresh_token).await.1.is_null());
}

#[test]
fn values_that_are_not_given_are_the_usual_ones() {
    let named = |name: &str, values: Value| Misbehaviour::named(name, Some(values));
    let slow = named("slow_token", json!({})).unwrap();
    assert_eq!(slow, Misbehaviour::SlowToken { milliseconds: 1000 });
    let other = named("token_error", json!({ "error": "slow_down" })).unwrap();
    let expected = Misbehaviour::TokenError { status: 400, error: "slow_down".into(), description: None };
    assert_eq!(other, expected);
    for (name, values) in [
        ("slow_token", json!({ "seconds": 1 })),
        ("slow_token", json!({ "milliseconds": "long" })),
        ("slow_token", json!(7)),
        ("wrong_iss", json!({ "issuer": "x" })),
    ] {
        assert!(named(name, values.clone()).unwrap_err().to_string().contains(name), "{name} {values}");
    }
    for rule in [
        json!(7),
        json!({}),
        json!({ "misbehaviour": "wrong_iss", "often": 1 }),
        json!({ "misbehaviour": "wrong_iss", "times": "1" }),
        json!({ "misbehaviour": "wrong_iss", "grant": 7 }),
    ] {
        assert!(Rule::from_json(rule.clone()).is_err(), "{rule}");
    }
}

#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let world = World::new().await;
    let change = json!({ "settings": { "access_seconds": 5, "rotation": { "grace": { "seconds": 7 } } } });
    assert_eq!(world.control(Method::POST, "", &change).await.0, 204);
    let settings = world.control(Method::GET, "", &Value::Null).await.1["settings"].clone();
    assert_eq!(
        settings,
        json!({
            "access_seconds": 5, "rotation": { "grace": { "seconds": 7 } }, "latency_milliseconds": 0, "records": 1000,
        })
    );
    let grant = world.grant();
    world.clock.advance(4);
    assert_eq!(world.me(&grant.access_token).await, 200);
    world.clock.advance(1);
    assert_eq!(world.me(&grant.access_token).await, 401);
    let wrong = json!({ "settings": { "access_second": 5 } });
    assert_eq!(world.control(Method::POST, "", &wrong).await.0, 422);
}

#[tokio::test]
async fn grants_are_opened_seen_and_revoked_without_a_browser() {
    let world = World::new().await;
    let asked = json!({ "user": "carol", "scopes": ["read"], "count": 3 });
    let (_, opened) = world.control(Method::POST, "/grants", &asked).await;
    assert_eq!(opened.as_array().unwrap().len(), 3);
    let [user, id, access, refresh] =
        ["user", "grant", "access_token", "refresh_token"].map(|member| opened[1][member].as_str().unwrap());
    assert_eq!((user, world.me(access).await), ("carol-1", 200));

    let token = async |token: &str| world.control(Method::POST, "/token", &json!({ "token": token })).await.1;
    let seen = token(refresh).await;
    assert_eq!(seen, json!({ "grant": id, "accepted_as_access_token": false, "refresh_token": "newest" }));
    assert_eq!(token(access).await["accepted_as_access_token"], true);

    assert_eq!(world.refresh(refresh).await.0, 200);
    let (_, of_user) = world.control(Method::GET, "/grants?user=carol-1", &Value::Null).await;
    let view = json!([{
        "grant": id, "client": TEST_CLIENT_ID, "user": "carol-1", "scopes": ["read"], "alive": true, "refreshes": 1,
        "reuses": 0,
    }]);
    assert_eq!(of_user, view);

    assert_eq!(world.control(Method::DELETE, &format!("/grants/{id}"), &Value::Null).await.0, 200);
    let (_, seen) = world.control(Method::GET, &format!("/grants/{id}"), &Value::Null).await;
    assert_eq!(seen["alive"], false);
    assert_eq!((world.me(access).await, world.refresh(refresh).await.0), (401, 400));
    assert_eq!(world.control(Method::GET, "/grants/grant_999", &Value::Null).await.0, 404);
    let stranger = json!({ "user": "carol", "client": "nobody" });
    assert_eq!(world.control(Method::POST, "/grants", &stranger).await.0, 422);
}

#[tokio::test]
async fn requests_and_counters_can_be_read() {
    let world = World::new().await;
    world.refresh("unknown").await;
    let (_, requests) = world.control(Method::GET, "/requests", &Value::Null).await;
    assert_eq!(requests.as_array().unwrap().len(), 1);
    assert_eq!((&requests[0]["method"], &requests[0]["path"]), (&json!("POST"), &json!("/token")));
    let (_, counters) = world.control(Method::GET, "/counters", &Value::Null).await;
    assert_eq!(counters["token_requests"], json!({ "refresh_token": 1 }));
}

#[tokio::test]
async fn no_more_requests_are_recorded_than_the_settings_say() {
    let world = World::new().await;
    let change = json!({ "settings": { "records": 2 } });
    world.control(Method::POST, "", &change).await;
    for token in ["one", "two", "three"] {
        world.refresh(token).await;
    }
    let kept: Vec<_> = world
        .site
        .provider
        .token_requests()
        .iter()
        .map(|request| request.parameter("refresh_token"))
        .collect();
    assert_eq!(kept, [Some("two".to_owned()), Some("three".to_owned())]);
}

#[tokio::test]
async fn events_are_sent_to_whoever_listens_next_until_they_are_ended() {
    let world = World::new().await;
    let send = async |event: &str| world.control(Method::POST, "/events", &json!({ "event": event })).await.0;
    for round in ["first", "second"] {
        assert_eq!([send(&format!("data: {round}\n\n")).await, send("data: last\n\n").await], [204, 204]);
        assert_eq!(world.control(Method::DELETE, "/events", &Value::Null).await.0, 204);
        let heard = world.try_send(world.request(Method::GET, "/api/events")).await.unwrap();
        assert_eq!(heard.body, format!("data: {round}\n\ndata: last\n\n"));
    }
}
