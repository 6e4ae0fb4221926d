//! Two readers of one connection must not disagree about where a request ends.

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use hyper::body::Frame;
use valetkey_testkit::app::{Outcome, TestApp};

use super::{
    client::{by_pieces, http2, raw},
    to, with_alice,
};

/// A request for `/api/scripted` with these lines and this body, and another hidden behind it.
fn request(app: &TestApp, lines: &str, body: &str) -> Vec<u8> {
    let token = app.token.expose();
    format!(
        "POST /proxy/api/scripted HTTP/1.1\r\nHost: valetkey\r\nAuthorization: Bearer {token}\r\n\
         Connection_name: test\r\nidentifier: alice\r\n{lines}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn hidden(app: &TestApp) -> String {
    let token = app.token.expose();
    format!(
        "POST /proxy/api/scripted/hidden HTTP/1.1\r\nHost: valetkey\r\nAuthorization: Bearer {token}\r\n\
         Connection_name: test\r\nidentifier: alice\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

#[tokio::test]
async fn t76_a_request_of_doubtful_length_is_refused_and_nothing_is_sent() -> Outcome<()> {
    let world = with_alice().await?;
    let (app, hidden) = (&world.app, hidden(&world.app));
    let (length, chunked) = (hidden.len() + 5, format!("0\r\n\r\n{hidden}"));
    let behind_nothing = format!("Content-Length: 0\r\nContent-Length: {length}");
    for (lines, body) in [
        (behind_nothing.as_str(), hidden.as_str()),
        ("Content-Length: 3, 4", "abcd"),
        ("Content-Length: +3", "abc"),
        ("Content-Length: -1", ""),
        ("Content-Length: 0x3", "abc"),
        ("Transfer-Encoding: xchunked", &chunked),
        ("Transfer-Encoding: chunked, identity", &chunked),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", &chunked),
        ("Transfer-Encoding : chunked", &chunked),
        ("Transfer-Encoding\x0b: chunked", &chunked),
        ("X: 1\r\n Transfer-Encoding: chunked", &chunked),
        ("X: a\0b", ""),
        ("X: a\rTransfer-Encoding: chunked", &chunked),
    ] {
        let answer = raw(app, &request(app, lines, body)).await?;
        assert!(answer.starts_with("HTTP/1.1 400"), "{lines:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lines:?}: {answer}");
    }
    let old = String::from_utf8(request(app, "Transfer-Encoding: chunked", &chunked))?;
    let answer = raw(app, old.replace("HTTP/1.1\r\nHost", "HTTP/1.0\r\nHost").as_bytes()).await?;
    assert!(answer.contains(" 400 "), "{answer}");
    assert_eq!(world.provider.scripted_requests(), 0);
    Ok(())
}

#[tokio::test]
async fn t76_a_length_beside_chunks_has_no_say_and_nothing_behind_the_request_is_read() -> Outcome<()> {
    let world = with_alice().await?;
    let (app, hidden) = (&world.app, hidden(&world.app));
    let body = format!("0\r\n\r\n{hidden}");
    for lines in [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked", body.len()),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {}", body.len()),
        "Transfer-Encoding: chunked\r\nContent-Length: 0".to_owned(),
    ] {
        let before = world.provider.scripted_requests();
        let answer = raw(app, &request(app, &lines, &body)).await?;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lines:?}: {answer}");
        assert!(world.provider.scripted_requests() - before <= 1, "{lines:?}");
    }
    Ok(())
}

#[tokio::test]
async fn t76_a_broken_chunk_breaks_the_call_and_is_not_completed() -> Outcome<()> {
    let world = with_alice().await?;
    let app = &world.app;
    for body in ["zz\r\nabc\r\n0\r\n\r\n", "-1\r\n", "ffffffffffffffffff\r\nabc", "3\r\nabcX0\r\n\r\n"] {
        let answer = raw(app, &request(app, "Transfer-Encoding: chunked", body)).await?;
        assert!(!answer.contains(" 200 "), "{body:?}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn t76_a_length_that_an_http2_body_does_not_have_breaks_the_call() -> Outcome<()> {
    let world = with_alice().await?;
    for (announced, sent) in [("7", &b"123"[..]), ("3", b"1234567")] {
        let (pieces, body) = by_pieces();
        let request = to(&world.app, Method::POST, "/api/scripted").header("content-length", announced);
        let written = async {
            // The connection may be gone before the end.
            let _ = pieces.send(Ok(Frame::data(Bytes::from_static(sent)))).await;
            drop(pieces);
        };
        let (answer, ()) = tokio::join!(http2(&world.app, request.body(body)?), written);
        let answered = answer.map(|answer| answer.status().as_u16());
        assert!(!matches!(answered, Ok(200)), "{announced}: {answered:?}");
    }
    assert_eq!(world.provider.scripted_requests(), 0);
    Ok(())
}

#[tokio::test]
async fn t76_headers_of_an_http1_connection_do_not_come_through_http2() -> Outcome<()> {
    let world = with_alice().await?;
    let (pieces, body) = by_pieces();
    drop(pieces);
    // `te: trailers` is the only one that HTTP/2 allows.
    let request = to(&world.app, Method::POST, "/api/request").header("te", "trailers").header("x-kept", "1");
    let answer = http2(&world.app, request.body(body)?).await?.into_body().collect().await?.to_bytes();
    let shown: serde_json::Value = serde_json::from_slice(&answer)?;
    assert_eq!(super::values(&shown, "x-kept"), ["1"]);
    for name in ["keep-alive", "proxy-connection", "upgrade", "http2-settings"] {
        assert!(super::values(&shown, name).is_empty(), "{name}");
    }
    let host = world.app.provider.base_url.trim_start_matches("http://").to_owned();
    assert_eq!(super::values(&shown, "host"), [host]);
    Ok(())
}
