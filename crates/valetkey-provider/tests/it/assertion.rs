//! Client authentication by `private_key_jwt`.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::{Value, json};
use valetkey_core::{Secret, connector::ClientAuthentication};
use valetkey_provider::oauth::TokenError;

use crate::{
    server::Reply,
    site::{Site, expired},
    support::NOW,
};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn site(key: &str, replies: usize) -> Site {
    let token = || Reply::json(200, json!({ "access_token": "at-1" }));
    let mut site = Site::new((0..replies).map(|_| token())).await;
    site.authentication = ClientAuthentication::PrivateKeyJwt;
    site.secret = Secret::from(key);
    site.fields.insert("key_id".into(), "key-7".into());
    site
}

fn with_assertion(assertion: Value) -> Value {
    json!({ "token": { "client_assertion": assertion } })
}

fn claims(assertion: &str, algorithm: Algorithm, key: &DecodingKey) -> BTreeMap<String, Value> {
    let mut rules = Validation::new(algorithm);
    // The clock of the test stands; time and audience are compared below.
    (rules.validate_exp, rules.validate_aud) = (false, false);
    decode(assertion, key, &rules).unwrap().claims
}

#[tokio::test]
async fn t18_an_assertion_is_signed_names_its_key_and_lives_for_a_minute() {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let public = DecodingKey::from_rsa_pem(key.public_key_pem().as_bytes()).unwrap();
    for (name, algorithm) in [("RS256", Algorithm::RS256), ("PS256", Algorithm::PS256)] {
        let site = site(&key.serialize_pem(), 1).await;
        let oauth2 = site.oauth2(with_assertion(json!({ "algorithm": name, "key_id": "{{key_id}}" })));
        site.refresh(&oauth2, &expired()).await.unwrap();
        let sent = site.server.only();
        assert_eq!(sent.parameter("client_assertion_type").as_deref(), Some(TYPE));
        assert_eq!((sent.parameter("client_secret"), sent.header("authorization")), (None, None));
        let assertion = sent.parameter("client_assertion").unwrap();
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(assertion.split('.').next().unwrap()).unwrap())
                .unwrap();
        assert_eq!((&header["alg"], &header["kid"]), (&json!(name), &json!("key-7")));
        let claims = claims(&assertion, algorithm, &public);
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("client-id"), &json!("client-id")));
        assert_eq!(claims["aud"], json!(site.at("/token")));
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW.seconds()), &json!(NOW.seconds() + 60)));
        assert!(claims["jti"].as_str().is_some_and(|id| id.len() == 43));
    }
}

#[tokio::test]
async fn t18_quirk_31_each_assertion_has_an_id_of_its_own_and_the_parties_that_the_definition_names() {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let public = DecodingKey::from_ec_pem(key.public_key_pem().as_bytes()).unwrap();
    // As it is copied from a JSON file.
    let site = site(&key.serialize_pem().replace('\n', "\\n"), 3).await;
    let oauth2 = site.oauth2(with_assertion(json!({
        "algorithm": "ES256", "key_id": "k", "audience": "https://bank.example", "issuer": "callback.example",
    })));
    for _ in 0..3 {
        site.refresh(&oauth2, &expired()).await.unwrap();
    }
    let ids: BTreeSet<String> = site
        .server
        .received()
        .iter()
        .map(|sent| {
            let claims = claims(&sent.parameter("client_assertion").unwrap(), Algorithm::ES256, &public);
            assert_eq!((&claims["iss"], &claims["sub"]), (&json!("callback.example"), &json!("client-id")));
            assert_eq!(claims["aud"], json!("https://bank.example"));
            claims["jti"].to_string()
        })
        .collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_key_that_cannot_sign_is_a_fault_of_the_connection_and_is_not_shown() {
    let site = site("not-a-key", 0).await;
    for oauth2 in [site.oauth2(with_assertion(json!({ "key_id": "k" }))), site.oauth2(json!({}))] {
        let refused = site.refresh(&oauth2, &expired()).await.unwrap_err();
        assert!(matches!(refused, TokenError::Setup { .. }), "{refused}");
        assert!(!format!("{refused:?}").contains("not-a-key"));
    }
    assert!(site.server.received().is_empty());
}
