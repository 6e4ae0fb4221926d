//! Tokens that one request yields and further ones use (quirks 72, 76).

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};
use valetkey_core::credential::{Credential, OauthCredential};
use valetkey_provider::{CallError, CheckResult, oauth::TokenError};

use super::{Signing, computed, get, ok};
use crate::{server::Reply, support::NOW};

/// As GitHub documents for an app: a JWT of ten minutes, and with it a token of an installation.
fn app() -> Value {
    computed(
        json!({
            "jwt": { "jwt": {
                "algorithm": "RS256", "key": "{{private_key}}", "lifetime_seconds": 540, "backdated_seconds": 60,
                "claims": { "iss": "{{app_id}}" },
            } },
            "token": { "mint": {
                "url": "BASE/app/installations/{{installation}}/access_tokens",
                "headers": { "authorization": "Bearer {{jwt}}", "accept": "application/vnd.github+json" },
                "answer": { "access_token": "/token", "lifetime": { "pointer": "/expires_at", "unit": "rfc3339" } },
            } },
        }),
        "Bearer {{token}}",
    )
}

async fn installation(key: &str, replies: impl IntoIterator<Item = Reply>) -> Signing {
    let mut signing = Signing::new(app(), json!({ "private_key": key, "app_id": "12345" }), replies).await;
    signing.site.fields.insert("installation".into(), "42".into());
    signing
}

fn token(name: &str, expires_at: &str) -> Reply {
    Reply::json(201, json!({ "token": name, "expires_at": expires_at }))
}

const IN_AN_HOUR: &str = "2027-01-15T09:00:00Z";

fn key() -> String {
    KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap().serialize_pem()
}

#[tokio::test]
async fn quirk_72_a_signed_token_is_exchanged_for_one_that_further_calls_use() {
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let replies = [token("ghs-0123456789", IN_AN_HOUR), ok(), ok()];
    let signing = installation(&pair.serialize_pem(), replies).await;
    signing.get("/repos").await;
    signing.get("/issues").await;
    let received = signing.site.server.received();
    let calls: Vec<_> = received.iter().map(|sent| (sent.method.as_str(), sent.url.path())).collect();
    let minted = ("POST", "/app/installations/42/access_tokens");
    assert_eq!(calls, [minted, ("GET", "/v1/repos"), ("GET", "/v1/issues")]);
    for call in &received[1..] {
        assert_eq!(call.header("authorization"), Some("Bearer ghs-0123456789"));
    }
    assert_eq!(received[0].header("accept"), Some("application/vnd.github+json"));
    let jwt = received[0].header("authorization").unwrap().strip_prefix("Bearer ").unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    let public = DecodingKey::from_rsa_pem(pair.public_key_pem().as_bytes()).unwrap();
    let claims = decode::<Value>(jwt, &public, &rules).unwrap().claims;
    let now = NOW.seconds();
    assert_eq!(claims, json!({ "iss": "12345", "iat": now - 60, "exp": now + 540 }));
}

#[tokio::test]
async fn quirk_72_a_token_is_not_used_in_its_last_minute() {
    let replies =
        [token("first-token", "2027-01-15T08:01:00Z"), ok(), token("second-token", IN_AN_HOUR), ok()];
    let signing = installation(&key(), replies).await;
    assert_eq!(signing.get("/a").await.header("authorization"), Some("Bearer first-token"));
    assert_eq!(signing.get("/b").await.header("authorization"), Some("Bearer second-token"));
}

#[tokio::test]
async fn quirk_72_calls_at_the_same_time_wait_for_one_token() {
    let replies = std::iter::once(token("shared-token", IN_AN_HOUR)).chain((0..8).map(|_| ok()));
    let signing = installation(&key(), replies).await;
    let calls = (0..8).map(|_| signing.call(get("/a")));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap().status, 200);
    }
    let received = signing.site.server.received();
    let minted = received.iter().filter(|sent| sent.method == "POST").count();
    assert_eq!((minted, received.len()), (1, 9));
}

#[tokio::test]
async fn quirk_72_a_kept_token_that_the_api_refuses_is_replaced_and_the_call_made_once_more() {
    let refused = || Reply::json(401, json!({ "message": "Bad credentials" }));
    let replies =
        [token("first-token", IN_AN_HOUR), ok(), refused(), token("second-token", IN_AN_HOUR), ok()];
    let signing = installation(&key(), replies).await;
    signing.get("/a").await;
    let answer = signing.call(get("/b")).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(signing.site.server.received()[4].header("authorization"), Some("Bearer second-token"));
    // A token that is new and refused at once is not replaced.
    let signing = installation(&key(), [token("new-token", IN_AN_HOUR), refused()]).await;
    assert_eq!(signing.call(get("/a")).await.unwrap().status, 401);
    assert_eq!(signing.site.server.received().len(), 2);
}

