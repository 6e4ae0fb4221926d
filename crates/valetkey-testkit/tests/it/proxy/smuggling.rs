//! Two readers of one connection must not disagree about where a request ends.

use http::Method;
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
async fn t76_http2_does_not_bring_headers_of_http1_to_the_provider() -> Outcome<()> {
    let world = with_alice().await?;
    let before = world.provider.scripted_requests();
    let (pieces, body) = by_pieces();
    drop(pieces);
    let request = to(&world.app, Method::POST, "/api/scripted").header("content-length", "7").body(body)?;
    assert!(
        http2(&world.app, request).await.is_ok_and(|answer| answer.status() != 200)
            || world.provider.scripted_requests() == before
    );
    for (name, value) in [("transfer-encoding", "chunked"), ("connection", "x-mine"), ("upgrade", "h2c")] {
        let (pieces, body) = by_pieces();
        drop(pieces);
        let request = to(&world.app, Method::POST, "/api/request").header(name, value).body(body)?;
        let answer = http2(&world.app, request).await;
        let Ok(answer) = answer else { continue };
        let shown = http_body_util::BodyExt::collect(answer.into_body()).await?.to_bytes();
        let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap_or_default();
        if shown.is_object() {
            assert!(!super::values(&shown, name).contains(&value) || name == "transfer-encoding", "{shown}");
        }
    }
    Ok(())
}
