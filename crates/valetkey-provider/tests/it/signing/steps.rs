//! Logins of several requests (quirk 76).

use serde_json::{Value, json};
use valetkey_provider::{CallError, oauth::TokenError};

use super::{Signing, computed, get, ok};
use crate::server::Reply;

/// As `DocuWare` documents: the address of the identity service, its configuration, and a token with a password.
fn docuware() -> Value {
    computed(
        json!({ "token": { "mint": {
            "steps": [
                { "url": "BASE/DocuWare/Platform/Home/IdentityServiceInfo", "method": "GET",
                  "answer": { "capture": { "identity": "/IdentityServiceUrl" } } },
                { "url": "{{identity}}/.well-known/openid-configuration", "method": "GET",
                  "answer": { "capture": { "token_endpoint": "/token_endpoint" } } },
            ],
            "url": "{{token_endpoint}}",
            "parameters": {
                "grant_type": "password", "scope": "docuware.platform",
                "client_id": "docuware.platform.net.client", "username": "{{username}}", "password": "{{password}}",
            },
        } } }),
        "Bearer {{token}}",
    )
}

const PASSWORD: &str = "pass-0123456789";

async fn account(replies: impl IntoIterator<Item = Reply>) -> Signing {
    Signing::new(docuware(), json!({ "username": "alice", "password": PASSWORD }), replies).await
}

impl Signing {
    fn identity(&self) -> Reply {
        Reply::json(200, json!({ "IdentityServiceUrl": self.site.at("/7b1d0f") }))
    }

    fn configuration(&self) -> Reply {
        Reply::json(200, json!({ "token_endpoint": self.site.at("/7b1d0f/connect/token") }))
    }
}

fn token(name: &str) -> Reply {
    Reply::json(200, json!({ "access_token": name, "expires_in": 3600, "token_type": "Bearer" }))
}

#[tokio::test]
async fn quirk_76_the_address_of_a_login_is_what_the_steps_before_it_have_found() {
    let signing = account([]).await;
    let replies = [signing.identity(), signing.configuration(), token("first-token"), ok(), ok()];
    signing.site.server.script(replies);
    for path in ["/Organizations", "/FileCabinets"] {
        assert_eq!(signing.get(path).await.header("authorization"), Some("Bearer first-token"));
    }
    let received = signing.site.server.received();
    let calls: Vec<_> = received.iter().map(|sent| (sent.method.as_str(), sent.url.path())).collect();
    let wanted = [
        ("GET", "/DocuWare/Platform/Home/IdentityServiceInfo"),
        ("GET", "/7b1d0f/.well-known/openid-configuration"),
        ("POST", "/7b1d0f/connect/token"),
        ("GET", "/v1/Organizations"),
        ("GET", "/v1/FileCabinets"),
    ];
    assert_eq!(calls, wanted);
    assert_eq!(received[2].parameter("password").as_deref(), Some(PASSWORD));
    assert!(received[..2].iter().all(|sent| sent.body.is_empty() && sent.header("authorization").is_none()));
}

#[tokio::test]
async fn quirk_76_a_refused_token_is_had_again_by_all_steps() {
    let signing = account([]).await;
    let refused = Reply::json(401, json!({}));
    let replies = [signing.identity(), signing.configuration(), token("first-token"), ok(), refused];
    let again = [signing.identity(), signing.configuration(), token("second-token"), ok()];
    signing.site.server.script(replies.into_iter().chain(again));
    signing.get("/a").await;
    assert_eq!(signing.call(get("/b")).await.unwrap().status, 200);
    let last = signing.site.server.received().pop().unwrap();
    assert_eq!(last.header("authorization"), Some("Bearer second-token"));
    assert_eq!(signing.site.server.received().len(), 9);
}

#[tokio::test]
async fn t76_an_address_elsewhere_in_the_answer_of_a_step_is_not_called() {
    for elsewhere in [
        "https://evil.example",
        "https://evil.example/7b1d0f",
        "http://169.254.169.254/latest",
        "https://127.0.0.1@evil.example",
        "https://evil.example?x=",
        "file:///etc/passwd",
        "//evil.example",
        "{{password}}",
        "",
    ] {
        let signing = account([]).await;
        let identity = Reply::json(200, json!({ "IdentityServiceUrl": elsewhere }));
        signing.site.server.script([identity]);
        let refused = signing.call(get("/a")).await.unwrap_err();
        let own = matches!(refused, CallError::Destination(_) | CallError::Token(TokenError::Unusable(_)));
        assert!(own, "{elsewhere}: {refused}");
        assert_eq!(signing.site.server.received().len(), 1, "{elsewhere}");
        assert!(!format!("{refused} {refused:?}").contains(PASSWORD));
    }
    // The password goes to the address of the second answer, which is looked at no less.
    let signing = account([]).await;
    let configuration = Reply::json(200, json!({ "token_endpoint": "https://evil.example/token" }));
    signing.site.server.script([signing.identity(), configuration]);
    let refused = signing.call(get("/a")).await.unwrap_err();
    assert!(matches!(refused, CallError::Destination(_)), "{refused}");
    assert!(refused.to_string().contains("evil.example"), "{refused}");
}

