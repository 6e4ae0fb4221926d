//! Bodies pass as they come, in both directions, and whoever goes away takes the call with it.

use bytes::Bytes;
use http::{Method, header::HeaderMap};
use http_body_util::BodyExt;
use hyper::body::Frame;
use serde_json::Value;
use valetkey_core::settings::AccountSettings;
use valetkey_provider::ProviderOptions;
use valetkey_testkit::{
    app::{Outcome, TestAppOptions},
    provider::{ScriptedAnswer, Upload},
};

use super::{
    client::{by_pieces, empty, http1, http2, piece},
    to, values, with_alice,
};
use crate::fresh::world::World;

#[tokio::test]
async fn quirk_84_events_come_one_by_one() -> Outcome<()> {
    let world = with_alice().await?;
    let feed = world.provider.feed_events();
    let answer = http1(&world.app, to(&world.app, Method::GET, "/api/events").body(empty())?).await?;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut body = answer.into_body();
    for event in ["data: 1\n\n", "data: {\"y\": \"2\"}\n\n"] {
        feed.send(event.into())?;
        assert_eq!(piece(&mut body).await?, event);
    }
    drop(feed);
    assert_eq!(piece(&mut body).await?, "");
    Ok(())
}

#[tokio::test]
async fn a_caller_who_leaves_a_stream_ends_the_call() -> Outcome<()> {
    let world = with_alice().await?;
    let feed = world.provider.feed_events();
    let answer = http1(&world.app, to(&world.app, Method::GET, "/api/events").body(empty())?).await?;
    let mut body = answer.into_body();
    feed.send("data: 1\n\n".into())?;
    assert_eq!(piece(&mut body).await?, "data: 1\n\n");
    drop(body);
    feed.closed().await;
    Ok(())
}

#[tokio::test]
async fn an_upload_is_sent_on_while_it_comes() -> Outcome<()> {
    let world = with_alice().await?;
    let mut uploads = world.provider.uploads().subscribe();
    let (pieces, body) = by_pieces();
    let request = to(&world.app, Method::POST, "/api/request").body(body)?;
    let app = world.app.url.clone();
    let sent = http1(&world.app, request);
    let written = async {
        for total in [5_u64, 10] {
            pieces.send(Ok(Frame::data(Bytes::from_static(b"piece")))).await?;
            uploads.wait_for(|upload| upload.received == total).await?;
        }
        drop(pieces);
        Outcome::Ok(())
    };
    let (answer, written) = tokio::join!(sent, written);
    written?;
    let shown: Value = serde_json::from_slice(&answer?.into_body().collect().await?.to_bytes())?;
    assert_eq!(shown["length"], 10, "{app}");
    assert_eq!(values(&shown, "transfer-encoding"), ["chunked"]);
    Ok(())
}

#[tokio::test]
async fn a_caller_who_leaves_an_upload_ends_it_at_the_provider_too() -> Outcome<()> {
    let world = with_alice().await?;
    let mut uploads = world.provider.uploads().subscribe();
    let (pieces, body) = by_pieces();
    let request = to(&world.app, Method::POST, "/api/request").body(body)?;
    let left = async {
        pieces.send(Ok(Frame::data(Bytes::from_static(b"piece")))).await?;
        uploads.wait_for(|upload| upload.received == 5).await?;
        pieces.send(Err(std::io::Error::other("gone"))).await?;
        Outcome::Ok(())
    };
    let (answer, left) = tokio::join!(http1(&world.app, request), left);
    left?;
    assert!(answer.is_err());
    uploads.wait_for(|upload| *upload == Upload { received: 5, broken: true }).await?;
    Ok(())
}

#[tokio::test]
async fn trailers_pass_in_both_directions_without_what_may_not() -> Outcome<()> {
    let world = with_alice().await?;
    let (pieces, body) = by_pieces();
    let trailers = HeaderMap::from_iter([
        ("x-sum".parse()?, "1".parse()?),
        ("authorization".parse::<http::HeaderName>()?, "Bearer mine".parse::<http::HeaderValue>()?),
    ]);
    let request = to(&world.app, Method::POST, "/api/request").header("trailer", "x-sum, authorization");
    let written = async {
        pieces.send(Ok(Frame::data(Bytes::from_static(b"piece")))).await?;
        pieces.send(Ok(Frame::trailers(trailers))).await?;
        drop(pieces);
        Outcome::Ok(())
    };
    let (answer, written) = tokio::join!(http2(&world.app, request.body(body)?), written);
    written?;
    let shown: Value = serde_json::from_slice(&answer?.into_body().collect().await?.to_bytes())?;
    assert_eq!(shown["trailers"], serde_json::json!([["x-sum", "1"]]));

    let scripted = ScriptedAnswer::new(200).body("body").trailer("x-sum", "2").trailer("set-cookie", "a=b");
    world.provider.script([scripted]);
    let request = to(&world.app, Method::GET, "/api/scripted").header("te", "trailers").body(empty())?;
    let body = http2(&world.app, request).await?.into_body().collect().await?;
    assert_eq!(body.trailers(), Some(&HeaderMap::from_iter([("x-sum".parse()?, "2".parse()?)])));
    Ok(())
}

#[tokio::test]
async fn quirk_84_an_answer_that_breaks_off_does_not_look_complete() -> Outcome<()> {
    let world = with_alice().await?;
    for version in [1, 2] {
        world.provider.script([ScriptedAnswer::new(200).body("half of it").cut()]);
        let request = to(&world.app, Method::GET, "/api/scripted").body(empty())?;
        let answer =
            if version == 1 { http1(&world.app, request).await? } else { http2(&world.app, request).await? };
        let mut body = answer.into_body();
        assert_eq!(piece(&mut body).await?, "half of it");
        assert!(piece(&mut body).await.is_err(), "HTTP/{version}");
    }
    Ok(())
}

#[tokio::test]
async fn t76_an_answer_that_pauses_for_too_long_is_broken_off() -> Outcome<()> {
    let short: fn(&mut ProviderOptions) =
        |options| options.timeouts.idle = std::time::Duration::from_millis(100);
    let world = World::with(TestAppOptions { egress: Some(short), ..TestAppOptions::default() }).await?;
    world.connect("alice").await?;
    let feed = world.provider.feed_events();
    let answer = http1(&world.app, to(&world.app, Method::GET, "/api/events").body(empty())?).await?;
    let mut body = answer.into_body();
    feed.send("data: 1\n\n".into())?;
    assert_eq!(piece(&mut body).await?, "data: 1\n\n");
    assert!(piece(&mut body).await.is_err());
    feed.closed().await;
    Ok(())
}

#[tokio::test]
async fn t76_an_upload_that_pauses_for_too_long_is_given_up() -> Outcome<()> {
    let world = with_alice().await?;
    super::set(&world, AccountSettings { timeout: Some(1), ..AccountSettings::default() }).await?;
    let mut uploads = world.provider.uploads().subscribe();
    let (pieces, body) = by_pieces();
    let request = to(&world.app, Method::POST, "/api/request").body(body)?;
    let written = pieces.send(Ok(Frame::data(Bytes::from_static(b"piece"))));
    let (answer, written) = tokio::join!(http1(&world.app, request), written);
    written?;
    assert_eq!(answer?.status(), 400, "it is not the provider who is silent");
    uploads.wait_for(|upload| upload.broken).await?;
    Ok(())
}
