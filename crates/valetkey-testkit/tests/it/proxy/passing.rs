//! A call reaches the provider as it was made, and its answer comes back as it was given.

use axum::body::Body;
use http::Method;
use serde_json::json;
use sha2::{Digest, Sha256};
use valetkey_testkit::{app::Outcome, provider::ScriptedAnswer};

use super::{get, header, shown, to, values, with_alice};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[tokio::test]
async fn a_call_carries_the_credential_and_no_header_that_is_for_this_server() -> Outcome<()> {
    let world = with_alice().await?;
    let request = to(&world.app, Method::GET, "/api/request/users?x=1").header("x-mine", "1");
    let seen = shown(&world.app, request.body(Body::empty())?).await?;
    assert_eq!((&seen["method"], &seen["target"]), (&json!("GET"), &json!("/api/request/users?x=1")));
    let token = world.tokens("alice").await?.0;
    // Also in this answer the token is not shown.
    assert_eq!(values(&seen, "authorization"), [format!("Bearer {}", "*".repeat(token.len()))]);
    assert_eq!(get(&world.app, "/api/me").await?.json()["subject"], "alice");
    assert_eq!(values(&seen, "x-mine"), ["1"]);
    for name in ["connection_name", "identifier", "x-sdk-version", "cookie", "forwarded", "transfer-encoding"]
    {
        assert_eq!(values(&seen, name), Vec::<&str>::new(), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn t79_path_and_query_reach_the_provider_to_the_letter() -> Outcome<()> {
    let world = with_alice().await?;
    for target in [
        "/api/request/a%2Fb/c//d/",
        "/api/request/users/me@acme.example:tickets;v=1,2",
        "/api/request?b=x&b=y&c[]=1&d%5B%5D=2",
        "/api/request?$filter=name%20eq%20'a'&q=a+b%2Bc&empty=&flag",
        "/api/request/caf%C3%A9?x=%E2%82%AC&y=%ff",
        "/api/request/UPPER%2fcase?&&=",
    ] {
        let seen = shown(&world.app, to(&world.app, Method::GET, target).body(Body::empty())?).await?;
        assert_eq!(seen["target"], target);
    }
    Ok(())
}

#[tokio::test]
async fn every_method_and_kind_of_body_passes_byte_for_byte() -> Outcome<()> {
    let world = with_alice().await?;
    let binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let multipart = b"--b\r\ncontent-disposition: form-data; name=\"f\"\r\n\r\n\x00\xff\r\n--b--\r\n";
    for (method, kind, body) in [
        (Method::POST, "application/json", &br#"{"a": 1.0}"#[..]),
        (Method::PUT, "application/x-www-form-urlencoded", b"a=1&b=x+y"),
        (Method::PATCH, "multipart/form-data; boundary=b", multipart),
        (Method::DELETE, "text/plain", "ä".as_bytes()),
        (Method::POST, "application/octet-stream", &binary),
        (Method::GET, "application/json", b"{}"),
        (Method::POST, "application/grpc", b"\0\0\0\0\0"),
    ] {
        let request = to(&world.app, method.clone(), "/api/request").header("content-type", kind);
        let seen = shown(&world.app, request.body(Body::from(body.to_vec()))?).await?;
        assert_eq!(seen["method"], method.as_str());
        assert_eq!((&seen["length"], &seen["sha256"]), (&json!(body.len()), &json!(sha256(body))), "{kind}");
        assert_eq!(values(&seen, "content-type"), [kind]);
        assert_eq!(values(&seen, "content-length"), [body.len().to_string()], "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn a_post_without_a_body_says_so_and_a_get_says_nothing() -> Outcome<()> {
    let world = with_alice().await?;
    for (method, length) in [(Method::POST, vec!["0"]), (Method::GET, vec![])] {
        let seen = shown(&world.app, to(&world.app, method, "/api/request").body(Body::empty())?).await?;
        assert_eq!(values(&seen, "content-length"), length);
    }
    Ok(())
}

#[tokio::test]
async fn status_headers_and_body_come_back_as_they_are() -> Outcome<()> {
    let world = with_alice().await?;
    let answer = ScriptedAnswer::new(418)
        .header("x-page", "1")
        .header("x-page", "2")
        .header("etag", "\"1\"")
        .header("content-type", "application/problem+json")
        .header("x-request-id", "of the provider")
        .body(r#"{"title": "teapot"}"#);
    world.provider.script([answer]);
    let answer = get(&world.app, "/api/scripted").await?;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (418, r#"{"title": "teapot"}"#));
    let pages: Vec<_> = answer.headers.get_all("x-page").iter().collect();
    assert_eq!(pages, ["1", "2"]);
    for (name, value) in [
        ("etag", "\"1\""),
        ("content-type", "application/problem+json"),
        ("x-request-id", "of the provider"),
        ("x-valetkey-error-source", "provider"),
    ] {
        assert_eq!(header(&answer, name), Some(value));
    }
    assert!(header(&answer, "x-valetkey-execution-id").is_some_and(|id| id.starts_with("exec_")));
    Ok(())
}

#[tokio::test]
async fn quirk_84_compressed_bodies_are_not_touched() -> Outcome<()> {
    let world = with_alice().await?;
    // A gzip member with the text "hi", whose header bytes are no UTF-8.
    let gzip = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 200, 4, 0, 172, 42, 147, 216, 2, 0, 0, 0];
    let scripted = ScriptedAnswer::new(200)
        .header("content-encoding", "gzip")
        .header("content-type", "application/json")
        .header("vary", "accept-encoding")
        .body(gzip);
    world.provider.script([scripted]);
    let request = to(&world.app, Method::GET, "/api/scripted").header("accept-encoding", "gzip, br");
    let response = tower::ServiceExt::oneshot(world.app.router.clone(), request.body(Body::empty())?).await?;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let body = http_body_util::BodyExt::collect(response.into_body()).await?.to_bytes();
    assert_eq!(&body[..], gzip);
    let asked = to(&world.app, Method::GET, "/api/request").header("accept-encoding", "gzip, br");
    assert_eq!(
        values(&shown(&world.app, asked.body(Body::empty())?).await?, "accept-encoding"),
        ["identity"]
    );
    Ok(())
}

#[tokio::test]
async fn quirk_84_answers_without_a_body_have_none() -> Outcome<()> {
    let world = with_alice().await?;
    world.provider.script([ScriptedAnswer::new(204), ScriptedAnswer::new(304).header("etag", "\"1\"")]);
    for status in [204, 304] {
        let answer = get(&world.app, "/api/scripted").await?;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (status, ""));
    }
    let head = to(&world.app, Method::HEAD, "/api/download/1000").body(Body::empty())?;
    let answer = world.app.send(head).await?;
    assert_eq!((answer.status.as_u16(), header(&answer, "content-length")), (200, Some("1000")));
    assert_eq!(answer.text, "");
    Ok(())
}

#[tokio::test]
async fn hyphens_in_the_names_of_our_headers_and_the_id_of_the_account_do_as_well() -> Outcome<()> {
    let world = with_alice().await?;
    let id = world.app.account("test", "alice").await?["id"].as_str().unwrap_or_default().to_owned();
    let named: [&[(&str, &str)]; 3] = [
        &[("connection-name", "TEST"), ("identifier", "alice")],
        &[("connected_account_id", &id)],
        &[("connected-account-id", &id)],
    ];
    for headers in named {
        let token = format!("Bearer {}", world.app.token.expose());
        let mut request = http::Request::builder().uri("/proxy/api/request").header("authorization", token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let seen = shown(&world.app, request.body(Body::empty())?).await?;
        for (name, _) in headers {
            assert_eq!(values(&seen, name), Vec::<&str>::new(), "{name}");
        }
    }
    Ok(())
}
