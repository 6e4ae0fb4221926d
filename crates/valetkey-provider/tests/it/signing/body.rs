//! Bodies that are signed, and those that cannot be because they are sent as they come.

use std::{collections::BTreeSet, time::Duration};

use aws_lc_rs::{digest, hmac};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Method};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use valetkey_provider::{CallError, ForwardRequest, Ready, RequestBody};

use super::{Signing, computed, hex, ok};
use crate::server::{Received, Reply};

/// A body that does not say how long it is.
fn streamed(length: usize) -> RequestBody {
    let pieces: Vec<Result<_, Box<dyn std::error::Error + Send + Sync>>> =
        vec![b'a'; length].chunks(1000).map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece)))).collect();
    RequestBody::Stream(StreamBody::new(stream::iter(pieces)).boxed_unsync())
}

async fn forward(
    signing: &Signing,
    headers: &HeaderMap,
    body: RequestBody,
    retries: u32,
) -> Result<u16, CallError> {
    let request = ForwardRequest {
        method: Method::PUT,
        path: "/file",
        headers,
        body,
        timeout: Duration::from_secs(10),
        retries,
        ready: &Ready::of(&signing.access(), &BTreeSet::new())?,
    };
    let answer = signing.site.provider.forward(&signing.access(), request).await?;
    Ok(answer.status.as_u16())
}

/// A signature of the body.
async fn with_hmac(replies: impl IntoIterator<Item = Reply>) -> Signing {
    let values = json!({
        "nonce": { "random": { "bytes": 8 } },
        "signature": { "hmac": { "key": "{{secret}}", "of": "{{nonce}}.{{request.body}}" } },
    });
    Signing::new(computed(values, "{{nonce}}.{{signature}}"), json!({ "secret": "s" }), replies).await
}

fn is_signed(sent: &Received) -> bool {
    let (nonce, signature) = sent.header("authorization").unwrap().split_once('.').unwrap();
    let message = format!("{nonce}.{}", sent.body);
    signature == hex(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"s"), message.as_bytes()))
}

#[tokio::test]
async fn quirk_75_a_body_that_comes_in_pieces_is_read_to_be_signed_up_to_the_limit() {
    let signing = with_hmac([ok()]).await;
    assert_eq!(forward(&signing, &HeaderMap::new(), streamed(64 * 1024), 0).await, Ok(200));
    let sent = signing.site.server.only();
    assert_eq!((sent.body.len(), is_signed(&sent)), (64 * 1024, true));
    let refused = forward(&signing, &HeaderMap::new(), streamed(64 * 1024 + 1), 0).await.unwrap_err();
    assert_eq!(refused, CallError::BodyTooLong { limit: 64 * 1024 });
    assert!(refused.to_string().contains("signs the body, which is longer than 65536 bytes"), "{refused}");
    assert_eq!(signing.site.server.received().len(), 1, "nothing is sent that is not signed");
}

#[tokio::test]
async fn quirk_75_a_request_that_goes_out_again_is_signed_anew() {
    let busy = Reply::json(503, json!({})).with("retry-after", "0");
    let signing = with_hmac([busy, ok()]).await;
    let body = RequestBody::Whole(Bytes::from_static(b"{}"));
    assert_eq!(forward(&signing, &HeaderMap::new(), body, 1).await, Ok(200));
    let received = signing.site.server.received();
    assert!(received.iter().all(is_signed));
    assert_ne!(received[0].header("authorization"), received[1].header("authorization"));
}

fn aws(more: Value) -> Value {
    let mut aws = json!({
        "access_key_id": "{{id}}", "secret_access_key": "{{secret}}", "region": "eu-central-1", "service": "s3",
        "payload_header": true,
    });
    crate::support::merge(&mut aws, more);
    json!([{ "aws_sigv4": aws }])
}

