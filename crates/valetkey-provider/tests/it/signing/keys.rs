//! Keys as people paste them (quirk 69).

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    signature::{ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use super::{Signing, computed, ok, post};

/// Whether a token that was signed with `key` is signed by the owner of `public`.
async fn signs(algorithm: &str, key: &str, public: &DecodingKey) -> bool {
    let values = json!({ "jwt": { "jwt": { "algorithm": algorithm, "key": "{{key}}" } } });
    let signing = Signing::new(computed(values, "{{jwt}}"), json!({ "key": key }), [ok()]).await;
    let sent = signing.get("/me").await;
    let mut rules = Validation::new(serde_json::from_value::<Algorithm>(json!(algorithm)).unwrap());
    rules.validate_exp = false;
    decode::<Value>(sent.header("authorization").unwrap(), public, &rules).is_ok()
}

/// The ways in which a key is pasted.
fn spellings(pem: &str) -> Vec<String> {
    let content: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    vec![
        pem.to_owned(),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\\r\\n"),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', " "),
        pem.replace('\n', ""),
        format!("\"{}\"", pem.replace('\n', "\\n")),
        content.clone(),
        pem.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\n"),
        STANDARD.encode(pem),
        STANDARD.encode(pem.replace('\n', "\\n")),
    ]
}

#[tokio::test]
async fn quirk_69_a_key_signs_however_it_was_pasted() {
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let public = DecodingKey::from_rsa_pem(rsa.public_key_pem().as_bytes()).unwrap();
    for key in spellings(&rsa.serialize_pem()) {
        assert!(signs("RS256", &key, &public).await, "{key}");
    }
    let ec = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let public = DecodingKey::from_ec_pem(ec.public_key_pem().as_bytes()).unwrap();
    for key in spellings(&ec.serialize_pem()) {
        assert!(signs("ES256", &key, &public).await, "{key}");
    }
}

#[tokio::test]
async fn quirk_69_the_older_forms_of_keys_sign_too() {
    // PKCS #8 of RSA ends with PKCS #1, and that of an elliptic curve with SEC 1: version, algorithm, then an octet string.
    let inner = |der: &[u8], start: usize| der[start..].to_vec();
    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let der = rsa.serialize_der();
    let pkcs1 =
        (0..40).map(|start| inner(&der, start)).find(|der| RsaKeyPair::from_der(der).is_ok()).unwrap();
    let public = DecodingKey::from_rsa_pem(rsa.public_key_pem().as_bytes()).unwrap();
    assert!(signs("PS256", &pem("RSA PRIVATE KEY", &pkcs1), &public).await);
    let ec = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let der = ec.serialize_der();
    let curve = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let is_sec1 = |der: &Vec<u8>| EcdsaKeyPair::from_private_key_der(curve, der).is_ok();
    let sec1 = (1..40).map(|start| inner(&der, start)).find(is_sec1).unwrap();
    let public = DecodingKey::from_ec_pem(ec.public_key_pem().as_bytes()).unwrap();
    assert!(signs("ES256", &pem("EC PRIVATE KEY", &sec1), &public).await);
}

#[tokio::test]
async fn quirk_69_the_fingerprint_of_the_key_is_a_part_of_the_issuer() {
    // As Snowflake documents for key pair authentication.
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let values = json!({
        "fingerprint": { "fingerprint": { "key": "{{key}}" } },
        "user": { "text": { "of": "{{account}}.{{name}}", "upper_case": true } },
        "jwt": { "jwt": {
            "algorithm": "RS256", "key": "{{key}}",
            "claims": { "iss": "{{user}}.{{fingerprint}}", "sub": "{{user}}" },
        } },
    });
    let details = json!({ "key": key.serialize_pem(), "account": "org-acme", "name": "reader" });
    let signing = Signing::new(computed(values, "Bearer {{jwt}}"), details, [ok()]).await;
    let sent = signing.get("/statements").await;
    let token = sent.header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_owned();
    let pair = RsaKeyPair::from_pkcs8(&key.serialize_der()).unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let digest = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, public.as_ref()));
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    let public = DecodingKey::from_rsa_pem(key.public_key_pem().as_bytes()).unwrap();
    let claims = decode::<Value>(&token, &public, &rules).unwrap().claims;
    assert_eq!(claims["iss"], format!("ORG-ACME.READER.SHA256:{digest}"));
    assert_eq!(claims["sub"], "ORG-ACME.READER");
}

#[tokio::test]
async fn quirk_75_a_body_is_signed_with_ed25519_by_a_key_in_each_of_its_forms() {
    let seed = [7_u8; 32];
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let pkcs8 = pair.to_pkcs8v1().unwrap();
    let public = pair.public_key().as_ref();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
        STANDARD.encode(pkcs8.as_ref())
    );
    for key in [pem, STANDARD.encode(seed), "07".repeat(32), STANDARD.encode([&seed[..], public].concat())] {
        let values = json!({
            "now": { "time": "epoch_seconds" },
            "signature": { "ed25519": { "key": "{{key}}", "of": "{{now}}{{request.body}}", "encoding": "base64" } },
        });
        let place = json!([{ "computed": { "values": values, "place": [
            { "header": { "name": "x-timestamp", "value": "{{now}}" } },
            { "header": { "name": "x-signature", "value": "{{signature}}" } },
        ] } }]);
        let signing = Signing::new(place, json!({ "key": key }), [ok()]).await;
        signing.call(post("/orders", &[], "{\"n\":1}")).await.unwrap();
        let sent = signing.site.server.only();
        let message = format!("{}{{\"n\":1}}", sent.header("x-timestamp").unwrap());
        let signature = STANDARD.decode(sent.header("x-signature").unwrap()).unwrap();
        UnparsedPublicKey::new(&ED25519, public).verify(message.as_bytes(), &signature).unwrap();
    }
}
