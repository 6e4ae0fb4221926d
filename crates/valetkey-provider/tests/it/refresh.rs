//! The refresh request and its answer, by definition data.

use serde_json::{Value, json};
use valetkey_core::{Secret, connector::ClientAuthentication, refresh::OutcomeClass};
use valetkey_provider::oauth::{LifetimeSource, RefreshRequest, TokenError};

use crate::{
    server::Reply,
    site::{Site, class, expired, further},
    support::{NOW, World},
};

/// An answer with `at-<n>` and `rt-<n>`.
fn tokens(n: u32) -> Reply {
    Reply::json(
        200,
        json!({ "access_token": format!("at-{n}"), "refresh_token": format!("rt-{n}"), "expires_in": 3600 }),
    )
}

fn access_only(token: &str) -> Reply {
    Reply::json(200, json!({ "access_token": token, "expires_in": 3600 }))
}

#[tokio::test]
async fn a_refresh_presents_the_refresh_token_and_gives_everything_to_store() {
    let site = Site::new([Reply::json(
        200,
        json!({ "access_token": "at-1", "refresh_token": "rt-1", "expires_in": 60, "scope": "read" }),
    )])
    .await;
    let refreshed = site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap();
    let credential = refreshed.grant.credential;
    assert_eq!(credential.access_token, Secret::from("at-1"));
    assert_eq!(credential.refresh_token, Some(Secret::from("rt-1")));
    assert_eq!(credential.expires_at, Some(NOW.plus_seconds(60)));
    assert_eq!(refreshed.grant.lifetime, LifetimeSource::Answer);
    assert_eq!(refreshed.grant.granted, Some(["read"].into_iter().collect()));
    let sent = site.server.only();
    assert_eq!((sent.method.as_str(), sent.url.path()), ("POST", "/token"));
    assert_eq!(
        sent.body,
        "grant_type=refresh_token&refresh_token=rt-0&client_id=client-id&client_secret=client-secret"
    );
}

#[tokio::test]
async fn t31_quirk_56_an_answer_without_a_refresh_token_keeps_the_old_one() {
    for reply in [
        access_only("at-1"),
        Reply::json(200, json!({ "access_token": "at-1", "refresh_token": null })),
        Reply::json(200, json!({ "access_token": "at-1", "refresh_token": "" })),
    ] {
        let site = Site::new([reply]).await;
        let refreshed = site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap();
        assert_eq!(refreshed.grant.credential.refresh_token, Some(Secret::from("rt-0")));
        assert_eq!(refreshed.grant.credential.refresh_token_expires_at, None);
    }
}

#[tokio::test]
async fn t35_quirk_40_the_scopes_that_are_sent_are_those_that_were_granted() {
    let mut site = Site::new([tokens(1), tokens(2), tokens(3)]).await;
    let silent = site.oauth2(json!({ "scopes": { "always": ["openid"], "default": ["write"] } }));
    site.refresh(&silent, &expired()).await.unwrap();
    let scopes = json!({ "parameter": "scopes", "separator": ",", "default": ["read", "write", "admin"] });
    let sending = site.oauth2(json!({ "refresh": { "send_scope": true }, "scopes": scopes }));
    site.granted = ["write", "read"].into_iter().collect();
    site.refresh(&sending, &expired()).await.unwrap();
    site.granted = [""; 0].into_iter().collect();
    site.refresh(&sending, &expired()).await.unwrap();
    let sent = site.server.received();
    assert_eq!(sent[0].parameter("scope"), None);
    assert_eq!(sent[1].parameter("scopes").as_deref(), Some("read,write"));
    assert_eq!(sent[2].parameter("scopes"), None);
}

#[tokio::test]
async fn t35_quirk_40_the_resource_and_other_parameters_are_sent_again() {
    let mut site = Site::new([tokens(1), tokens(2)]).await;
    site.fields.insert("tenant".into(), "acme".into());
    let authorization = json!({ "parameters": {
        "resource": "https://{{tenant}}.example/", "audience": "api", "prompt": "consent",
    } });
    site.refresh(&site.oauth2(json!({ "authorization": authorization })), &expired()).await.unwrap();
    let named = json!({ "repeat_parameters": ["audience"] });
    let named = site.oauth2(json!({ "authorization": authorization, "refresh": named }));
    site.refresh(&named, &expired()).await.unwrap();
    let sent = site.server.received();
    assert_eq!(sent[0].parameter("resource").as_deref(), Some("https://acme.example/"));
    assert_eq!((sent[0].parameter("audience"), sent[0].parameter("prompt")), (None, None));
    assert_eq!((sent[1].parameter("resource"), sent[1].parameter("audience")), (None, Some("api".into())));
}