#[tokio::test]
async fn quirk_73_what_a_caller_adds_is_signed_as_it_is_sent() {
    let details = json!({ "id": "AKID", "secret": "aws-secret" });
    let signing = Signing::new(aws(json!({})), details, [ok()]).await;
    let headers = HeaderMap::from_iter([
        ("content-type".parse().unwrap(), HeaderValue::from_static("text/plain")),
        ("x-amz-meta-a".parse().unwrap(), HeaderValue::from_static("b")),
        ("x-amz-acl".parse().unwrap(), HeaderValue::from_static("private")),
    ]);
    assert_eq!(forward(&signing, &headers, streamed(3000), 0).await, Ok(200));
    let sent = signing.site.server.only();
    let hash = hex(digest::digest(&digest::SHA256, sent.body.as_bytes()));
    assert_eq!(sent.header("x-amz-content-sha256"), Some(hash.as_str()));
    // The signature, from what was received.
    let authorization = sent.header("authorization").unwrap();
    let names = "content-type;host;x-amz-acl;x-amz-content-sha256;x-amz-date;x-amz-meta-a";
    let lines: Vec<String> =
        names.split(';').map(|name| format!("{name}:{}\n", sent.header(name).unwrap())).collect();
    let request = format!("PUT\n/v1/file\n\n{}\n{names}\n{hash}", lines.concat());
    let date = sent.header("x-amz-date").unwrap();
    let scope = format!("{}/eu-central-1/s3/aws4_request", &date[..8]);
    let request = hex(digest::digest(&digest::SHA256, request.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{request}");
    let sign = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    let key =
        scope.split('/').fold(b"AWS4aws-secret".to_vec(), |key, part| sign(&key, part).as_ref().to_vec());
    let expected = format!(
        "AWS4-HMAC-SHA256 Credential=AKID/{scope}, SignedHeaders={names}, Signature={}",
        hex(sign(&key, &to_sign)),
    );
    assert_eq!(authorization, expected);
}

#[tokio::test]
async fn quirk_73_a_long_body_passes_unsigned_where_the_service_accepts_it_and_is_refused_elsewhere() {
    let details = json!({ "id": "AKID", "secret": "aws-secret" });
    let signing = Signing::new(aws(json!({ "unsigned_streams": true })), details.clone(), [ok()]).await;
    // The server of these tests reads bodies that say how long they are.
    let headers = HeaderMap::new();
    let long = RequestBody::Whole(Bytes::from(vec![b'a'; 100_000]));
    assert_eq!(forward(&signing, &headers, long, 0).await, Ok(200));
    let whole = signing.site.server.only();
    assert_ne!(whole.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"), "what is known is signed");
    let signing = Signing::new(aws(json!({ "unsigned_streams": true })), details.clone(), [ok()]).await;
    let _ = forward(&signing, &headers, streamed(100_000), 0).await;
    let sent = signing.site.server.received().remove(0);
    assert_eq!(sent.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
    let signing = Signing::new(aws(json!({})), details, []).await;
    let refused = forward(&signing, &headers, streamed(100_000), 0).await;
    assert_eq!(refused, Err(CallError::BodyTooLong { limit: 64 * 1024 }));
}

#[tokio::test]
async fn quirk_74_a_body_that_is_no_form_is_not_signed_by_oauth_1_and_passes_as_it_comes() {
    let place = json!([{ "oauth1": { "consumer_key": "{{id}}", "consumer_secret": "{{secret}}" } }]);
    let details = json!({ "id": "ck", "secret": "cs" });
    let signing = Signing::new(place, details, [ok()]).await;
    let form = HeaderMap::from_iter([(
        "content-type".parse().unwrap(),
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    )]);
    let refused = forward(&signing, &form, streamed(100_000), 0).await;
    assert_eq!(refused, Err(CallError::BodyTooLong { limit: 64 * 1024 }));
    let _ = forward(&signing, &HeaderMap::new(), streamed(100_000), 0).await;
    assert!(signing.site.server.received()[0].header("authorization").unwrap().starts_with("OAuth "));
}
