//! From consent to tokens.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use serde_json::json;
use valetkey_core::{Secret, connector::BodyFormat, credential::Credential};
use valetkey_provider::{
    ApiCall,
    oauth::{CallbackError, CodeExchange, LifetimeSource, TokenError, read_callback},
};
use valetkey_testkit::provider::Misbehaviour;

use crate::support::{NOW, REDIRECT_URI, World};

#[tokio::test]
async fn an_approved_request_becomes_tokens_with_scopes_and_expiry() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let grant = world.connect(&oauth2).await.unwrap();
    assert!(grant.credential.access_token.expose().starts_with("at_"));
    assert!(grant.credential.refresh_token.is_some());
    assert_eq!(grant.credential.expires_at, Some(NOW.plus_seconds(3600)));
    assert_eq!(grant.lifetime, LifetimeSource::Answer);
    assert_eq!(grant.granted, Some(["read", "write"].into_iter().collect()));
    assert_eq!(grant.token_type, "Bearer");
}

#[tokio::test]
async fn t01_the_authorization_request_carries_s256_and_the_exchange_the_verifier() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let done = world.authorize(&oauth2).await;
    world.redeem(&oauth2, &done).await.unwrap();
    let asked = &world.site.provider.requests()[0];
    assert_eq!(asked.parameter("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(asked.parameter("code_challenge").map(|text| text.len()), Some(43));
    let sent = world.site.provider.token_requests();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].parameter("code_verifier").as_deref(),
        done.request.code_verifier.as_ref().map(Secret::expose)
    );
    assert_eq!(sent[0].parameter("redirect_uri").as_deref(), Some(REDIRECT_URI));
}

#[tokio::test]
async fn a_wrong_verifier_is_refused_as_an_invalid_grant() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let (mut first, second) = (world.authorize(&oauth2).await, world.authorize(&oauth2).await);
    first.request.code_verifier = second.request.code_verifier;
    assert!(matches!(world.redeem(&oauth2, &first).await, Err(TokenError::GrantInvalid(_))));
}

#[tokio::test]
async fn a_code_works_once_and_its_reuse_revokes_what_it_gave() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let done = world.authorize(&oauth2).await;
    let grant = world.redeem(&oauth2, &done).await.unwrap();
    assert!(matches!(world.redeem(&oauth2, &done).await, Err(TokenError::GrantInvalid(_))));
    let credential = Credential::Oauth2(grant.credential);
    let api = world.api();
    let access = world.access(&api, &oauth2.place, &credential);
    let me = ApiCall {
        method: Method::GET,
        path: "/me",
        headers: &[],
        body: Bytes::new(),
        limit: None,
        open_fields: None,
    };
    assert_eq!(world.provider.call(&access, me).await.unwrap().status, 401);
}

#[tokio::test]
async fn quirk_33_parameters_may_be_a_form_json_or_a_query() {
    for body in [BodyFormat::Form, BodyFormat::Json, BodyFormat::Query] {
        let world = World::new().await;
        let oauth2 = world.oauth2(json!({ "token": { "body": body } }));
        world.connect(&oauth2).await.unwrap();
        let sent = &world.site.provider.token_requests()[0];
        assert_eq!(sent.query.contains("code="), body == BodyFormat::Query, "{body:?}");
        assert_eq!(sent.body.is_empty(), body == BodyFormat::Query, "{body:?}");
        assert_eq!(sent.headers.get("accept").map(String::as_str), Some("application/json"));
    }
}

#[tokio::test]
async fn quirk_34_the_token_endpoint_may_want_get() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({ "token": { "method": "GET" } }));
    world.connect(&oauth2).await.unwrap();
    let sent = &world.site.provider.token_requests()[0];
    assert_eq!((sent.method.as_str(), sent.body.as_str()), ("GET", ""));
}