#[tokio::test]
async fn what_the_definition_does_not_say_for_a_refresh_is_as_at_the_token_endpoint() {
    let mut site = Site::new([tokens(1), tokens(2)]).await;
    site.authentication = ClientAuthentication::ClientSecretBasic;
    let token = json!({
        "body": "json", "parameter_names": { "grant_type": "type" },
        "parameters": { "expires_in": "60" }, "headers": { "x-version": "2" },
    });
    site.refresh(&site.oauth2(json!({ "token": token })), &expired()).await.unwrap();
    let own = json!({
        "body": "form", "method": "POST", "client_authentication": "none", "grant_type": "renew",
        "parameter_names": { "refresh_token": "token", "client_id": "" },
        "parameters": { "request": "token" }, "headers": { "x-other": "1" },
    });
    site.refresh(&site.oauth2(json!({ "token": token, "refresh": own })), &expired()).await.unwrap();
    let sent = site.server.received();
    assert_eq!(
        sent[0].json(),
        json!({ "type": "refresh_token", "refresh_token": "rt-0", "expires_in": "60" })
    );
    assert!(sent[0].header("authorization").is_some_and(|value| value.starts_with("Basic ")));
    assert_eq!(sent[0].header("x-version"), Some("2"));
    assert_eq!(sent[1].body, "grant_type=renew&token=rt-0&request=token");
    assert_eq!((sent[1].header("authorization"), sent[1].header("x-version")), (None, None));
    assert_eq!(sent[1].header("x-other"), Some("1"));
}

#[tokio::test]
async fn quirk_55_an_access_token_is_exchanged_where_there_is_no_refresh_token() {
    let site = Site::new([access_only("at-1")]).await;
    let way = json!({
        "way": "exchange_access_token", "method": "GET", "url": site.at("/exchange"),
        "grant_type": "fb_exchange_token", "parameter_names": { "access_token": "fb_exchange_token" },
    });
    let mut credential = expired();
    credential.refresh_token = None;
    let refreshed = site.refresh(&site.oauth2(json!({ "refresh": way })), &credential).await.unwrap();
    assert_eq!(refreshed.grant.credential.access_token, Secret::from("at-1"));
    assert_eq!(refreshed.grant.credential.refresh_token, None);
    let sent = site.server.only();
    assert_eq!((sent.method.as_str(), sent.url.path(), sent.body.as_str()), ("GET", "/exchange", ""));
    assert_eq!(
        sent.url.query(),
        Some(
            "grant_type=fb_exchange_token&fb_exchange_token=at-0&client_id=client-id&client_secret=client-secret"
        )
    );
}

#[tokio::test]
async fn quirk_55_client_credentials_mint_a_token_for_a_tenant() {
    let site = Site::new([access_only("at-1")]).await;
    let oauth2 = site.oauth2(json!({ "refresh": { "way": "client_credentials", "send_scope": true } }));
    let mut credential = expired();
    credential.refresh_token = None;
    let refreshed = site.refresh(&oauth2, &credential).await.unwrap();
    assert_eq!(refreshed.grant.credential.access_token, Secret::from("at-1"));
    assert_eq!(
        site.server.only().body,
        "grant_type=client_credentials&scope=read&client_id=client-id&client_secret=client-secret"
    );
}

#[tokio::test]
async fn without_anything_to_present_nothing_is_sent() {
    let site = Site::new([]).await;
    let mut credential = expired();
    let none = site.oauth2(json!({ "refresh": { "way": "none" } }));
    let refused = site.refresh(&none, &credential).await.unwrap_err();
    assert!(matches!(refused, TokenError::NotRenewable(_)), "{refused}");
    credential.refresh_token = None;
    let refused = site.refresh(&site.oauth2(json!({})), &credential).await.unwrap_err();
    assert_eq!(refused.class(), OutcomeClass::GrantRevoked);
    assert!(site.server.received().is_empty());
}

#[tokio::test]
async fn quirk_57_a_rotated_refresh_token_replaces_the_old_one_whose_reuse_revokes_the_family() {
    let world = World::new().await;
    let oauth2 = world.oauth2(json!({}));
    let first = world.connect(&oauth2).await.unwrap().credential;
    let granted = ["read", "write"].into_iter().collect();
    let refresh = async |credential| {
        let request = RefreshRequest {
            oauth2: &oauth2,
            client: world.client(),
            credential,
            granted: &granted,
            fields: &world.fields,
            timeout: std::time::Duration::from_secs(10),
        };
        world.provider.refresh(request).await.map(|refreshed| refreshed.grant.credential)
    };
    let second = refresh(&first).await.unwrap();
    assert_ne!(second.refresh_token, first.refresh_token);
    let third = refresh(&second).await.unwrap();
    assert!(matches!(refresh(&first).await, Err(TokenError::GrantInvalid(_))));
    assert!(matches!(refresh(&third).await, Err(TokenError::GrantInvalid(_))), "the family is revoked");
}

