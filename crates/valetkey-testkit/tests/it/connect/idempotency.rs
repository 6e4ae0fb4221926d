//! A request with an Idempotency-Key is carried out once.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::{Value, json};
use valetkey_app::{
    client::{Client, CreateClient},
    permission,
};
use valetkey_testkit::{
    app::{Outcome, TestApp, TestAppOptions},
    provider::{Misbehaviour, Moment},
};

use super::keyed::{code, create, keyed, keyed_as};
use crate::{database, fresh::world::World};

/// A client with every permission, whose tokens can be made anew.
pub(super) async fn new_client(app: &TestApp) -> Outcome<Client> {
    let client = CreateClient {
        environment: app.environment.id.clone(),
        name: "other".into(),
        permissions: permission::ALL.iter().map(|name| (*name).to_owned()).collect(),
    };
    Ok(app.app.create_client(client).await?.client)
}

async fn with_connection() -> Outcome<TestApp> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    Ok(app)
}

/// How many accounts there are.
async fn accounts(app: &TestApp) -> Outcome<usize> {
    let listed = app.call(Method::GET, "/v1/connect/accounts", None).await?;
    Ok(listed.json()["accounts"].as_array().map(Vec::len).unwrap_or_default())
}

/// A connected account and its id.
async fn connected(world: &World) -> Outcome<String> {
    world.connect("alice").await?;
    let account = world.app.account("test", "alice").await?;
    Ok(account["id"].as_str().ok_or("the account has no id")?.to_owned())
}

#[tokio::test]
async fn t68_same_key_same_body_replays() -> Outcome<()> {
    let app = with_connection().await?;
    let metadata = json!({ "a": 1, "b": { "c": true, "d": [1, 2] }, "e": "x" });
    let again = json!({ "e": "x", "b": { "d": [1, 2], "c": true }, "a": 1 });
    let client = new_client(&app).await?;
    let send = async |body: Value| {
        let token = app.app.issue_token(&client).await?.access_token;
        keyed_as(&app, token.expose(), "key-1", (Method::POST, "accounts"), &body).await
    };
    let first = send(json!({ "connection_id": "test", "identifier": "user", "metadata": metadata })).await?;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(accounts(&app).await?, 1);
    app.clock.advance(86_399);
    let replayed = send(json!({ "metadata": again, "identifier": "user", "connectionId": "test" })).await?;
    assert_eq!((replayed.status, replayed.json()), (first.status, first.json()));
    app.clock.advance(1);
    let carried_out = send(json!({ "connection_id": "test", "identifier": "user" })).await?;
    assert_eq!(code(&carried_out), (409, "ACCOUNT_ALREADY_EXISTS".into()));
    Ok(())
}

#[tokio::test]
async fn t68_the_same_request_over_grpc_replays_too() -> Outcome<()> {
    let app = with_connection().await?;
    let first = create(&app, "key-1", "user").await?;
    let message = b"\x0a\x04test\x1a\x04user";
    let frame = [&[0, 0, 0, 0, u8::try_from(message.len())?], &message[..]].concat();
    let request = Request::post("/valetkey.v1.AccountService/CreateAccount")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token.expose()))
        .header(header::CONTENT_TYPE, "application/grpc")
        .header("idempotency-key", "key-1");
    let replayed = app.send(request.body(Body::from(frame))?).await?;
    let id = first.json()["id"].as_str().ok_or("no id")?.to_owned();
    assert!(replayed.text.contains(&id), "{} {:?}", replayed.text, replayed.headers);
    Ok(())
}

#[tokio::test]
async fn t68_same_key_other_body_conflicts() -> Outcome<()> {
    let app = with_connection().await?;
    let first = create(&app, "key-1", "user").await?;
    let reused = (409, "IDEMPOTENCY_KEY_REUSED".to_owned());
    assert_eq!(code(&create(&app, "key-1", "other").await?), reused);
    let id = first.json()["id"].as_str().ok_or("no id")?.to_owned();
    let other_method = keyed(&app, "key-1", &format!("accounts/{id}:suspend"), &json!({})).await?;
    assert_eq!(code(&other_method), reused);
    assert_eq!(accounts(&app).await?, 1);
    assert_eq!(create(&app, "key-2", "other").await?.status, 200);
    assert_eq!(create(&app, "key-1", "user").await?.json(), first.json());
    Ok(())
}

#[tokio::test]
async fn t68_a_concurrent_second_waits() -> Outcome<()> {
    let world = World::new().await?;
    let path = format!("accounts/{}:refresh", connected(&world).await?);
    let sent = world.refreshes_sent();
    let mut gate = world.provider.hold_token_requests(&[Moment::BeforeIssuing]);
    let body = json!({});
    let (first, second) =
        (keyed(&world.app, "key-1", &path, &body), keyed(&world.app, "key-1", &path, &body));
    let release = async {
        let held = gate.next().await;
        let expected = "SELECT request_hash FROM idempotency_keys WHERE answer IS NULL";
        assert_eq!(database::blobs(&world.app, expected).await?.len(), 1, "it is under way");
        held.proceed();
        Outcome::Ok(())
    };
    let (first, second, released) = tokio::join!(first, second, release);
    released?;
    let (first, second) = (first?, second?);
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(second.json(), first.json());
    assert_eq!(world.refreshes_sent(), sent + 1);
    Ok(())
}

