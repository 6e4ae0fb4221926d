//! Every misbehaviour of a token endpoint ends in a typed outcome.

use std::time::Duration;

use serde_json::json;
use valetkey_provider::{
    egress::{Sent, Timeouts},
    oauth::{LifetimeSource, TokenError, TokenGrant, Unusable},
};
use valetkey_testkit::provider::Misbehaviour;

use crate::support::World;

async fn connect(wrong: Misbehaviour, patch: serde_json::Value) -> Result<TokenGrant, TokenError> {
    let world = World::new().await;
    world.site.provider.misbehave(wrong);
    world.connect(&world.oauth2(patch)).await
}

async fn refused(wrong: Misbehaviour) -> TokenError {
    connect(wrong, json!({})).await.unwrap_err()
}

fn token_error(status: u16, error: &str) -> Misbehaviour {
    Misbehaviour::TokenError { status, error: error.into(), description: None }
}

#[tokio::test]
async fn t19_a_web_page_is_no_answer() {
    assert_eq!(refused(Misbehaviour::TokenHtml200).await, TokenError::Unusable(Unusable::Html));
}

#[tokio::test]
async fn t19_an_oversize_answer_is_not_read() {
    let limit = 256 * 1024;
    assert_eq!(
        refused(Misbehaviour::TokenOversize).await,
        TokenError::Unusable(Unusable::TooLarge { limit })
    );
}

#[tokio::test]
async fn t19_quirk_44_an_error_in_a_200_is_an_error() {
    let wrong = |error: &str| Misbehaviour::TokenErrorIn200 { error: error.into() };
    assert!(matches!(refused(wrong("invalid_grant")).await, TokenError::GrantInvalid(_)));
    assert!(matches!(refused(wrong("strange")).await, TokenError::Unusable(Unusable::UnknownError(_))));
    let rules = json!({ "token": { "answer": { "errors": [
        { "pointer": "/error", "equals": "invalid_code", "meaning": "grant_revoked" },
        { "pointer": "/ok", "equals": false, "meaning": "client_misconfigured" },
    ] } } });
    assert!(matches!(connect(wrong("invalid_code"), rules.clone()).await, Err(TokenError::GrantInvalid(_))));
    assert!(matches!(connect(wrong("bad"), rules).await, Err(TokenError::ClientMisconfigured(_))));
}

#[tokio::test]
async fn standard_errors_have_their_classes() {
    assert!(matches!(refused(token_error(400, "invalid_grant")).await, TokenError::GrantInvalid(_)));
    assert!(matches!(refused(token_error(401, "invalid_client")).await, TokenError::ClientMisconfigured(_)));
    assert!(matches!(refused(token_error(400, "invalid_scope")).await, TokenError::ScopeProblem(_)));
    let limited = refused(Misbehaviour::TokenRateLimited { retry_after: 7 }).await;
    assert!(matches!(limited, TokenError::RateLimited { retry_after: Some(7), .. }));
}

#[tokio::test]
async fn a_server_error_is_transient_even_with_a_terminal_code() {
    for wrong in [Misbehaviour::TokenServerError { status: 503 }, token_error(500, "invalid_grant")] {
        let refused = refused(wrong).await;
        assert!(matches!(refused, TokenError::Transient { sent: Sent::Maybe, .. }), "{refused}");
    }
}

#[tokio::test]
async fn a_slow_endpoint_may_have_spent_the_code() {
    let total = Duration::from_millis(100);
    let world = World::with(Timeouts { total, ..Timeouts::default() }).await;
    let oauth2 = world.oauth2(json!({}));
    let done = world.authorize(&oauth2).await;
    world.site.provider.misbehave(Misbehaviour::SlowToken { milliseconds: 60_000 });
    let refused = world.redeem(&oauth2, &done).await.unwrap_err();
    assert!(matches!(refused, TokenError::Unknown { .. }), "{refused}");
}

#[tokio::test]
async fn t24_quirk_43_a_redirect_of_the_token_endpoint_is_not_followed() {
    let refused = refused(Misbehaviour::TokenRedirect).await;
    assert_eq!(refused, TokenError::Unusable(Unusable::Redirected("elsewhere.example".into())));
}

#[tokio::test]
async fn t20_an_unknown_token_type_is_refused_unless_the_definition_accepts_it() {
    let unknown = Unusable::UnknownTokenType("mac".into());
    assert_eq!(refused(Misbehaviour::UnknownTokenType).await, TokenError::Unusable(unknown));
    let accepting = json!({ "token": { "answer": { "accepted_token_types": ["bearer", "MAC"] } } });
    assert_eq!(connect(Misbehaviour::UnknownTokenType, accepting).await.unwrap().token_type, "mac");
}

#[tokio::test]
async fn t21_quirk_49_a_missing_lifetime_is_unknown_unless_the_definition_tells_it() {
    let grant = connect(Misbehaviour::NoExpiresIn, json!({})).await.unwrap();
    assert_eq!((grant.credential.expires_at, grant.lifetime), (None, LifetimeSource::Unknown));
    let told = json!({ "token": { "answer": { "lifetime": { "default_seconds": 3600 } } } });
    let grant = connect(Misbehaviour::NoExpiresIn, told).await.unwrap();
    assert_eq!(grant.lifetime, LifetimeSource::Definition);
    assert!(grant.credential.expires_at.is_some());
}

#[tokio::test]
async fn t22_granted_scopes_are_those_of_the_answer_and_absent_means_as_requested() {
    let grant = connect(Misbehaviour::LessScopeThanAsked, json!({})).await.unwrap();
    assert_eq!(grant.granted, Some(["read"].into_iter().collect()));
    assert_eq!(connect(Misbehaviour::NoScope, json!({})).await.unwrap().granted, None);
}

#[tokio::test]
async fn quirk_45_a_form_encoded_answer_is_read() {
    let grant = connect(Misbehaviour::TokenFormEncoded, json!({})).await.unwrap();
    assert!(grant.credential.access_token.expose().starts_with("at_"));
    assert_eq!(grant.lifetime, LifetimeSource::Answer);
}

#[tokio::test]
async fn quirk_46_nested_token_path() {
    let missing = Unusable::MissingToken("/access_token".into());
    assert_eq!(refused(Misbehaviour::TokenNested).await, TokenError::Unusable(missing));
    let nested = json!({ "token": { "answer": {
        "access_token": "/data/access_token", "refresh_token": "/data/refresh_token",
        "token_type": "/data/token_type", "scope": "/data/scope", "lifetime": { "pointer": "/data/expires_in" },
    } } });
    let grant = connect(Misbehaviour::TokenNested, nested).await.unwrap();
    assert!(grant.credential.refresh_token.is_some() && grant.granted.is_some());
    assert_eq!(grant.lifetime, LifetimeSource::Answer);
}

#[tokio::test]
async fn what_a_provider_says_is_shown_without_the_code_and_the_secret() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let done = world.authorize(&oauth2).await;
    let code = done.query.split('&').find_map(|pair| pair.strip_prefix("code=")).unwrap().to_owned();
    let description = Some(format!("code {code}\r\nfor test-secret is <b>bad</b>"));
    world.site.provider.misbehave(Misbehaviour::TokenError {
        status: 400,
        error: "invalid_grant".into(),
        description,
    });
    let refused = world.redeem(&oauth2, &done).await.unwrap_err();
    let shown = format!("{refused} {refused:?}");
    assert!(!shown.contains(&code) && !shown.contains("test-secret") && !shown.contains('\n'), "{shown}");
    assert!(shown.contains("is <b>bad</b>"), "{shown}");
}