#[tokio::test]
async fn quirk_72_another_account_has_another_token() {
    let mut signing = installation(
        &key(),
        [token("of-42-token", IN_AN_HOUR), ok(), token("of-43-token", IN_AN_HOUR), ok()],
    )
    .await;
    signing.get("/a").await;
    signing.site.fields.insert("installation".into(), "43".into());
    assert_eq!(signing.get("/a").await.header("authorization"), Some("Bearer of-43-token"));
}

#[tokio::test]
async fn quirk_72_a_token_that_is_not_given_is_told_without_the_credential() {
    let key = key();
    let refusal = Reply::json(401, json!({ "error": "invalid_client", "error_description": key }));
    let signing = installation(&key, [refusal, Reply::json(503, json!({}))]).await;
    let refused = signing.call(get("/a")).await.unwrap_err();
    assert!(matches!(refused, CallError::Token(TokenError::ClientMisconfigured(_))), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains(&key[100..140]));
    // Nothing was kept, and a check does not call the credential wrong while nobody answers.
    let mut api = signing.api.clone();
    api.check = Some(serde_json::from_value(json!({ "path": "/me", "refused": [401] })).unwrap());
    let access = valetkey_provider::Access { api: &api, ..signing.access() };
    assert!(matches!(signing.site.provider.check(&access).await, CheckResult::Unclear { .. }));
    assert_eq!(signing.site.server.received().len(), 2);
}

#[tokio::test]
async fn quirk_76_a_token_of_the_grant_is_exchanged_for_the_one_that_the_api_wants() {
    // As Salesforce documents for Data Cloud.
    let values = json!({ "cdp": { "mint": {
        "url": "BASE/services/a360/token",
        "parameters": {
            "grant_type": "urn:salesforce:grant-type:external:cdp", "subject_token": "{{access_token}}",
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        },
    } } });
    let minted = |name: &str| Reply::json(200, json!({ "access_token": name, "expires_in": 7200 }));
    let replies = [minted("cdp-first"), ok(), minted("cdp-second"), ok()];
    let mut signing = Signing::new(computed(values, "Bearer {{cdp}}"), json!({}), replies).await;
    for (grant, wanted) in
        [("token-of-the-grant", "Bearer cdp-first"), ("refreshed-token", "Bearer cdp-second")]
    {
        let access_token = grant.into();
        signing.credential =
            Credential::Oauth2(OauthCredential { access_token, ..OauthCredential::default() });
        assert_eq!(signing.get("/query").await.header("authorization"), Some(wanted));
    }
    let subjects: Vec<_> =
        signing.site.server.received().iter().filter_map(|sent| sent.parameter("subject_token")).collect();
    assert_eq!(subjects, ["token-of-the-grant", "refreshed-token"]);
}

#[tokio::test]
async fn quirk_77_a_login_yields_a_cookie_that_further_calls_send_back() {
    // As SAP documents for the service layer of Business One.
    let place = json!([{ "computed": {
        "values": { "session": { "mint": {
            "url": "BASE/Login", "body": "json",
            "parameters": { "CompanyDB": "{{company}}", "UserName": "{{user}}", "Password": "{{secret}}" },
            "answer": {
                "format": "cookies", "access_token": "/B1SESSION", "lifetime": { "default_seconds": 1800 },
            },
        } } },
        "place": [{ "header": { "name": "cookie", "value": "B1SESSION={{session}}" } }],
    } }]);
    let details = json!({ "company": "acme", "user": "alice", "secret": "pass-0123456789" });
    let login = ok().with("set-cookie", "B1SESSION=session-0123; HttpOnly; path=/");
    let signing = Signing::new(place, details.clone(), [login, ok(), ok()]).await;
    for path in ["/Items", "/Orders"] {
        assert_eq!(signing.get(path).await.header("cookie"), Some("B1SESSION=session-0123"));
    }
    let received = signing.site.server.received();
    assert_eq!(received.len(), 3);
    let sent = json!({ "CompanyDB": "acme", "UserName": "alice", "Password": "pass-0123456789" });
    assert_eq!(received[0].json(), sent);
}

#[tokio::test]
async fn t76_a_credential_is_not_exchanged_at_a_host_that_is_none_of_the_connector() {
    let values = json!({ "token": { "mint": { "url": "https://{{host}}/token" } } });
    let mut signing = Signing::new(computed(values, "Bearer {{token}}"), json!({}), []).await;
    signing.site.fields.insert("host".into(), "evil.example".into());
    let refused = signing.call(get("/a")).await.unwrap_err();
    assert!(matches!(refused, CallError::Destination(_)), "{refused}");
}
