//! Calls whose credential is made for each of them, through the whole server.

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use valetkey_testkit::{app::Outcome, provider::ScriptedAnswer};

use super::{code, get, header, shown, to, values, with_static};

const SECRET: &str = "aws-secret-0123456789";

const AWS: &str = "{api_key: {fields: FIELDS, place: [{aws_sigv4: {access_key_id: \"{{email}}\", \
                   secret_access_key: \"{{secret}}\", region: eu-central-1, service: s3, path_encoding: once, \
                   payload_header: true}}]}}";

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digits: Vec<String> = bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// HMAC-SHA256 (RFC 2104) with a key of at most 64 bytes.
fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let padded =
        |pad: u8| (0..64).map(|at| key.get(at).copied().unwrap_or_default() ^ pad).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

/// What `authorization` has to be for the request that the provider received.
fn expected(seen: &Value, names: &str) -> String {
    let lines: Vec<String> =
        names.split(';').map(|name| format!("{name}:{}", values(seen, name).join(","))).collect();
    let (path, query) = seen["target"].as_str().unwrap().split_once('?').unwrap();
    let method = seen["method"].as_str().unwrap();
    let hash = seen["sha256"].as_str().unwrap();
    let request = format!("{method}\n{path}\n{query}\n{}\n\n{names}\n{hash}", lines.join("\n"));
    let date = values(seen, "x-amz-date")[0];
    let scope = format!("{}/eu-central-1/s3/aws4_request", &date[..8]);
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(Sha256::digest(request)));
    let key = scope.split('/').fold(format!("AWS4{SECRET}").into_bytes(), |key, part| hmac(&key, part));
    let signature = hex(hmac(&key, &to_sign));
    format!("AWS4-HMAC-SHA256 Credential=AKID/{scope}, SignedHeaders={names}, Signature={signature}")
}

#[tokio::test]
async fn quirk_73_a_proxied_call_is_signed_over_what_the_provider_receives() -> Outcome<()> {
    let app = with_static(AWS, json!({ "email": "AKID", "secret": SECRET })).await?;
    let request = to(&app, Method::POST, "/request/a%20b?a=1&b=%C3%A9")
        .header("content-type", "application/json")
        .header("x-amz-meta-note", "two  words")
        .body(Body::from("{\"n\":1}"))?;
    let seen = shown(&app, request).await?;
    let sum = hex(Sha256::digest("{\"n\":1}"));
    assert_eq!((&seen["sha256"], values(&seen, "x-amz-content-sha256")), (&json!(sum), vec![sum.as_str()]));
    let names = "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-note;x-version";
    let mut canonical = seen.clone();
    // White space within a value counts as one blank.
    for line in canonical["headers"].as_array_mut().unwrap() {
        if line[0] == "x-amz-meta-note" {
            line[1] = json!("two words");
        }
    }
    assert_eq!(values(&seen, "authorization"), [expected(&canonical, names)]);
    assert!(!seen.to_string().contains(SECRET));
    Ok(())
}

#[tokio::test]
async fn quirk_73_a_body_that_is_too_long_to_be_signed_is_refused_before_anything_is_sent() -> Outcome<()> {
    let app = with_static(AWS, json!({ "email": "AKID", "secret": SECRET })).await?;
    let before = app.provider.provider.requests().len();
    let long = to(&app, Method::PUT, "/request/x").body(Body::from(vec![b'a'; 70_000]))?;
    let answer = app.send(long).await?;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.contains("longer than 65536 bytes"), "{}", answer.text);
    assert_eq!(app.provider.provider.requests().len(), before);
    Ok(())
}

#[tokio::test]
async fn quirk_74_a_signature_is_made_for_one_address_and_a_redirect_is_told() -> Outcome<()> {
    let place = "{api_key: {fields: FIELDS, place: [{oauth1: {consumer_key: \"{{email}}\", \
                 consumer_secret: \"{{secret}}\"}}]}}";
    let app = with_static(place, json!({ "email": "ck", "secret": SECRET })).await?;
    let provider = &app.provider.provider;
    provider.script([ScriptedAnswer::new(302).header("location", "https://elsewhere.example/x")]);
    let before = provider.scripted_requests();
    let answer = get(&app, "/scripted").await?;
    assert_eq!((answer.status.as_u16(), header(&answer, "location")), (302, None));
    assert_eq!(provider.scripted_requests(), before + 1, "nothing is followed");
    // A call to another address has a signature of its own.
    let sign = async |path: &str| -> Outcome<String> {
        let seen = shown(&app, to(&app, Method::GET, path).body(Body::empty())?).await?;
        Ok(values(&seen, "authorization")[0].to_owned())
    };
    let (one, other) = (sign("/request/one").await?, sign("/request/other").await?);
    let signature = |header: &str| header.split_once("oauth_signature=").map(|(_, rest)| rest.to_owned());
    assert!(one.starts_with("OAuth oauth_consumer_key=\"ck\", oauth_nonce="), "{one}");
    assert_ne!(signature(&one), signature(&other));
    Ok(())
}

#[tokio::test]
async fn quirk_69_a_key_that_cannot_sign_is_told_to_the_caller_without_the_key() -> Outcome<()> {
    let place = "{api_key: {fields: FIELDS, place: [{computed: {values: {jwt: {jwt: {algorithm: RS256, \
                 key: \"{{secret}}\"}}}, place: [{header: {name: authorization, value: \"Bearer {{jwt}}\"}}]}}]}}";
    let app = with_static(place, json!({ "secret": SECRET })).await?;
    let answer = get(&app, "/request").await?;
    assert_eq!(code(&answer).1, "CONNECTION_INCOMPLETE", "{}", answer.text);
    assert!(answer.text.contains("not a private key in PEM"), "{}", answer.text);
    assert!(!answer.text.contains(SECRET), "{}", answer.text);
    Ok(())
}
