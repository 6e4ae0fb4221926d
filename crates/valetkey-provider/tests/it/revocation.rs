//! Revocation, by RFC 7009 and by calls of providers' own.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use valetkey_core::{connector::ClientAuthentication, credential::Credential};
use valetkey_provider::{
    ApiCall,
    oauth::{RevocationResult, RevokeRequest},
};

use crate::{
    server::Reply,
    site::{Site, expired, further},
    support::World,
};

fn empty(status: u16) -> Reply {
    Reply::Answer { status, headers: vec![], body: String::new() }
}

async fn revoke(replies: impl IntoIterator<Item = Reply>, patch: Value) -> RevocationResult {
    let site = Site::new(replies).await;
    let mut definition = json!({ "revocation": { "url": site.at("/revoke") } });
    crate::support::merge(&mut definition, patch);
    site.revoke(&site.oauth2(definition), &expired()).await
}

/// One token only, so that one reply is enough.
fn one_token() -> Value {
    json!({ "revocation": { "tokens": ["refresh_token"] } })
}

#[tokio::test]
async fn t40_the_refresh_token_goes_first_and_the_access_token_next_each_once() {
    let mut site = Site::new([empty(200), empty(200), empty(200)]).await;
    site.authentication = ClientAuthentication::ClientSecretBasic;
    let mut credential = expired();
    credential.additional.insert("user".into(), further("ut-0", Some("rt-0"), None));
    let oauth2 = site.oauth2(json!({ "revocation": { "url": site.at("/revoke") } }));
    assert_eq!(site.revoke(&oauth2, &credential).await, RevocationResult::Revoked);
    let received = site.server.received();
    let bodies: Vec<_> = received.iter().map(|sent| sent.body.as_str()).collect();
    assert_eq!(
        bodies,
        [
            "token=rt-0&token_type_hint=refresh_token",
            "token=at-0&token_type_hint=access_token",
            "token=ut-0&token_type_hint=access_token",
        ]
    );
    assert!(received.iter().all(|sent| sent.method == "POST" && sent.header("authorization").is_some()));
}

#[tokio::test]
async fn t40_a_token_that_does_not_work_any_more_counts_as_revoked() {
    for reply in [
        empty(200),
        empty(204),
        Reply::json(200, json!({ "message": "Token revoked" })),
        Reply::json(400, json!({ "error": "invalid_token" })),
        Reply::json(400, json!({ "error": "invalid_grant" })),
    ] {
        assert_eq!(revoke([reply], one_token()).await, RevocationResult::Revoked);
    }
}

