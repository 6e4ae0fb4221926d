//! Signed tokens (quirk 69), and a secret in hexadecimal (quirk 70).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::{Value, json};
use valetkey_provider::{CallError, SchemeError};

use super::{Signing, computed, get, ok};
use crate::support::NOW;

/// The claims of a token whose signature is right.
fn claims(token: &str, algorithm: Algorithm, key: &DecodingKey) -> Value {
    let mut rules = Validation::new(algorithm);
    // The clock of the test stands.
    (rules.validate_exp, rules.validate_aud) = (false, false);
    decode(token, key, &rules).unwrap().claims
}

fn header(token: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice(&header).unwrap()
}

/// The token that the server gets.
async fn token(jwt: Value, details: Value) -> String {
    let signing =
        Signing::new(computed(json!({ "jwt": { "jwt": jwt } }), "Bearer {{jwt}}"), details, [ok()]).await;
    let sent = signing.get("/me").await;
    sent.header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_owned()
}

#[tokio::test]
async fn quirk_69_a_token_is_signed_by_each_algorithm_names_its_key_and_lives_shortly() {
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let ec = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let rsa_public = DecodingKey::from_rsa_pem(rsa.public_key_pem().as_bytes()).unwrap();
    let ec_public = DecodingKey::from_ec_pem(ec.public_key_pem().as_bytes()).unwrap();
    let secret = "a-secret-of-the-account";
    for (name, algorithm, key, public) in [
        ("RS256", Algorithm::RS256, rsa.serialize_pem(), &rsa_public),
        ("PS256", Algorithm::PS256, rsa.serialize_pem(), &rsa_public),
        ("ES256", Algorithm::ES256, ec.serialize_pem(), &ec_public),
        ("HS256", Algorithm::HS256, secret.into(), &DecodingKey::from_secret(secret.as_bytes())),
        ("HS512", Algorithm::HS512, secret.into(), &DecodingKey::from_secret(secret.as_bytes())),
    ] {
        let jwt = json!({
            "algorithm": name, "key": "{{key}}", "key_id": "{{id}}", "unique_id": true, "lifetime_seconds": 120,
            "backdated_seconds": 30, "header": { "cty": "a", "x-account": "{{id}}" },
            "claims": { "iss": "{{id}}", "aud": ["one", "{{id}}"], "level": 3, "sub": "" },
        });
        let token = token(jwt, json!({ "key": key, "id": "key-7" })).await;
        let found = header(&token);
        assert_eq!(
            (&found["alg"], &found["kid"], &found["typ"], &found["x-account"]),
            (&json!(name), &json!("key-7"), &json!("JWT"), &json!("key-7"))
        );
        let mut claims = claims(&token, algorithm, public);
        let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(id.as_str().map(str::len), Some(43));
        let now = NOW.seconds();
        let expected = json!({
            "iss": "key-7", "aud": ["one", "key-7"], "level": 3, "iat": now - 30, "exp": now + 120,
        });
        assert_eq!(claims, expected, "{name}");
    }
}

#[tokio::test]
async fn quirk_69_a_certificate_is_named_by_its_thumbprint() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["app.example".to_owned()]).unwrap();
    let jwt = json!({ "algorithm": "ES256", "key": "{{key}}", "certificate": "{{certificate}}" });
    let details = json!({ "key": signing_key.serialize_pem(), "certificate": cert.pem().replace('\n', " ") });
    let token = token(jwt, details).await;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, cert.der());
    assert_eq!(header(&token)["x5t#S256"], URL_SAFE_NO_PAD.encode(digest));
}

#[tokio::test]
async fn quirk_70_a_key_of_two_parts_with_a_secret_in_hexadecimal_signs_a_token() {
    // As Ghost documents for its Admin API.
    let values = json!({
        "id": { "part": { "of": "{{admin_api_key}}", "separator": ":", "number": 1 } },
        "secret": { "part": { "of": "{{admin_api_key}}", "separator": ":", "number": 2 } },
        "jwt": { "jwt": {
            "algorithm": "HS256", "key": "{{secret}}", "key_encoding": "hex", "key_id": "{{id}}",
            "lifetime_seconds": 300, "claims": { "aud": "/admin/" },
        } },
    });
    let secret = "0123456789abcdef0123456789abcdef";
    let details = json!({ "admin_api_key": format!("6489c1a2:{secret}") });
    let signing = Signing::new(computed(values, "Ghost {{jwt}}"), details, [ok()]).await;
    let sent = signing.get("/posts").await;
    let token = sent.header("authorization").unwrap().strip_prefix("Ghost ").unwrap().to_owned();
    let key = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef_u128.to_be_bytes();
    let claims = claims(&token, Algorithm::HS256, &DecodingKey::from_secret(&key));
    assert_eq!(claims, json!({ "aud": "/admin/", "iat": NOW.seconds(), "exp": NOW.seconds() + 300 }));
    assert_eq!(header(&token)["kid"], "6489c1a2");
}

#[tokio::test]
async fn quirk_69_a_key_that_cannot_sign_is_told_by_the_name_of_its_value_and_never_shown() {
    for (algorithm, key) in
        [("RS256", "no-key-at-all"), ("ES256", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END"), ("HS256", "")]
    {
        let values = json!({ "assertion": { "jwt": { "algorithm": algorithm, "key": "{{key}}" } } });
        let place = computed(values, "Bearer {{assertion}}");
        let signing = Signing::new(place, json!({ "key": key }), []).await;
        let refused = signing.call(get("/me")).await.unwrap_err();
        let CallError::Scheme(SchemeError::Key { value, .. }) = &refused else { panic!("{refused}") };
        assert_eq!(value, "assertion");
        let told = format!("{refused} {refused:?}");
        assert!(!told.contains("no-key") && !told.contains("AAAA"), "{told}");
        assert!(signing.site.server.received().is_empty());
    }
}

#[tokio::test]
async fn a_token_that_comes_back_in_an_answer_is_overwritten() {
    let values = json!({ "jwt": { "jwt": { "algorithm": "HS256", "key": "{{key}}" } } });
    let place = computed(values, "Bearer {{jwt}}");
    let details = json!({ "key": "a-secret-of-the-account" });
    // The clock stands, so that both calls carry the same token.
    let first = Signing::new(place.clone(), details.clone(), [ok()]).await;
    let token = first.get("/me").await.header("authorization").unwrap().to_owned();
    let echo = crate::server::Reply::json(200, json!({ "seen": token }));
    let again = Signing::new(place, details, [echo]).await;
    let answer = again.call(get("/me")).await.unwrap();
    let seen: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(seen["seen"], format!("Bearer {}", "*".repeat(token.len() - 7)));
}
