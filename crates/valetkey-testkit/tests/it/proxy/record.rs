//! Every call is recorded, once, when it has ended.

use bytes::Bytes;
use http::Method;
use hyper::body::Frame;
use valetkey_app::call::{CallQuery, ToolCall};
use valetkey_core::call::{CallOutcome, CallSource};
use valetkey_store::PageRequest;
use valetkey_testkit::{
    app::{Outcome, TestApp},
    provider::ScriptedAnswer,
};

use super::{
    client::{by_pieces, empty, http1, piece},
    get, header, to, with_alice,
};

/// The calls of the log, newest first.
async fn calls(app: &TestApp) -> Outcome<Vec<ToolCall>> {
    app.app.flush_uses().await?;
    let page = PageRequest { size: 10, token: None };
    Ok(app.app.list_calls(&app.operator(), CallQuery::default(), &page).await?.items)
}

/// The newest call, as soon as there is one: what follows the last byte is not waited for by the caller.
async fn recorded(app: &TestApp) -> Outcome<ToolCall> {
    loop {
        if let Some(call) = calls(app).await?.into_iter().next() {
            return Ok(call);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn t93_a_call_is_recorded_with_who_for_whom_what_where_and_how_it_ended() -> Outcome<()> {
    let world = with_alice().await?;
    let request = to(&world.app, Method::GET, "/api/request/x?secret=1").header("agent_run_id", "run-1");
    let answer = world.app.send(request.body(axum::body::Body::empty())?).await?;
    let call = calls(&world.app).await?.remove(0);
    assert_eq!(header(&answer, "x-valetkey-execution-id"), Some(call.id.as_str()));
    assert_eq!(call.actor, world.app.client().await?.actor);
    assert_eq!(call.tool_name, "GET /api/request/x");
    assert_eq!(
        (call.source, call.outcome, call.status),
        (CallSource::Proxy, CallOutcome::Success, Some(200))
    );
    assert_eq!((call.connection_name.as_str(), call.identifier.as_str()), ("test", "alice"));
    assert_eq!((call.provider.as_str(), call.host.as_str()), ("TESTPROVIDER", "127.0.0.1"));
    assert_eq!(call.agent_run_id.as_deref(), Some("run-1"));
    assert!(call.account_id.is_some() && call.connection_id.is_some());
    assert_eq!((call.error_code.as_str(), call.error_message.as_str()), ("", ""));
    Ok(())
}

#[tokio::test]
async fn t93_a_failure_is_recorded_with_whose_it_is() -> Outcome<()> {
    let world = with_alice().await?;
    world.provider.script([ScriptedAnswer::new(404)]);
    for (path, status, code, outcome) in [
        ("/api/scripted", Some(404), "HTTP_404", CallOutcome::ProviderError),
        ("/../x", None, "INVALID_ARGUMENT", CallOutcome::PlatformError),
    ] {
        let answer = get(&world.app, path).await?;
        let calls = calls(&world.app).await?;
        let id = header(&answer, "x-valetkey-execution-id").unwrap();
        let call = calls.iter().find(|call| call.id.as_str() == id).expect("the call is recorded");
        assert_eq!((call.status, call.error_code.as_str(), call.outcome), (status, code, outcome));
    }
    Ok(())
}

#[tokio::test]
async fn t93_a_stream_is_recorded_when_the_caller_leaves_it() -> Outcome<()> {
    let world = with_alice().await?;
    let feed = world.provider.feed_events();
    let answer = http1(&world.app, to(&world.app, Method::GET, "/api/events").body(empty())?).await?;
    feed.send("data: 1\n\n".into())?;
    let mut body = answer.into_body();
    piece(&mut body).await?;
    assert!(calls(&world.app).await?.is_empty(), "it has not ended");
    drop(body);
    feed.closed().await;
    let call = recorded(&world.app).await?;
    assert_eq!((call.outcome, call.status), (CallOutcome::Success, Some(200)));
    assert_eq!(call.error_code, "CALLER_LEFT");
    Ok(())
}

#[tokio::test]
async fn t93_a_caller_who_leaves_before_the_answer_is_not_held_against_the_provider() -> Outcome<()> {
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
    uploads.wait_for(|upload| upload.broken).await?;
    let call = recorded(&world.app).await?;
    assert_eq!((call.outcome, call.status), (CallOutcome::PlatformError, None));
    Ok(())
}