#[tokio::test]
async fn t68_a_request_whose_caller_is_gone_is_carried_out_and_its_answer_is_kept() -> Outcome<()> {
    let world = World::new().await?;
    let path = format!("accounts/{}:refresh", connected(&world).await?);
    let sent = world.refreshes_sent();
    let mut gate = world.provider.hold_token_requests(&[Moment::BeforeIssuing]);
    let body = json!({});
    let held = tokio::select! {
        answered = keyed(&world.app, "key-1", &path, &body) => panic!("it is held: {answered:?}"),
        held = gate.next() => held,
    };
    held.proceed();
    let answer = keyed(&world.app, "key-1", &path, &body).await?;
    assert_eq!((answer.status.as_u16(), world.refreshes_sent()), (200, sent + 1), "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn t68_an_answer_survives_a_restart() -> Outcome<()> {
    let app = with_connection().await?;
    let client = new_client(&app).await?;
    let send = async |app: &TestApp| {
        let token = app.app.issue_token(&client).await?.access_token;
        let body = json!({ "connection_id": "test", "identifier": "user" });
        keyed_as(app, token.expose(), "key-1", (Method::POST, "accounts"), &body).await
    };
    let first = send(&app).await?;
    assert_eq!(first.status, 200, "{}", first.text);
    let (database, clock) = (app.database.clone(), app.clock.clone());
    app.stop().await;
    let options =
        TestAppOptions { database: Some(database), clock: Some(clock), seed: 5, ..TestAppOptions::default() };
    let replayed = send(&TestApp::with(options).await?).await?;
    assert_eq!((replayed.status, replayed.json()), (first.status, first.json()));
    Ok(())
}

#[tokio::test]
async fn t68_the_key_of_another_caller_is_another_key() -> Outcome<()> {
    let app = with_connection().await?;
    assert_eq!(create(&app, "key-1", "user").await?.status, 200);
    let token = app.app.issue_token(&new_client(&app).await?).await?.access_token;
    let body = json!({ "connection_id": "test", "identifier": "other" });
    let other = keyed_as(&app, token.expose(), "key-1", (Method::POST, "accounts"), &body).await?;
    assert_eq!(other.status, 200, "{}", other.text);
    let (stranger, token) = app.another_environment("stranger").await?;
    assert_ne!(stranger.id, app.environment.id);
    let elsewhere = keyed_as(&app, token.expose(), "key-1", (Method::POST, "accounts"), &body).await?;
    assert_eq!(code(&elsewhere), (404, "CONNECTION_NOT_FOUND".into()));
    Ok(())
}

#[tokio::test]
async fn t68_a_key_whose_process_is_gone_is_free_for_the_same_request() -> Outcome<()> {
    let app = with_connection().await?;
    assert_eq!(create(&app, "key-1", "user").await?.status, 200);
    // What a process leaves that dies within the request: the key is taken, and nothing is answered.
    let now = app.app.now().millis();
    let died = format!("UPDATE idempotency_keys SET answer = NULL, held_until = {}", now + 30_000);
    database::run(&app, &died).await?;
    assert_eq!(code(&create(&app, "key-1", "other").await?), (409, "IDEMPOTENCY_KEY_REUSED".into()));
    let waits = create(&app, "key-1", "user");
    let passes = async {
        tokio::task::yield_now().await;
        app.clock.advance(31);
    };
    let (answer, ()) = tokio::join!(waits, passes);
    assert_eq!(code(&answer?), (409, "ACCOUNT_ALREADY_EXISTS".into()), "it was carried out again");
    Ok(())
}

#[tokio::test]
async fn what_may_go_better_the_next_time_is_not_kept() -> Outcome<()> {
    let world = World::new().await?;
    let path = format!("accounts/{}:refresh", connected(&world).await?);
    let busy = Misbehaviour::TokenError { status: 503, error: "busy".into(), description: None };
    world.misbehave(busy.times(1));
    let failed = keyed(&world.app, "key-1", &path, &json!({})).await?;
    assert_eq!(code(&failed), (503, "UNAVAILABLE".into()));
    world.app.clock.advance(600);
    let again = keyed(&world.app, "key-1", &path, &json!({})).await?;
    assert_eq!(again.status, 200, "{}", again.text);
    Ok(())
}

#[tokio::test]
async fn an_error_of_the_request_itself_is_kept() -> Outcome<()> {
    let app = TestApp::start().await?;
    let refused = create(&app, "key-1", "user").await?;
    assert_eq!(code(&refused), (404, "CONNECTION_NOT_FOUND".into()));
    app.connection("test").await?;
    let replayed = create(&app, "key-1", "user").await?;
    let without_id = |mut error: Value| {
        error["request_id"].take();
        error
    };
    assert_eq!(without_id(replayed.json()), without_id(refused.json()));
    assert_ne!(replayed.json()["request_id"], refused.json()["request_id"], "each request has its own id");
    assert_eq!(create(&app, "key-2", "user").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn what_only_reads_needs_no_key_and_takes_none() -> Outcome<()> {
    let app = with_connection().await?;
    for identifier in ["a", "b"] {
        create(&app, identifier, identifier).await?;
        let token = app.token.expose();
        let listed = keyed_as(&app, token, "reads", (Method::GET, "accounts"), &json!({})).await?;
        assert!(
            listed.status == 200 && listed.text.contains(&format!("\"{identifier}\"")),
            "{}",
            listed.text
        );
    }
    assert_eq!(database::blobs(&app, "SELECT request_hash FROM idempotency_keys").await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_key_is_1_to_255_printable_characters() -> Outcome<()> {
    let app = with_connection().await?;
    for key in [String::new(), "x".repeat(256), "\u{e9}".into(), "a\tb".into()] {
        assert_eq!(code(&create(&app, &key, "user").await?), (400, "INVALID_ARGUMENT".into()), "{key:?}");
    }
    assert_eq!(create(&app, &"~".repeat(255), "user").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn t68_a_secret_in_an_answer_is_sealed_and_replayed() -> Outcome<()> {
    let app = TestApp::start().await?;
    let first = keyed(&app, "key-1", "tokens", &json!({ "name": "ci" })).await?;
    let token = first.json()["token"].as_str().ok_or("no token")?.to_owned();
    let kept = database::blobs(&app, "SELECT answer FROM idempotency_keys").await?;
    assert!(kept.len() == 1 && !String::from_utf8_lossy(&database::dump(&app)?).contains(&token));
    assert_eq!(
        keyed(&app, "key-1", "tokens", &json!({ "name": "ci" })).await?.json()["token"],
        token.as_str()
    );
    Ok(())
}

#[tokio::test]
async fn keys_are_removed_after_a_day() -> Outcome<()> {
    let app = with_connection().await?;
    create(&app, "key-1", "user").await?;
    let keys = "SELECT request_hash FROM idempotency_keys";
    app.clock.advance(86_399);
    app.app.sweep().await?;
    assert_eq!(database::blobs(&app, keys).await?.len(), 1);
    app.clock.advance(1);
    app.app.sweep().await?;
    assert_eq!(database::blobs(&app, keys).await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn an_environment_has_a_limit_of_keys_in_a_day() -> Outcome<()> {
    let app = with_connection().await?;
    assert_eq!(create(&app, "key-1", "first").await?.status, 200);
    let columns = "request_id, request_hash, fencing, held_until, answer, expires_at";
    let fill = format!(
        "INSERT INTO idempotency_keys (environment_id, actor, name, {columns})
         WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 99998)
         SELECT environment_id, actor, 'filler-' || number, {columns} FROM numbers CROSS JOIN idempotency_keys"
    );
    database::run(&app, &fill).await?;
    app.clock.advance(60);
    assert_eq!(create(&app, "key-2", "second").await?.status, 200, "it is the last for which there is room");
    let refused = create(&app, "key-3", "third").await?;
    assert_eq!(code(&refused), (429, "RATE_LIMITED".into()), "{}", refused.text);
    assert!(refused.text.contains("100000 Idempotency-Keys"), "{}", refused.text);
    assert_eq!(accounts(&app).await?, 2);
    assert_eq!(create(&app, "key-1", "first").await?.status, 200, "a known key goes on to replay");
    let without = json!({ "connection_id": "test", "identifier": "third" });
    let without = app.call(Method::POST, "/v1/connect/accounts", Some(without)).await?;
    assert_eq!(without.status, 200, "{}", without.text);
    let (_, stranger) = app.another_environment("stranger").await?;
    let body = json!({ "name": "ci" });
    let elsewhere = keyed_as(&app, stranger.expose(), "key-3", (Method::POST, "tokens"), &body).await?;
    assert_eq!(elsewhere.status, 200, "{}", elsewhere.text);
    app.clock.advance(86_400);
    app.app.sweep().await?;
    let token = app.app.issue_token(&new_client(&app).await?).await?.access_token;
    let body = json!({ "connection_id": "test", "identifier": "fourth" });
    let later = keyed_as(&app, token.expose(), "key-3", (Method::POST, "accounts"), &body).await?;
    assert_eq!(later.status, 200, "{}", later.text);
    Ok(())
}
