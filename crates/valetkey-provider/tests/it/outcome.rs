//! What answers to a refresh mean.

use serde_json::json;
use valetkey_core::refresh::OutcomeClass;
use valetkey_provider::oauth::{TokenError, Unusable};

use crate::{
    server::Reply,
    site::{Site, class, expired},
};

#[tokio::test]
async fn quirk_68_withdrawn_access_is_told_apart_where_the_provider_proves_it() {
    let rules = json!({ "token": { "answer": { "errors": [
        { "pointer": "/error", "equals": "token_revoked", "meaning": "revoked_at_provider" },
        { "pointer": "/error" },
    ] } } });
    let said = |error: &str| Reply::json(400, json!({ "error": error }));
    assert_eq!(class(said("token_revoked"), rules.clone()).await, OutcomeClass::RevokedAtProvider);
    assert_eq!(class(said("invalid_grant"), rules).await, OutcomeClass::GrantRevoked);
}

#[tokio::test]
async fn t19_t32_t33_quirk_44_answers_of_every_kind_have_their_class() {
    use OutcomeClass::{
        ClientMisconfigured, GrantRevoked, RateLimited, ScopeProblem, Transient, UnusableAnswer,
    };
    let error = |status: u16, code: &str| Reply::json(status, json!({ "error": code }));
    let page = |status| Reply::Answer {
        status,
        headers: vec![("content-type", "text/html".into())],
        body: "<!doctype html>".into(),
    };
    for (reply, expected) in [
        (error(400, "invalid_grant"), GrantRevoked),
        (error(200, "invalid_grant"), GrantRevoked),
        (error(401, "invalid_client"), ClientMisconfigured),
        (error(400, "unauthorized_client"), ClientMisconfigured),
        (error(400, "invalid_scope"), ScopeProblem),
        (error(429, "invalid_grant"), RateLimited),
        (error(503, "invalid_grant"), Transient),
        (error(500, "server_error"), Transient),
        (page(502), Transient),
        (page(200), UnusableAnswer),
        (page(404), UnusableAnswer),
        (error(400, "never_heard_of"), UnusableAnswer),
        (Reply::json(200, json!({ "token": "elsewhere" })), UnusableAnswer),
        (Reply::json(302, json!({})).with("location", "https://elsewhere.example/"), UnusableAnswer),
    ] {
        assert_eq!(class(reply, json!({})).await, expected);
    }
}

#[tokio::test]
async fn quirk_44_codes_and_statuses_of_a_provider_are_mapped_to_each_class() {
    use OutcomeClass::{
        ClientMisconfigured, GrantRevoked, RateLimited, RevokedAtProvider, ScopeProblem, Transient,
    };
    let rules = json!({ "token": { "answer": { "errors": [
        { "status": 403, "pointer": "/message", "equals": "slow", "meaning": "rate_limited" },
        { "status": 500, "pointer": "/code", "equals": 7, "meaning": "grant_revoked" },
        { "status": 410, "meaning": "revoked_at_provider" },
        { "pointer": "/ok", "equals": false, "meaning": "scope_problem" },
        { "pointer": "/result", "unless": "0000", "meaning": "client_misconfigured" },
        { "pointer": "/busy", "meaning": "transient" },
    ] } } });
    for (status, body, expected) in [
        (403, json!({ "message": "slow" }), RateLimited),
        (500, json!({ "code": 7 }), GrantRevoked),
        (500, json!({ "code": 8 }), Transient),
        (410, json!({}), RevokedAtProvider),
        (200, json!({ "ok": false, "access_token": "t" }), ScopeProblem),
        (200, json!({ "result": "0001", "access_token": "t" }), ClientMisconfigured),
        (200, json!({ "result": "0000", "access_token": "t" }), OutcomeClass::Success),
        (400, json!({ "busy": true }), Transient),
    ] {
        let shown = body.to_string();
        assert_eq!(class(Reply::json(status, body), rules.clone()).await, expected, "{status} {shown}");
    }
}

#[tokio::test]
async fn an_answer_with_the_status_of_a_success_may_have_had_tokens() {
    for (reply, expected) in [
        (Reply::json(200, json!({ "token": "elsewhere" })), true),
        (Reply::json(200, json!({ "access_token": "t", "token_type": "mac" })), true),
        (Reply::Answer { status: 200, headers: vec![], body: "{".into() }, true),
        (Reply::Answer { status: 200, headers: vec![], body: "<html>".into() }, false),
        (Reply::json(400, json!({ "error": "never_heard_of" })), false),
        (Reply::json(503, json!({})), false),
    ] {
        let site = Site::new([reply]).await;
        let error = site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap_err();
        assert_eq!(error.maybe_issued(), expected, "{error}");
    }
}

#[tokio::test]
async fn t34_the_wait_that_a_provider_asks_for_is_read_from_seconds_and_dates() {
    // The clock stands at Fri, 15 Jan 2027 08:00:00 GMT.
    for (value, expected) in
        [("7", Some(7)), ("Fri, 15 Jan 2027 08:02:00 GMT", Some(120)), ("whenever", None)]
    {
        for status in [429, 503] {
            let site = Site::new([Reply::json(status, json!({})).with("retry-after", value)]).await;
            let error = site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap_err();
            assert_eq!(error.retry_after(), expected, "{status} {value}");
        }
    }
}

#[tokio::test]
async fn what_a_provider_says_about_a_refresh_never_shows_a_token() {
    let said =
        json!({ "error": "invalid_grant", "error_description": "rt-0-secret of client-secret is spent" });
    let site = Site::new([Reply::json(400, said)]).await;
    let mut credential = expired();
    credential.refresh_token = Some("rt-0-secret".into());
    let error = site.refresh(&site.oauth2(json!({})), &credential).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("rt-0-secret") && !shown.contains("client-secret"), "{shown}");
    assert!(matches!(error, TokenError::GrantInvalid(_)));
}

#[tokio::test]
async fn t24_a_redirect_of_a_refresh_is_not_followed() {
    let site = Site::new([Reply::json(307, json!({})).with("location", "/elsewhere")]).await;
    let error = site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap_err();
    assert!(matches!(error, TokenError::Unusable(Unusable::Redirected(_))), "{error}");
    site.server.only();
}
