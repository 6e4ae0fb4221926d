//! A refresh is sent at most once, and whether it may have been sent is told truthfully.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use valetkey_core::refresh::OutcomeClass;
use valetkey_provider::{
    ProviderOptions,
    egress::{Addresses, Resolve, Sent},
    oauth::TokenError,
};

use crate::{
    server::Reply,
    site::{Site, expired},
};

struct Never;

impl Resolve for Never {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        Box::pin(std::future::pending())
    }
}

fn tokens() -> Reply {
    Reply::json(200, json!({ "access_token": "at-1", "refresh_token": "rt-1", "expires_in": 3600 }))
}

async fn failure(site: &Site) -> TokenError {
    site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap_err()
}

fn certainly_not_sent(error: &TokenError) -> bool {
    matches!(error, TokenError::Transient { sent: Sent::No, .. }) && error.class() == OutcomeClass::Transient
}

#[tokio::test]
async fn a_kept_connection_that_breaks_under_a_refresh_does_not_make_it_go_out_twice() {
    let site = Site::new([tokens(), Reply::Bytes(""), tokens()]).await;
    site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap();
    let error = failure(&site).await;
    assert_eq!(error.class(), OutcomeClass::Unknown, "{error}");
    let received = site.server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].connection, received[1].connection, "the connection was kept");
}

#[tokio::test]
async fn an_answer_that_breaks_off_leaves_the_outcome_unknown() {
    for part in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 90\r\ncontent-type: application/json\r\n\r\n{\"access_token\":",
    ] {
        let site = Site::new([Reply::Bytes(part)]).await;
        let error = failure(&site).await;
        assert_eq!(error.class(), OutcomeClass::Unknown, "{part:?}: {error}");
        assert!(error.maybe_issued());
        site.server.only();
    }
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_in_the_time_of_the_request_leaves_the_outcome_unknown() {
    // The first refresh leaves a connection, so that all of the time is spent waiting for the answer.
    let mut site = Site::new([tokens(), Reply::Silence]).await;
    site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap();
    site.timeout = Duration::from_millis(300);
    let error = failure(&site).await;
    assert_eq!(error.class(), OutcomeClass::Unknown, "{error}");
    assert!(error.to_string().ends_with("did not answer within 0.3 s"), "{error}");
    assert_eq!(site.server.received().len(), 2);
}

#[tokio::test]
async fn a_name_that_is_not_resolved_in_the_time_of_the_request_means_that_nothing_was_sent() {
    let options = ProviderOptions { resolver: Some(Arc::new(Never)), ..ProviderOptions::default() };
    let mut site = Site::with([], options).await;
    site.timeout = Duration::from_millis(50);
    let oauth2 = site.oauth2(json!({ "token": { "url": "https://token.example/token" } }));
    let error = site.refresh(&oauth2, &expired()).await.unwrap_err();
    assert!(certainly_not_sent(&error), "{error:?}");
}

#[tokio::test]
async fn a_closed_port_and_a_failed_handshake_mean_that_nothing_was_sent() {
    let site = Site::new([]).await;
    let closed = site.oauth2(json!({ "token": { "url": "http://127.0.0.1:9/token" } }));
    let error = site.refresh(&closed, &expired()).await.unwrap_err();
    assert!(certainly_not_sent(&error), "{error:?}");
    let tls = site.at("/token").replace("http://", "https://");
    let error = site.refresh(&site.oauth2(json!({ "token": { "url": tls } })), &expired()).await.unwrap_err();
    assert!(certainly_not_sent(&error), "{error:?}");
    assert!(site.server.received().is_empty());
}
