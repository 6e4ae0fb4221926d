#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::egress::Purpose;

/// The secret of the test suite of AWS, and that of the documentation of S3.
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const SECRET_OF_S3: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn request(method: Method, url: &str, headers: &[(&'static str, &'static str)], body: &str) -> Request {
    let request = Request::new(Purpose::Api, method, Url::parse(url).unwrap());
    let mut request = request.raw_body(Bytes::copy_from_slice(body.as_bytes()));
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    request
}

fn signed(definition: &Value, now: i64, rest: Rest, request: &mut Request) -> Result<(), SchemeError> {
    let mut all = json!({ "access_key_id": "{{id}}", "secret_access_key": "{{secret}}" });
    all.as_object_mut().unwrap().extend(definition.as_object().unwrap().clone());
    let aws: AwsSigv4 = serde_json::from_value(all).unwrap();
    let value = |name: &str| match name {
        "id" => Some("AKIDEXAMPLE"),
        "id_of_s3" => Some("AKIAIOSFODNN7EXAMPLE"),
        "secret" => Some(SECRET),
        "secret_of_s3" => Some(SECRET_OF_S3),
        "session" => Some("session-1"),
        "bad" => Some("eu/s3"),
        _ => None,
    };
    let render = |template: &Template| template.render(value).map(Secret::from);
    sign(&aws, &render, Timestamp::from_millis(now), rest, request)
}

/// Names of the signed headers and the signature.
fn found(request: &Request) -> (String, String) {
    let value = request.headers()["authorization"].to_str().unwrap().to_owned();
    let part = |name: &str| value.split_once(name).unwrap().1.split(',').next().unwrap().to_owned();
    (part("SignedHeaders="), part("Signature="))
}

#[test]
fn quirk_73_signatures_are_those_of_the_published_test_suite() {
    const HOST: &str = "https://example.amazonaws.com";
    const UTF8: &str = "/%E1%88%B4";
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for (method, path, headers, body, names, signature) in [
        (
            Method::GET,
            "/",
            &[][..],
            "",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            Method::POST,
            "/",
            &[],
            "",
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            Method::GET,
            "/?Param2=value2&Param1=value1",
            &[],
            "",
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            Method::GET,
            "//",
            &[],
            "",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            Method::GET,
            UTF8,
            &[],
            "",
            "host;x-amz-date",
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        (
            Method::GET,
            "/",
            &[("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")],
            "",
            "host;my-header1;x-amz-date",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
        (
            Method::POST,
            "/",
            &form,
            "Param1=value1",
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ] {
        let mut request = request(method, &format!("{HOST}{path}"), headers, body);
        // The suite was made without escaping the path once more.
        let encoding = if path == UTF8 { "once" } else { "twice" };
        let definition = json!({ "region": "us-east-1", "service": "service", "path_encoding": encoding });
        signed(&definition, 1_440_938_160_000, Rest::Whole, &mut request).unwrap();
        assert_eq!(found(&request), (names.to_owned(), signature.to_owned()), "{path}");
        assert_eq!(request.headers()["x-amz-date"], "20150830T123600Z");
    }
}

#[test]
fn quirk_73_a_signature_for_s3_is_that_of_the_documentation() {
    // "GET Object" of the page "Authenticating Requests: Using the Authorization Header".
    let mut request = request(
        Method::GET,
        "https://examplebucket.s3.amazonaws.com/test.txt",
        &[("range", "bytes=0-9")],
        "",
    );
    let definition = json!({
        "access_key_id": "{{id_of_s3}}", "secret_access_key": "{{secret_of_s3}}", "region": "us-east-1", "service": "s3", "path_encoding": "once",
        "payload_header": true,
    });
    signed(&definition, 1_369_353_600_000, Rest::Whole, &mut request).unwrap();
    let expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    assert_eq!(
        found(&request),
        ("host;range;x-amz-content-sha256;x-amz-date".to_owned(), expected.to_owned())
    );
}

#[test]
fn quirk_73_final_headers_body_and_session_are_signed_and_what_changes_on_the_way_is_not() {
    let headers =
        [("x-amz-target", "T.Get"), ("user-agent", "a"), ("accept-encoding", "identity"), ("te", "trailers")];
    let definition = json!({ "region": "us-east-1", "service": "sqs", "session_token": "{{session}}" });
    let signature = |body: &str, agent: &'static str, target: &'static str| {
        let mut request = request(Method::POST, "https://sqs.us-east-1.amazonaws.com/", &headers, body);
        request.headers_mut().insert("user-agent", HeaderValue::from_static(agent));
        request.headers_mut().insert("x-amz-target", HeaderValue::from_static(target));
        signed(&definition, 0, Rest::Whole, &mut request).unwrap();
        let (names, signature) = found(&request);
        assert_eq!(names, "host;x-amz-date;x-amz-security-token;x-amz-target");
        assert_eq!(request.headers()["x-amz-security-token"], "session-1");
        signature
    };
    let first = signature("{}", "a", "T.Get");
    assert_eq!(first, signature("{}", "b", "T.Get"));
    assert_ne!(first, signature("{ }", "a", "T.Get"), "the body is signed");
    assert_ne!(first, signature("{}", "a", "T.Put"), "headers are signed");
}

#[test]
fn quirk_73_a_body_that_is_sent_as_it_comes_is_left_out_where_the_service_accepts_it() {
    let mut request = request(Method::PUT, "https://b.s3.amazonaws.com/k", &[], "");
    let definition = json!({
        "region": "us-east-1", "service": "s3", "payload_header": true, "unsigned_streams": true,
    });
    signed(&definition, 0, Rest::Streamed, &mut request).unwrap();
    assert_eq!(request.headers()["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
}

#[test]
fn quirk_73_a_region_that_would_change_the_scope_is_refused() {
    for region in ["{{bad}}", "EU-1", "", "{{missing}}"] {
        let mut request = request(Method::GET, "https://a.example/", &[], "");
        let refused =
            signed(&json!({ "region": region, "service": "s3" }), 0, Rest::Whole, &mut request).unwrap_err();
        assert!(matches!(refused, SchemeError::Scope(_) | SchemeError::Missing(_)), "{refused}");
        assert!(!refused.to_string().contains("eu/s3"));
        assert!(!request.headers().contains_key("authorization"));
    }
}