#[tokio::test]
async fn t76_a_step_is_not_redirected_and_its_answer_is_bounded_and_complete() {
    let redirect = Reply::json(302, json!({})).with("location", "https://evil.example/");
    let long = Reply::json(200, json!({ "IdentityServiceUrl": "x".repeat(300 * 1024) }));
    let (token, missing) = ("y".repeat(20_000), Reply::json(200, json!({ "other": 1 })));
    let long_value = Reply::json(200, json!({ "IdentityServiceUrl": token }));
    let page = Reply::xml(200, "<html><body>Sign in</body></html>");
    for (reply, reason) in [
        (redirect, "redirects to evil.example"),
        (long, "longer than"),
        (long_value, "longer than"),
        (missing, "/IdentityServiceUrl"),
        (page, "HTML"),
    ] {
        let signing = account([reply]).await;
        let refused = signing.call(get("/a")).await.unwrap_err();
        assert!(refused.to_string().contains(reason), "{refused}");
        assert_eq!(signing.site.server.received().len(), 1);
    }
}

/// As Salesforce documents for Data Cloud, for an application that has a password and no grant.
fn data_cloud() -> Value {
    computed(
        json!({ "cdp": { "mint": {
            "steps": [{
                "url": "BASE/services/oauth2/token",
                "parameters": {
                    "grant_type": "client_credentials", "client_id": "{{id}}", "client_secret": "{{secret}}",
                },
                "answer": { "capture": { "core": "/access_token" } },
            }],
            "url": "BASE/services/a360/token",
            "parameters": {
                "grant_type": "urn:salesforce:grant-type:external:cdp", "subject_token": "{{core}}",
                "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            },
        } } }),
        "Bearer {{cdp}}",
    )
}

#[tokio::test]
async fn quirk_76_the_token_of_one_step_is_exchanged_for_that_of_the_next() {
    let replies = [token("core-token-0123"), token("cdp-token"), ok()];
    let signing = Signing::new(data_cloud(), json!({ "id": "app", "secret": PASSWORD }), replies).await;
    assert_eq!(signing.get("/query").await.header("authorization"), Some("Bearer cdp-token"));
    let received = signing.site.server.received();
    assert_eq!(received[1].parameter("subject_token").as_deref(), Some("core-token-0123"));
    assert_eq!(received[1].parameter("client_secret"), None);
}

#[tokio::test]
async fn t76_a_token_between_two_steps_is_not_in_an_error() {
    let said = json!({ "error": "invalid_request", "error_description": "subject core-token-0123 is bad" });
    let replies = [token("core-token-0123"), Reply::json(400, said)];
    let signing = Signing::new(data_cloud(), json!({ "id": "app", "secret": PASSWORD }), replies).await;
    let refused = signing.call(get("/query")).await.unwrap_err();
    let told = format!("{refused} {refused:?}");
    assert!(told.contains("is bad") && !told.contains("core-token"), "{told}");
}

#[tokio::test]
async fn quirk_76_an_old_token_that_the_next_exchange_refuses_is_not_presented_again() {
    // Two values instead of steps: the first is kept for itself.
    let values = json!({
        "core": { "mint": { "url": "BASE/core", "parameters": { "secret": "{{secret}}" } } },
        "cdp": { "mint": {
            "url": "BASE/cdp", "parameters": { "subject_token": "{{core}}" },
            "answer": { "lifetime": { "default_seconds": 30 } },
        } },
    });
    let short = |name: &str| Reply::json(200, json!({ "access_token": name }));
    let refused = Reply::json(400, json!({ "error": "invalid_grant" }));
    let replies = [
        token("core-token-1"),
        short("cdp-token-1"),
        ok(),
        refused,
        token("core-token-2"),
        short("cdp-token-2"),
        ok(),
    ];
    let place = computed(values, "Bearer {{cdp}}");
    let signing = Signing::new(place, json!({ "secret": PASSWORD }), replies).await;
    signing.get("/a").await;
    assert!(signing.call(get("/b")).await.is_err());
    assert_eq!(signing.get("/c").await.header("authorization"), Some("Bearer cdp-token-2"));
    assert_eq!(signing.site.server.received()[5].parameter("subject_token").as_deref(), Some("core-token-2"));
}
