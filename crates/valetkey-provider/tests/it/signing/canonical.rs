//! Signatures of a canonical string (quirks 70, 74, 75).

use aws_lc_rs::{digest, hmac};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use valetkey_core::{Clock, Timestamp};
use valetkey_provider::CallError;

use super::{Signing, computed, form, get, hex, ok, post};
use crate::support::{NOW, StandingClock};

fn hmac_of(algorithm: hmac::Algorithm, key: &[u8], message: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, key), message.as_bytes()).as_ref().to_vec()
}

/// As Duo documents for its Admin API: date, method, host, path and parameters, HMAC-SHA1, in Basic.
fn duo() -> Value {
    let values = json!({
        "date": { "time": "rfc5322" },
        "signature": { "hmac": {
            "key": "{{secret_key}}", "algorithm": "sha1",
            "of": "{{date}}\n{{request.method}}\n{{request.host}}\n{{request.path}}\n{{request.parameters}}",
        } },
    });
    json!([{ "computed": { "values": values, "place": [
        { "header": { "name": "date", "value": "{{date}}" } },
        { "basic": { "username": "{{integration_key}}", "password": "{{signature}}" } },
    ] } }])
}

#[tokio::test]
async fn quirk_75_a_canonical_request_is_signed_and_stands_in_basic() {
    let details = json!({ "integration_key": "DI-1", "secret_key": "duo-secret-key" });
    let signing = Signing::new(duo(), details, [ok(), ok()]).await;
    let host = signing.site.server.base_url.trim_start_matches("http://").to_owned();
    let date = "Fri, 15 Jan 2027 08:00:00 -0000";
    assert_eq!(StandingClock.now(), Timestamp::from_millis(NOW.millis()));
    signing.call(post("/users", &form(), "username=root&realname=First+Last%7E")).await.unwrap();
    signing.call(get("/users?b=2&a=%2f x".replace(' ', "+").as_str())).await.unwrap();
    let received = signing.site.server.received();
    for (sent, method, parameters) in [
        (&received[0], "POST", "realname=First%20Last~&username=root"),
        (&received[1], "GET", "a=%2F%20x&b=2"),
    ] {
        let message = format!("{date}\n{method}\n{host}\n/v1/users\n{parameters}");
        let signature = hex(hmac_of(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"duo-secret-key", &message));
        let expected = format!("Basic {}", STANDARD.encode(format!("DI-1:{signature}")));
        assert_eq!(sent.header("authorization"), Some(expected.as_str()));
        assert_eq!(sent.header("date"), Some(date));
    }
}

#[tokio::test]
async fn quirk_75_a_digest_of_nonce_time_and_password_stands_in_one_header() {
    // WSSE UsernameToken.
    let values = json!({
        "nonce": { "random": { "bytes": 16, "encoding": "hex" } },
        "sent_nonce": { "text": { "of": "{{nonce}}", "encoding": "base64" } },
        "created": { "time": "rfc3339" },
        "digest": { "hash": {
            "of": "{{nonce}}{{created}}{{secret}}", "algorithm": "sha1", "encoding": "base64",
        } },
    });
    let place = json!([{ "computed": { "values": values, "place": [{ "header": {
        "name": "x-wsse",
        "value": "UsernameToken Username=\"{{user}}\", PasswordDigest=\"{{digest}}\", Nonce=\"{{sent_nonce}}\", Created=\"{{created}}\"",
    } }] } }]);
    let signing = Signing::new(place, json!({ "user": "alice", "secret": "s3cret" }), [ok(), ok()]).await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let sent = signing.get("/me").await;
        let header = sent.header("x-wsse").unwrap().to_owned();
        let part = |name: &str| {
            header.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().to_owned()
        };
        assert_eq!(
            (part("Username"), part("Created")),
            ("alice".to_owned(), "2027-01-15T08:00:00Z".to_owned())
        );
        let nonce = String::from_utf8(STANDARD.decode(part("Nonce")).unwrap()).unwrap();
        let message = format!("{nonce}{}s3cret", part("Created"));
        let expected = STANDARD.encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message.as_bytes()));
        assert_eq!(part("Digest"), expected);
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1], "each request has a nonce of its own");
}