#[tokio::test]
async fn quirk_58_an_answer_that_only_says_ok_extends_the_old_token() {
    let text = |body: &str| Reply::Answer { status: 200, headers: vec![], body: body.into() };
    let errors = json!([{ "pointer": "/result", "unless": "0000", "meaning": "grant_revoked" }]);
    let answer = json!({ "errors": errors, "lifetime": { "default_seconds": 2_592_000 } });
    let extending = json!({ "refresh": { "extends_token": true, "answer": answer } });
    for reply in [Reply::json(200, json!({ "result": "0000", "message": "OK" })), text("OK"), text("")] {
        let site = Site::new([reply]).await;
        let refreshed = site.refresh(&site.oauth2(extending.clone()), &expired()).await.unwrap();
        let credential = refreshed.grant.credential;
        assert_eq!(credential.access_token, Secret::from("at-0"));
        assert_eq!(credential.refresh_token, Some(Secret::from("rt-0")));
        assert_eq!(credential.expires_at, Some(NOW.plus_seconds(2_592_000)));
    }
    let refusal = Reply::json(200, json!({ "result": "5001" }));
    assert_eq!(class(refusal, extending.clone()).await, OutcomeClass::GrantRevoked);
    assert_eq!(class(text("<html>"), extending).await, OutcomeClass::UnusableAnswer);
    assert_eq!(class(text("OK"), json!({})).await, OutcomeClass::UnusableAnswer);
}

#[tokio::test]
async fn quirk_59_a_refresh_may_have_its_own_address() {
    let mut site = Site::new([tokens(1)]).await;
    site.fields.insert("region".into(), "eu".into());
    let url = site.at("/{{region}}/renew");
    site.refresh(&site.oauth2(json!({ "refresh": { "url": url } })), &expired()).await.unwrap();
    assert_eq!(site.server.only().url.path(), "/eu/renew");
}

#[tokio::test]
async fn quirk_59_a_refresh_token_may_be_a_bearer_token() {
    let site = Site::new([tokens(1)]).await;
    let way = json!({ "token_place": "bearer", "client_authentication": "none" });
    site.refresh(&site.oauth2(json!({ "refresh": way })), &expired()).await.unwrap();
    let sent = site.server.only();
    assert_eq!(sent.header("authorization"), Some("Bearer rt-0"));
    assert_eq!(sent.parameter("refresh_token"), None);
}

#[tokio::test]
async fn quirk_59_a_refresh_token_may_be_in_the_path_and_stays_one_segment() {
    let site = Site::new([tokens(1), tokens(2)]).await;
    let way = json!({ "token_place": "path", "url": site.at("/tokens/{{token}}/renew") });
    let oauth2 = site.oauth2(json!({ "refresh": way }));
    site.refresh(&oauth2, &expired()).await.unwrap();
    let mut awkward = expired();
    awkward.refresh_token = Some("a/../b?c#d".into());
    site.refresh(&oauth2, &awkward).await.unwrap();
    let sent = site.server.received();
    assert_eq!(sent[0].url.path(), "/tokens/rt-0/renew");
    assert_eq!(sent[1].url.path(), "/tokens/a%2F..%2Fb%3Fc%23d/renew");
    assert_eq!(sent[1].parameter("refresh_token"), None);
}

#[tokio::test]
async fn quirk_60_a_refusal_because_the_token_is_still_valid_is_no_end_of_the_grant() {
    let refusal = || Reply::json(400, json!({ "error": "access_token_not_expired" }));
    let errors =
        json!([{ "pointer": "/error", "equals": "access_token_not_expired", "meaning": "transient" }]);
    let rules = json!({ "token": { "answer": { "errors": errors } }, "refresh": { "only_near_expiry": 30 } });
    assert_eq!(class(refusal(), rules.clone()).await, OutcomeClass::Transient);
    let site = Site::new([]).await;
    let earliest = site.oauth2(rules).refresh.earliest(NOW.plus_seconds(600));
    assert_eq!(earliest, Some(NOW.plus_seconds(570)));
    assert_eq!(site.oauth2(json!({})).refresh.earliest(NOW), None);
}

