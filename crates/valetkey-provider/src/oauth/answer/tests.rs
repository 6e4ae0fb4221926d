//! Token answers, quirk by quirk.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a failed unwrap is a failed test, and JSON reads best as an argument"
)]

use http::{
    HeaderValue,
    header::{CONTENT_TYPE, RETRY_AFTER, SET_COOKIE},
};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);
const JSON: Option<&str> = Some("application/json; charset=utf-8");

fn oauth2(answer: &Value, more: Value) -> Oauth2 {
    let mut definition = json!({
        "authorization": { "url": "https://a.example/authorize" },
        "token": { "url": "https://t.example/token", "answer": answer },
    });
    definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(definition).unwrap()
}

fn headers(content_type: Option<&str>) -> HeaderMap {
    content_type.map(|text| (CONTENT_TYPE, text.parse().unwrap())).into_iter().collect()
}

fn read_as(rules: &Value, content_type: Option<&str>, body: &str) -> Result<TokenGrant, TokenError> {
    let answer = RawAnswer { status: 200, headers: &headers(content_type), body: body.as_bytes() };
    read_token_answer(&oauth2(rules, json!({})), &answer, NOW, &[])
}

fn read(rules: Value, body: Value) -> Result<TokenGrant, TokenError> {
    read_as(&rules, JSON, &body.to_string())
}