#[tokio::test]
async fn quirk_70_a_key_in_base64_signs_time_method_target_and_the_hash_of_the_body() {
    let values = json!({
        "now": { "time": "epoch_milliseconds" },
        "sum": { "hash": { "of": "{{request.body}}" } },
        "signature": { "hmac": {
            "key": "{{secret}}", "key_encoding": "base64", "algorithm": "sha512", "encoding": "base64",
            "of": "{{now}}{{request.method}}{{request.target}}{{sum}}",
        } },
    });
    let place = json!([{ "computed": { "values": values, "place": [
        { "header": { "name": "x-timestamp", "value": "{{now}}" } },
        { "query": { "name": "signature", "value": "{{signature}}" } },
    ] } }]);
    let key = [0_u8, 255, 7, 9];
    let signing = Signing::new(place, json!({ "secret": STANDARD.encode(key) }), [ok()]).await;
    signing.call(post("/orders?x='1'", &[], "{}")).await.unwrap();
    let sent = signing.site.server.only();
    let sum = hex(digest::digest(&digest::SHA256, b"{}"));
    let message = format!("{}POST/v1/orders?x='1'{sum}", NOW.millis());
    assert_eq!(
        sent.parameter("signature"),
        Some(STANDARD.encode(hmac_of(hmac::HMAC_SHA512, &key, &message)))
    );
    assert!(sent.url.query().unwrap().starts_with("x="), "what the caller gave stays first");
}

#[tokio::test]
async fn quirk_74_oauth_1_signs_query_and_form_and_names_its_realm() {
    let place = json!([{ "oauth1": {
        "consumer_key": "{{consumer_key}}", "consumer_secret": "{{consumer_secret}}", "token": "{{token}}",
        "token_secret": "{{token_secret}}", "method": "HMAC-SHA256", "realm": "{{account}}",
    } }]);
    let details = json!({
        "consumer_key": "ck", "consumer_secret": "c&s", "token": "tk", "token_secret": "ts", "account": "1234_SB1",
    });
    let signing = Signing::new(place, details, [ok()]).await;
    signing.call(post("/record?b=2", &form(), "a=1+2")).await.unwrap();
    let sent = signing.site.server.only();
    let header = sent.header("authorization").unwrap().to_owned();
    let part = |name: &str| {
        header.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().to_owned()
    };
    assert!(header.starts_with("OAuth realm=\"1234_SB1\", oauth_consumer_key=\"ck\""), "{header}");
    let escaped = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let parameters = format!(
        "a=1%202&b=2&oauth_consumer_key=ck&oauth_nonce={}&oauth_signature_method=HMAC-SHA256&oauth_timestamp={}\
         &oauth_token=tk&oauth_version=1.0",
        part("oauth_nonce"),
        NOW.seconds(),
    );
    let address = signing.site.at("/v1/record");
    let base = format!("POST&{}&{}", escaped(&address), escaped(&parameters));
    let expected = STANDARD.encode(hmac_of(hmac::HMAC_SHA256, b"c%26s&ts", &base));
    assert_eq!(part("oauth_signature"), escaped(&expected));
}

#[tokio::test]
async fn what_a_signature_adds_cannot_be_given_by_the_caller() {
    let aws = json!([{ "aws_sigv4": {
        "access_key_id": "{{id}}", "secret_access_key": "{{secret}}", "region": "eu-1", "service": "s3",
    } }]);
    let oauth1 = json!([{ "oauth1": { "consumer_key": "{{id}}", "consumer_secret": "{{secret}}" } }]);
    let made = computed(json!({ "now": { "time": "rfc3339" } }), "{{now}}");
    for (place, header, parameter) in [
        (aws, "x-amz-date", "/?X-Amz-Signature=1"),
        (oauth1, "authorization", "/?oauth_token=1"),
        (made, "authorization", "/?authorization=1"),
    ] {
        let signing = Signing::new(place, json!({ "id": "i", "secret": "s" }), []).await;
        let headers = [(header.parse().unwrap(), "mine".parse().unwrap())];
        let refused = signing.call(post("/", &headers, "")).await;
        assert!(matches!(refused, Err(CallError::HeaderNotAllowed(_))), "{header}");
        let refused = signing.call(get(parameter)).await;
        assert!(matches!(refused, Err(CallError::ParameterNotAllowed(_))), "{parameter}");
        assert!(signing.site.server.received().is_empty());
    }
}