#[tokio::test]
async fn quirk_35_to_41_names_and_further_parameters_and_headers_follow_the_definition() {
    let mut world = World::new().await;
    world.fields.insert("tenant".into(), "acme".into());
    let oauth2 = world.oauth2(json!({ "token": {
        "parameter_names": { "code": "auth_code", "redirect_uri": "", "client_id": "app_id" },
        "parameters": { "expires_in": "7200", "tenant": "{{tenant}}", "client": "{{client_id}}", "empty": "" },
        "headers": { "x-tenant": "{{tenant}}", "x-version": "2" },
        "grant_type": "web_server",
        "send_state": true,
    } }));
    let done = world.authorize(&oauth2).await;
    // The test provider speaks the standard, so it refuses; what counts is what it was sent.
    assert!(world.redeem(&oauth2, &done).await.is_err());
    let sent = &world.site.provider.token_requests()[0];
    assert!(sent.parameter("auth_code").is_some() && sent.parameter("code").is_none());
    assert!(sent.parameter("redirect_uri").is_none() && sent.parameter("empty").is_none());
    assert_eq!(sent.parameter("app_id").as_deref(), Some("test-client"));
    assert_eq!(sent.parameter("client").as_deref(), Some("test-client"));
    assert_eq!(sent.parameter("grant_type").as_deref(), Some("web_server"));
    assert_eq!(sent.parameter("expires_in").as_deref(), Some("7200"));
    assert_eq!(sent.parameter("tenant").as_deref(), Some("acme"));
    assert_eq!(sent.parameter("state").as_deref(), Some(done.request.state.expose()));
    assert_eq!(sent.headers["x-tenant"], "acme");
    assert_eq!(sent.headers["x-version"], "2");
}

#[tokio::test]
async fn t06_a_callback_without_or_with_another_issuer_is_refused_before_any_token_request() {
    for wrong in [Misbehaviour::NoIss, Misbehaviour::WrongIss] {
        let world = World::new().await;
        let oauth2 = world.oauth2(json!({}));
        world.site.provider.misbehave(wrong.clone());
        for button in ["Approve", "Deny"] {
            let request = world.request(&oauth2).await;
            let query = world.consent(&request, button).await;
            let refused = read_callback(&oauth2, &[], &query);
            assert!(matches!(refused, Err(CallbackError::IssuerMismatch { .. })), "{wrong:?} {button}");
        }
        assert_eq!(world.site.provider.token_requests(), []);
    }
}

#[tokio::test]
async fn a_user_who_says_no_is_told_apart_from_other_errors() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let request = world.request(&oauth2).await;
    let query = world.consent(&request, "Deny").await;
    assert!(matches!(read_callback(&oauth2, &[], &query), Err(CallbackError::Denied(_))));
    let error = "temporarily_unavailable".to_owned();
    world.site.provider.misbehave(Misbehaviour::DenyConsent { error, description: Some("a\r\nb".into()) });
    let query = world.consent(&world.request(&oauth2).await, "Approve").await;
    let Err(CallbackError::Provider(answer)) = read_callback(&oauth2, &[], &query) else { panic!("{query}") };
    assert_eq!(answer.code.as_deref(), Some("temporarily_unavailable"));
    assert_eq!(answer.description.as_deref(), Some("a b"));
}

#[tokio::test]
async fn t15_swapped_callbacks_send_no_code_to_the_other_provider() {
    let (one, two) = (World::new().await, World::new().await);
    let (first, second) = (one.oauth2(json!({})), two.oauth2(json!({})));
    let (at_one, at_two) = (one.authorize(&first).await, two.authorize(&second).await);
    for (oauth2, swapped) in [(&first, &at_two), (&second, &at_one)] {
        let refused = read_callback(oauth2, &[], &swapped.query);
        assert!(matches!(refused, Err(CallbackError::IssuerMismatch { .. })));
    }
    assert_eq!(one.site.provider.token_requests(), []);
    assert_eq!(two.site.provider.token_requests(), []);
}

#[tokio::test]
async fn t09_the_password_grant_is_refused_without_a_request() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({ "token": { "grant_type": "password" } }));
    assert!(matches!(world.connect(&oauth2).await, Err(TokenError::Setup { .. })));
    assert_eq!(world.site.provider.token_requests(), []);
}

#[tokio::test]
async fn t02_state_and_verifier_are_independent_and_differ_in_each_request() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({ "authorization": { "nonce": true } }));
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        let request = world.request(&oauth2).await;
        let (verifier, nonce) = (request.code_verifier.unwrap(), request.nonce.unwrap());
        for secret in [&request.state, &verifier, &nonce] {
            assert_eq!(secret.expose().len(), 43);
            assert!(seen.insert(secret.expose().to_owned()));
        }
    }
}

#[tokio::test]
async fn a_code_of_another_redirect_uri_is_refused() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let done = world.authorize(&oauth2).await;
    let callback = read_callback(&oauth2, &[], &done.query).unwrap();
    let refused = world.provider.exchange(CodeExchange {
        oauth2: &oauth2,
        client: world.client(),
        redirect_uri: "http://127.0.0.1:9/callback/",
        code: &callback.code,
        code_verifier: done.request.code_verifier.as_ref(),
        state: None,
        fields: &world.fields,
    });
    assert!(matches!(refused.await, Err(TokenError::GrantInvalid(_))));
}