fn unusable(result: Result<TokenGrant, TokenError>) -> Unusable {
    match result {
        Err(TokenError::Unusable(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn token(grant: &TokenGrant) -> &str {
    grant.credential.access_token.expose()
}

#[test]
fn quirk_44_success_may_be_201_and_an_error_may_be_200() {
    let with_status = |status| {
        let answer = RawAnswer { status, headers: &headers(JSON), body: br#"{"access_token":"t"}"# };
        read_token_answer(&oauth2(&json!({}), json!({})), &answer, NOW, &[])
    };
    assert!(with_status(200).is_ok() && with_status(201).is_ok());
    assert!(with_status(204).is_err() && with_status(400).is_err());
    assert!(matches!(
        read(json!({}), json!({ "error": "invalid_grant", "access_token": "t" })),
        Err(TokenError::GrantInvalid(_))
    ));
}

#[test]
fn quirk_45_xml_is_read_by_the_path_of_elements() {
    let format = json!({ "format": "xml", "access_token": "/r/token" });
    let body = "<?xml version='1.0'?><r><token>t</token><expires_in>60</expires_in></r>";
    assert_eq!(token(&read_as(&format, Some("text/xml"), body).unwrap()), "t");
    assert!(read_as(&json!({}), Some("text/xml"), body).is_err());
}

#[test]
fn quirk_45_a_body_is_read_by_its_content_type_or_its_look() {
    for (content_type, body) in [
        (JSON, r#"{"access_token":"t"}"#),
        (Some("application/vnd.x+json"), r#"{"access_token":"t"}"#),
        (None, r#" {"access_token":"t"}"#),
        (Some("text/plain"), r#"{"access_token":"t"}"#),
        (Some("text/html"), r#"{"access_token":"t"}"#),
        (Some("application/x-www-form-urlencoded"), "access_token=t&expires_in=60"),
        (Some("text/plain"), "access_token=t&expires_in=60"),
        (None, "access_token=t"),
    ] {
        assert_eq!(token(&read_as(&json!({}), content_type, body).unwrap()), "t", "{content_type:?} {body}");
    }
    assert_eq!(
        token(&read_as(&json!({ "format": "text" }), Some("text/plain"), "raw-token\n").unwrap()),
        "raw-token"
    );
    assert_eq!(token(&read_as(&json!({ "format": "form" }), JSON, "access_token=t").unwrap()), "t");
}

#[test]
fn t19_what_is_not_an_answer_has_a_typed_outcome() {
    for (content_type, body, expected) in [
        (Some("text/html"), "<html>", Unusable::Html),
        (JSON, "<!DOCTYPE html><p>", Unusable::Html),
        (Some("text/html"), "Please sign in", Unusable::Html),
        (JSON, "not json", Unusable::NotReadable("JSON")),
        (JSON, "", Unusable::NotReadable("JSON")),
        (None, "hello there", Unusable::NotReadable("JSON or a form")),
        (Some("text/xml"), "<token/>", Unusable::NotReadable("JSON or a form")),
        (JSON, "{}", Unusable::MissingToken("/access_token".into())),
        (JSON, r#"{"access_token":""}"#, Unusable::MissingToken("/access_token".into())),
        (JSON, r#"{"access_token":5}"#, Unusable::MalformedToken),
        (JSON, r#"{"access_token":"a\r\nb"}"#, Unusable::MalformedToken),
    ] {
        assert_eq!(unusable(read_as(&json!({}), content_type, body)), expected, "{body}");
    }
}

#[test]
fn quirk_46_and_47_tokens_are_found_where_the_definition_says() {
    for (pointer, body) in [
        ("/data/access_token", json!({ "data": { "access_token": "t" } })),
        ("/tokens/access/token", json!({ "tokens": { "access": { "token": "t" } } })),
        ("/accessToken", json!({ "accessToken": "t" })),
        ("/list/0/jwt", json!({ "list": [{ "jwt": "t" }] })),
        ("", json!("t")),
    ] {
        assert_eq!(token(&read(json!({ "access_token": pointer }), body).unwrap()), "t", "{pointer}");
    }
}

#[test]
fn quirk_51_several_tokens_are_kept_and_a_missing_one_does_not_spoil_the_rest() {
    let rules = json!({ "accepted_token_types": ["bot"], "additional_tokens": {
        "user": {
            "access_token": "/authed_user/access_token", "refresh_token": "/authed_user/refresh_token",
            "scope": "/authed_user/scope", "lifetime": { "pointer": "/authed_user/expires_in" },
        },
        "other": { "access_token": "/other/access_token" },
    } });
    let user = json!({ "access_token": "u", "refresh_token": "ur", "scope": "read", "expires_in": 60 });
    let body = json!({ "access_token": "b", "token_type": "bot", "scope": "post", "expires_in": 3600, "authed_user": user });
    let grant = read(rules, body).unwrap();
    let additional = &grant.credential.additional;
    assert_eq!(additional.keys().collect::<Vec<_>>(), ["user"]);
    assert_eq!(additional["user"].access_token, Secret::from("u"));
    assert_eq!(additional["user"].refresh_token, Some(Secret::from("ur")));
    assert_eq!(grant.granted, Some(["post", "read"].into_iter().collect()));
    let earliest = valetkey_core::credential::Credential::Oauth2(grant.credential).expires_at();
    assert_eq!(earliest, Some(NOW.plus_seconds(60)));
}

#[test]
fn quirk_52_fields_and_identity_are_taken_from_the_answer() {
    let rules = json!({ "capture": { "instance_url": "/instance_url", "shop": "/id", "none": "/none", "bad": "/bad" } });
    let body = json!({
        "access_token": "t", "instance_url": "https://acme.example", "id": 7, "bad": "a\nb",
        "owner": { "id": "u1", "email": "a@b.example" },
    });
    let identity = json!({ "identity": { "account_id": "/owner/id", "email": "/owner/email" } });
    let text = body.to_string();
    let answer = RawAnswer { status: 200, headers: &headers(JSON), body: text.as_bytes() };
    let grant = read_token_answer(&oauth2(&rules, identity), &answer, NOW, &[]).unwrap();
    let captured: Vec<_> =
        grant.captured.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(captured, [("instance_url", "https://acme.example"), ("shop", "7")]);
    assert_eq!(grant.identity.account_id.as_deref(), Some("u1"));
    assert_eq!(grant.identity.email.as_deref(), Some("a@b.example"));
}

/// No definition can name the account by an ID token (`OpenID` Connect Core §2): pointers do not reach into one, and
/// nothing decodes it. So a forged one, with the algorithm `none`, says nothing.
#[test]
fn t23_an_id_token_never_names_the_account() {
    let forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWxsb3J5IiwiZW1haWwiOiJtQGV2aWwuZXhhbXBsZSJ9.";
    let body = json!({ "access_token": "t", "id_token": forged }).to_string();
    let answer = RawAnswer { status: 200, headers: &headers(JSON), body: body.as_bytes() };
    for (account_id, email) in [("/sub", "/email"), ("/id_token/sub", "/id_token/email")] {
        let identity = json!({ "identity": { "account_id": account_id, "email": email } });
        let grant = read_token_answer(&oauth2(&json!({}), identity), &answer, NOW, &[]).unwrap();
        assert_eq!((grant.identity.account_id, grant.identity.email), (None, None));
    }
}

#[test]
fn quirk_53_a_long_token_is_accepted_up_to_the_limit() {
    let body = |length: usize| json!({ "access_token": "x".repeat(length) });
    assert!(read(json!({}), body(16 * 1024)).is_ok());
    assert_eq!(unusable(read(json!({}), body(16 * 1024 + 1))), Unusable::TokenTooLong { limit: 16 * 1024 });
    assert!(read(json!({ "max_token_bytes": 20_000 }), body(20_000)).is_ok());
}

#[test]
fn quirk_54_a_session_token_may_be_a_cookie() {
    let rules =
        json!({ "format": "cookies", "access_token": "/B1SESSION", "lifetime": { "default_seconds": 1800 } });
    let mut headers = headers(JSON);
    headers.append(SET_COOKIE, HeaderValue::from_static("ROUTEID=.node1; path=/b1s"));
    headers.append(SET_COOKIE, HeaderValue::from_static("B1SESSION=s-1; HttpOnly; SameSite=None"));
    let answer = RawAnswer { status: 200, headers: &headers, body: b"ignored" };
    let grant = read_token_answer(&oauth2(&rules, json!({})), &answer, NOW, &[]).unwrap();
    assert_eq!(token(&grant), "s-1");
    assert_eq!(grant.credential.expires_at, Some(NOW.plus_seconds(1800)));
}

#[test]
fn t20_a_token_type_is_compared_without_case_and_absent_means_bearer() {
    for given in [json!("Bearer"), json!("bearer"), json!("BEARER"), Value::Null] {
        assert!(read(json!({}), json!({ "access_token": "t", "token_type": given })).is_ok());
    }
    let mac = json!({ "access_token": "t", "token_type": "mac" });
    assert_eq!(unusable(read(json!({}), mac)), Unusable::UnknownTokenType("mac".into()));
    let strict = json!({ "accepted_token_types": ["dpop"] });
    assert!(matches!(unusable(read(strict, json!({ "access_token": "t" }))), Unusable::UnknownTokenType(_)));
}

#[test]
fn t22_scopes_come_as_text_or_list_and_absent_means_as_requested() {
    let granted =
        |scope: Value| read(json!({}), json!({ "access_token": "t", "scope": scope })).unwrap().granted;
    assert_eq!(granted(json!("b a")), Some(["a", "b"].into_iter().collect()));
    assert_eq!(granted(json!(["a", "b"])), Some(["a", "b"].into_iter().collect()));
    assert_eq!(granted(json!("")), Some(ScopeSet::default()));
    assert_eq!(granted(Value::Null), None);
}

#[test]
fn error_classes_follow_status_then_rule_then_code() {
    let class = |status: u16, body: &str| {
        let mut headers = headers(JSON);
        headers.insert(RETRY_AFTER, HeaderValue::from_static("9"));
        let answer = RawAnswer { status, headers: &headers, body: body.as_bytes() };
        match read_token_answer(&oauth2(&json!({}), json!({})), &answer, NOW, &[]).unwrap_err() {
            TokenError::GrantInvalid(_) => "grant",
            TokenError::ClientMisconfigured(_) => "client",
            TokenError::ScopeProblem(_) => "scope",
            TokenError::Transient { retry_after, .. } => {
                if retry_after == Some(9) {
                    "transient"
                } else {
                    "no wait"
                }
            }
            TokenError::RateLimited { retry_after, .. } => {
                if retry_after == Some(9) {
                    "limit"
                } else {
                    "no wait"
                }
            }
            TokenError::Unusable(_) => "unusable",
            TokenError::Setup { .. } => "setup",
            TokenError::RevokedAtProvider(_) => "revoked",
            TokenError::NotRenewable(_) => "not renewable",
            TokenError::Unknown { .. } => "unknown",
        }
    };
    for (status, body, expected) in [
        (400, r#"{"error":"invalid_grant"}"#, "grant"),
        (403, r#"{"error":"access_denied"}"#, "grant"),
        (401, r#"{"error":"invalid_client"}"#, "client"),
        (400, r#"{"error":"unauthorized_client"}"#, "client"),
        (400, r#"{"error":"invalid_request"}"#, "client"),
        (401, "", "client"),
        (400, r#"{"error":"invalid_scope"}"#, "scope"),
        (400, r#"{"error":"temporarily_unavailable"}"#, "transient"),
        (500, r#"{"error":"invalid_grant"}"#, "transient"),
        (502, "<html>", "transient"),
        (503, "", "transient"),
        (408, "", "transient"),
        (429, r#"{"error":"invalid_grant"}"#, "limit"),
        (400, r#"{"error":"slow_down"}"#, "limit"),
        (400, r#"{"error":"never_heard_of"}"#, "unusable"),
        (404, "gone", "unusable"),
    ] {
        assert_eq!(class(status, body), expected, "{status} {body}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_outcome_without_a_panic(
        status in 100_u16..600, body in proptest::collection::vec(any::<u8>(), 0..300), kind in 0_usize..4
    ) {
        let content_type = [None, JSON, Some("text/plain"), Some("application/x-www-form-urlencoded")][kind];
        let answer = RawAnswer { status, headers: &headers(content_type), body: &body };
        for format in ["auto", "json", "form", "text"] {
            let _ = read_token_answer(&oauth2(&json!({ "format": format }), json!({})), &answer, NOW, &[]);
        }
    }

    #[test]
    fn an_error_never_shows_the_tokens_of_the_answer(secret in "[a-z]{4}[A-Za-z0-9]{12,60}", status in 400_u16..600) {
        let body = json!({ "error": secret, "error_description": format!("bad {secret}, retry"), "access_token": secret });
        let text = body.to_string();
        let answer = RawAnswer { status, headers: &headers(JSON), body: text.as_bytes() };
        let known = Secret::from(secret.as_str());
        let error = read_token_answer(&oauth2(&json!({}), json!({})), &answer, NOW, &[&known]).unwrap_err();
        let shown = format!("{error} {error:?}");
        prop_assert!(!shown.contains(&secret), "{}", shown);
    }
}
