//! Answers that come late, in part, or not at all.
#![allow(clippy::disallowed_methods, reason = "the bytes on the wire are what is to be seen")]

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    super::{Misbehaviour, Moment, RefreshTokenState},
    world::World,
};

/// Nobody waits for so long, in milliseconds.
const LONG: u64 = 3_600_000;

/// What the newest refresh token is after a client has given up.
async fn given_up(wrong: Misbehaviour) -> RefreshTokenState {
    let world = World::impatient().await;
    world.site.provider.misbehave(wrong);
    let grant = world.grant();
    assert!(world.try_refresh(&grant.refresh_token).await.is_none());
    world.site.provider.refresh_token_state(&grant.refresh_token)
}

#[tokio::test]
async fn a_slow_endpoint_has_spent_nothing_yet_and_a_late_answer_has() {
    let slow = Misbehaviour::SlowToken { milliseconds: LONG };
    assert_eq!(given_up(slow).await, RefreshTokenState::Newest);
    assert_eq!(given_up(Misbehaviour::TokenHangs).await, RefreshTokenState::Newest);
    let late = Misbehaviour::AnswersLate { milliseconds: LONG };
    assert_eq!(given_up(late).await, RefreshTokenState::Spent);
}

#[tokio::test]
async fn a_revocation_that_is_slow_or_hangs_has_not_happened() {
    for wrong in [Misbehaviour::SlowRevocation { milliseconds: LONG }, Misbehaviour::RevocationHangs] {
        let world = World::impatient().await;
        world.site.provider.misbehave(wrong);
        let grant = world.grant();
        let revocation = world.form("/revoke", &[("token", &grant.refresh_token)]);
        assert!(world.try_send(revocation).await.is_none());
        assert!(world.site.provider.is_grant_alive(&grant.grant));
    }
}

/// A connection on which a refresh was asked for.
async fn asked(world: &World, token: &str) -> TcpStream {
    let address = world.site.base_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let form = format!(
        "grant_type=refresh_token&client_id=test-client&client_secret=test-secret&refresh_token={token}"
    );
    let request = format!(
        "POST /token HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// The bytes that a refresh is answered, and what the refresh token is afterwards.
async fn bytes(wrong: Misbehaviour) -> (String, RefreshTokenState) {
    let world = World::misbehaving(wrong).await;
    let token = world.grant().refresh_token;
    let mut answer = String::new();
    asked(&world, &token).await.read_to_string(&mut answer).await.unwrap();
    (answer, world.site.provider.refresh_token_state(&token))
}

#[tokio::test]
async fn a_request_whose_client_gave_up_is_carried_out_all_the_same() {
    let world = World::new().await;
    let token = world.grant().refresh_token;
    let mut gate = world.site.provider.hold_token_requests(&[Moment::BeforeIssuing, Moment::AfterIssuing]);
    let mut stream = asked(&world, &token).await;
    let held = gate.next().await;
    stream.shutdown().await.unwrap();
    // Once this ends, the provider has seen that nobody waits.
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    held.proceed();
    let done = tokio::time::timeout(Duration::from_secs(30), gate.next()).await.expect("it goes on");
    assert!(done.event.granted);
    assert_eq!(world.site.provider.refresh_token_state(&token), RefreshTokenState::Spent);
}

#[tokio::test]
async fn a_connection_breaks_before_instead_of_and_within_the_answer() {
    assert_eq!(bytes(Misbehaviour::DropsRequest).await, (String::new(), RefreshTokenState::Newest));
    assert_eq!(bytes(Misbehaviour::DropsAnswer).await, (String::new(), RefreshTokenState::Spent));
    let (answer, state) = bytes(Misbehaviour::DropsMidBody).await;
    assert_eq!(state, RefreshTokenState::Spent);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && body.starts_with("{\"access_token\""), "{answer}");
    let whole = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), whole.parse::<usize>().unwrap() / 2);
}

#[tokio::test]
async fn a_provider_that_stops_closes_its_connections() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.site.base_url.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(b"GET /api/me HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 401");
    world.site.stop();
    let mut rest = Vec::new();
    // The end of the stream, or a reset.
    let _ = stream.read_to_end(&mut rest).await;
}