/// A definition with a bot token and a user token that has a refresh token of its own.
fn two_families() -> Value {
    let user = json!({ "access_token": "/user/access_token", "refresh_token": "/user/refresh_token", "refresh": "own" });
    json!({ "token": { "answer": { "additional_tokens": { "user": user } } }, "refresh": { "answer": {} } })
}

#[tokio::test]
async fn quirk_61_a_further_token_is_renewed_by_its_own_refresh_token() {
    let site = Site::new([tokens(1), tokens(2)]).await;
    let mut credential = expired();
    credential.additional.insert("user".into(), further("ut-0", Some("ur-0"), Some(NOW)));
    let refreshed = site.refresh(&site.oauth2(two_families()), &credential).await.unwrap();
    let credential = refreshed.grant.credential;
    assert_eq!(credential.access_token, Secret::from("at-1"));
    assert_eq!(credential.additional["user"], further("at-2", Some("rt-2"), Some(NOW.plus_seconds(3600))));
    assert!(refreshed.unrenewed.is_empty());
    let presented: Vec<_> =
        site.server.received().iter().map(|sent| sent.parameter("refresh_token").unwrap()).collect();
    assert_eq!(presented, ["rt-0", "ur-0"]);
}

#[tokio::test]
async fn quirk_61_an_identical_refresh_token_is_spent_once() {
    let site = Site::new([tokens(1)]).await;
    let mut credential = expired();
    credential.additional.insert("user".into(), further("at-0", Some("rt-0"), Some(NOW)));
    let refreshed = site.refresh(&site.oauth2(two_families()), &credential).await.unwrap();
    let credential = refreshed.grant.credential;
    assert_eq!(credential.additional["user"], further("at-1", Some("rt-1"), Some(NOW.plus_seconds(3600))));
    site.server.only();
}

#[tokio::test]
async fn quirk_51_quirk_61_what_was_issued_is_kept_when_a_further_token_is_not_renewed() {
    let later = Some(NOW.plus_seconds(60));
    for (reply, expires_at, kept) in [
        (Reply::json(503, json!({})), Some(NOW), Some(further("ut-0", Some("ur-0"), Some(NOW)))),
        (Reply::json(400, json!({ "error": "invalid_grant" })), later, Some(further("ut-0", None, later))),
        (Reply::json(400, json!({ "error": "invalid_grant" })), Some(NOW), None),
        (Reply::Bytes(""), later, Some(further("ut-0", None, later))),
    ] {
        let site = Site::new([tokens(1), reply]).await;
        let mut credential = expired();
        credential.additional.insert("user".into(), further("ut-0", Some("ur-0"), expires_at));
        let refreshed = site.refresh(&site.oauth2(two_families()), &credential).await.unwrap();
        assert_eq!(refreshed.grant.credential.refresh_token, Some(Secret::from("rt-1")));
        assert_eq!(refreshed.grant.credential.additional.get("user"), kept.as_ref());
        assert_eq!(refreshed.unrenewed.keys().collect::<Vec<_>>(), ["user"]);
    }
}

#[tokio::test]
async fn a_further_token_in_the_same_answer_is_taken_from_there() {
    let further_rules = json!({
        "graph": { "access_token": "/graph/token", "refresh_token": "/graph/refresh" },
        "absent": { "access_token": "/absent/token" },
    });
    let site = Site::new([Reply::json(
        200,
        json!({ "access_token": "at-1", "expires_in": 60, "graph": { "token": "gt-1" } }),
    )])
    .await;
    let mut credential = expired();
    credential.additional.insert("graph".into(), further("gt-0", Some("gr-0"), Some(NOW)));
    credential.additional.insert("absent".into(), further("x-0", None, None));
    let oauth2 = site.oauth2(json!({ "token": { "answer": { "additional_tokens": further_rules } } }));
    let additional = site.refresh(&oauth2, &credential).await.unwrap().grant.credential.additional;
    assert_eq!(additional["graph"], further("gt-1", Some("gr-0"), None));
    assert_eq!(additional["absent"], further("x-0", None, None));
    site.server.only();
}

fn bullhorn(site: &Site) -> Value {
    json!({ "session": {
        "name": "session_token", "url": site.at("/login"), "method": "POST", "body": "query",
        "parameters": { "version": "*", "access_token": "{{access_token}}" },
        "answer": {
            "access_token": "/BhRestToken", "lifetime": { "default_seconds": 600 },
            "capture": { "rest_url": "/restUrl" },
        },
    } })
}