#[tokio::test]
async fn t40_what_is_not_done_is_told_with_whether_a_repetition_helps() {
    let page = Reply::Answer { status: 200, headers: vec![], body: "<html>sign in".into() };
    for (reply, permanent, wait) in [
        (empty(503).with("retry-after", "30"), false, Some(30)),
        (empty(429), false, None),
        (Reply::Bytes(""), false, None),
        (page, false, None),
        (Reply::json(401, json!({ "error": "invalid_client" })), true, None),
        (Reply::json(403, json!({ "error": "access_denied" })), true, None),
        (empty(404), true, None),
        (empty(302), true, None),
    ] {
        match revoke([reply], one_token()).await {
            RevocationResult::Failed { permanent: found, retry_after, reason } => {
                assert_eq!((found, retry_after), (permanent, wait), "{reason}");
                assert!(!reason.contains("rt-0"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn t40_a_part_that_fails_makes_the_whole_fail_and_both_parts_are_tried() {
    let site = Site::new([empty(503), empty(200)]).await;
    let oauth2 = site.oauth2(json!({ "revocation": { "url": site.at("/revoke") } }));
    let result = site.revoke(&oauth2, &expired()).await;
    assert!(matches!(result, RevocationResult::Failed { permanent: false, .. }), "{result:?}");
    assert_eq!(site.server.received().len(), 2);
}

#[tokio::test]
async fn t40_without_a_way_or_for_tokens_that_a_provider_does_not_revoke_it_is_unsupported() {
    let site = Site::new([]).await;
    assert_eq!(site.revoke(&site.oauth2(json!({})), &expired()).await, RevocationResult::Unsupported);
    assert!(site.server.received().is_empty());
    let unsupported = || Reply::json(400, json!({ "error": "unsupported_token_type" }));
    assert_eq!(revoke([unsupported(), unsupported()], json!({})).await, RevocationResult::Unsupported);
    assert_eq!(revoke([empty(200), unsupported()], json!({})).await, RevocationResult::Revoked);
}

#[tokio::test]
async fn a_provider_may_want_delete_with_json_and_basic_authentication() {
    let site = Site::new([empty(204), empty(404)]).await;
    let own = json!({
        "url": site.at("/applications/{{client_id}}/token"), "method": "DELETE", "body": "json",
        "client_authentication": "client_secret_basic", "tokens": ["access_token"],
        "parameter_names": { "token": "access_token", "token_type_hint": "" },
        "headers": { "x-version": "1" },
        "errors": [{ "status": 404, "meaning": "grant_revoked" }],
    });
    let oauth2 = site.oauth2(json!({ "revocation": own }));
    for _ in 0..2 {
        assert_eq!(site.revoke(&oauth2, &expired()).await, RevocationResult::Revoked);
    }
    let sent = &site.server.received()[0];
    assert_eq!((sent.method.as_str(), sent.url.path()), ("DELETE", "/applications/client-id/token"));
    assert_eq!(sent.json(), json!({ "access_token": "at-0" }));
    assert!(sent.header("authorization").is_some_and(|value| value.starts_with("Basic ")));
    assert_eq!(sent.header("x-version"), Some("1"));
}

#[tokio::test]
async fn a_token_may_be_in_the_path() {
    let site = Site::new([empty(204)]).await;
    let own = json!({
        "url": site.at("/refresh-tokens/{{token}}"), "method": "DELETE", "token_place": "path",
        "client_authentication": "none", "parameter_names": { "client_id": "" }, "tokens": ["refresh_token"],
    });
    let oauth2 = site.oauth2(json!({ "revocation": own }));
    assert_eq!(site.revoke(&oauth2, &expired()).await, RevocationResult::Revoked);
    let sent = site.server.only();
    assert_eq!((sent.method.as_str(), sent.url.path()), ("DELETE", "/refresh-tokens/rt-0"));
    assert_eq!((sent.body.as_str(), sent.header("authorization")), ("", None));
}

#[tokio::test]
async fn a_token_may_authenticate_its_own_revocation() {
    let own = || {
        json!({ "revocation": {
            "token_place": "bearer", "tokens": ["access_token"],
            "errors": [
                { "pointer": "/error", "equals": "token_revoked", "meaning": "grant_revoked" },
                { "pointer": "/error", "equals": "ratelimited", "meaning": "rate_limited" },
                { "pointer": "/ok", "equals": false },
            ],
        } })
    };
    let said = |error: &str| Reply::json(200, json!({ "ok": false, "error": error }));
    for reply in [Reply::json(200, json!({ "ok": true })), said("token_revoked"), empty(401)] {
        assert_eq!(revoke([reply], own()).await, RevocationResult::Revoked);
    }
    for (reply, expected) in [(said("ratelimited"), false), (said("missing_scope"), true)] {
        let result = revoke([reply], own()).await;
        assert!(
            matches!(result, RevocationResult::Failed { permanent, .. } if permanent == expected),
            "{result:?}"
        );
    }
    let site = Site::new([empty(200)]).await;
    let mut definition = own();
    definition["revocation"]["url"] = site.at("/revoke").into();
    site.revoke(&site.oauth2(definition), &expired()).await;
    let sent = site.server.only();
    assert_eq!((sent.header("authorization"), sent.body.as_str()), (Some("Bearer at-0"), ""));
}

#[tokio::test]
async fn t41_a_revoked_token_opens_nothing_at_the_provider() {
    let world = World::new().await;
    let url = format!("{}/revoke", world.site.base_url);
    let oauth2 = world.oauth2(json!({ "revocation": { "url": url } }));
    let tokens = world.connect(&oauth2).await.unwrap().credential;
    let (api, credential) = (world.api(), Credential::Oauth2(tokens.clone()));
    let status = async || {
        let me = ApiCall {
            method: Method::GET,
            path: "/me",
            headers: &[],
            body: Bytes::new(),
            limit: None,
            open_fields: None,
        };
        let access = world.access(&api, &oauth2.place, &credential);
        world.provider.call(&access, me).await.unwrap().status.as_u16()
    };
    assert_eq!(status().await, 200);
    let request = RevokeRequest {
        oauth2: &oauth2,
        client: world.client(),
        credential: &tokens,
        fields: &world.fields,
        timeout: std::time::Duration::from_secs(10),
    };
    assert_eq!(world.provider.revoke(request).await, RevocationResult::Revoked);
    assert_eq!(status().await, 401);
    assert_eq!(world.provider.revoke(request).await, RevocationResult::Revoked, "again");
}
