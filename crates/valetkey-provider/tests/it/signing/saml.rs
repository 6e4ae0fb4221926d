//! Assertions of SAML that are exchanged for a token (quirk 71).

use http::StatusCode;
use serde_json::{Value, json};
use valetkey_provider::{CallError, oauth::TokenError};

use super::{Signing, computed, get, ok};
use crate::server::Reply;

/// As SAP documents for SuccessFactors: the assertion is made once, and its key is nowhere.
fn success_factors() -> Value {
    computed(
        json!({ "token": { "mint": {
            "url": "BASE/oauth/token",
            "parameters": {
                "company_id": "{{company}}", "client_id": "{{api_key}}",
                "grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer", "assertion": "{{assertion}}",
            },
        } } }),
        "Bearer {{token}}",
    )
}

/// What a user pastes: base64 with line breaks of a signed document, as long as those are.
fn assertion() -> String {
    "PHNhbWwyOkFzc2VydGlvbiB4bWxuczpzYW1sMj0idXJuOm9hc2lzOm5hbWVzOnRjOlNBTUw6Mi4wOmFzc2VydGlvbiI+".repeat(60)
}

async fn account(replies: impl IntoIterator<Item = Reply>) -> Signing {
    let details = json!({ "company": "acme", "api_key": "key-0123", "assertion": assertion() });
    Signing::new(success_factors(), details, replies).await
}

fn token(name: &str) -> Reply {
    Reply::json(200, json!({ "access_token": name, "token_type": "Bearer", "expires_in": 86_399 }))
}

#[tokio::test]
async fn quirk_71_an_assertion_of_saml_is_exchanged_for_a_token_and_never_sent_to_the_api() {
    let signing = account([token("first-token"), ok(), ok()]).await;
    for path in ["/User", "/Position"] {
        let call = signing.get(path).await;
        assert_eq!(call.header("authorization"), Some("Bearer first-token"));
        assert!(!call.body.contains("assertion"));
    }
    let received = signing.site.server.received();
    assert_eq!(received.len(), 3);
    let sent = |name| received[0].parameter(name);
    assert_eq!(sent("grant_type").as_deref(), Some("urn:ietf:params:oauth:grant-type:saml2-bearer"));
    assert_eq!((sent("assertion"), sent("company_id")), (Some(assertion()), Some("acme".into())));
}

#[tokio::test]
async fn quirk_71_a_token_that_is_refused_is_had_again_for_the_same_assertion() {
    let refused = Reply::json(401, json!({ "error": { "code": "LGN0007" } }));
    let signing = account([token("first-token"), ok(), refused, token("second-token"), ok()]).await;
    signing.get("/a").await;
    assert_eq!(signing.call(get("/b")).await.unwrap().status, StatusCode::OK);
    let received = signing.site.server.received();
    assert_eq!(received[4].header("authorization"), Some("Bearer second-token"));
    assert_eq!(received[3].parameter("assertion"), received[0].parameter("assertion"));
}

#[tokio::test]
async fn quirk_71_an_assertion_that_is_over_is_told_and_not_repeated() {
    let said = format!("Unable to authenticate the client (SAML assertion {} expired)", assertion());
    let refusal = Reply::json(400, json!({ "error": "invalid_grant", "error_description": said }));
    let signing = account([refusal]).await;
    let refused = signing.call(get("/a")).await.unwrap_err();
    assert!(matches!(refused, CallError::Token(TokenError::GrantInvalid(_))), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains("PHNhbWwy"), "{refused:?}");
}