#[tokio::test]
async fn quirk_62_quirk_63_a_session_is_opened_with_the_new_token_and_its_host_is_read_anew() {
    let opened =
        |n: u32| Reply::json(200, json!({ "BhRestToken": format!("bh-{n}"), "restUrl": format!("r{n}") }));
    let site = Site::new([tokens(1), opened(1), tokens(2), opened(2)]).await;
    let oauth2 = site.oauth2(bullhorn(&site));
    let first = site.refresh(&oauth2, &expired()).await.unwrap().grant;
    assert_eq!(
        first.credential.additional["session_token"],
        further("bh-1", None, Some(NOW.plus_seconds(600)))
    );
    assert_eq!(first.captured["rest_url"], "r1");
    let second = site.refresh(&oauth2, &first.credential).await.unwrap().grant;
    assert_eq!(second.credential.additional["session_token"].access_token, Secret::from("bh-2"));
    assert_eq!(second.captured["rest_url"], "r2");
    let login = &site.server.received()[1];
    assert_eq!((login.method.as_str(), login.body.as_str()), ("POST", ""));
    assert_eq!(login.url.as_str(), "http://server/login?access_token=at-1&version=%2A");
}

#[tokio::test]
async fn quirk_62_tokens_are_kept_when_the_session_does_not_open() {
    let site = Site::new([tokens(1), Reply::json(500, json!({}))]).await;
    let refreshed = site.refresh(&site.oauth2(bullhorn(&site)), &expired()).await.unwrap();
    assert_eq!(refreshed.grant.credential.refresh_token, Some(Secret::from("rt-1")));
    assert_eq!(refreshed.unrenewed["session_token"].class(), OutcomeClass::Transient);
}

#[tokio::test]
async fn quirk_63_what_the_answer_tells_about_the_account_is_read_on_every_refresh() {
    let host = |host: &str| Reply::json(200, json!({ "access_token": "t", "api_domain": host }));
    let site = Site::new([host("one.example"), host("two.example")]).await;
    let oauth2 = site.oauth2(json!({ "token": { "answer": { "capture": { "host": "/api_domain" } } } }));
    let first = site.refresh(&oauth2, &expired()).await.unwrap().grant;
    let second = site.refresh(&oauth2, &first.credential).await.unwrap().grant;
    assert_eq!(first.captured["host"], "one.example");
    assert_eq!(second.captured["host"], "two.example");
}

#[tokio::test]
async fn quirk_64_a_refresh_token_has_a_lifetime_of_its_own() {
    let answer = |more: Value| {
        let mut body = json!({ "access_token": "at-1", "refresh_token": "rt-1", "expires_in": 60 });
        crate::support::merge(&mut body, more);
        Reply::json(200, body)
    };
    let lifetime = json!({ "pointer": "/refresh_expires_in", "seconds": 1000, "idle_seconds": 500 });
    for (reply, expected) in [
        (answer(json!({ "refresh_expires_in": 7200 })), Some(NOW.plus_seconds(7200))),
        (answer(json!({})), Some(NOW.plus_seconds(1000))),
        (access_only("at-1"), None),
    ] {
        let site = Site::new([reply]).await;
        let oauth2 = site.oauth2(json!({ "refresh": { "refresh_token_lifetime": lifetime } }));
        let grant = site.refresh(&oauth2, &expired()).await.unwrap().grant;
        assert_eq!(grant.credential.refresh_token_expires_at, expected);
    }
}

#[tokio::test]
async fn t16_a_refresh_authenticates_by_exactly_one_method() {
    use ClientAuthentication::{
        ClientSecretBasic, ClientSecretBasicRaw, ClientSecretPost, None, SecretAsUsername,
    };
    for method in [ClientSecretPost, ClientSecretBasic, ClientSecretBasicRaw, SecretAsUsername, None] {
        let mut site = Site::new([tokens(1)]).await;
        site.authentication = method;
        site.refresh(&site.oauth2(json!({})), &expired()).await.unwrap();
        let sent = site.server.only();
        let (header, body) =
            (sent.header("authorization").is_some(), sent.parameter("client_secret").is_some());
        assert_eq!((header, body), (!method.leaves_header_free(), method == ClientSecretPost), "{method:?}");
    }
    let mut site = Site::new([]).await;
    site.authentication = ClientSecretBasic;
    let both = site.oauth2(json!({ "refresh": { "token_place": "bearer" } }));
    let refused = site.refresh(&both, &expired()).await.unwrap_err();
    assert!(matches!(refused, TokenError::Setup { .. }), "{refused}");
    assert!(site.server.received().is_empty());
}
