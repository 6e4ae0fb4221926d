//! Temporary credentials of a role at AWS (quirk 73).

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use serde_json::{Value, json};
use valetkey_provider::{CallError, SchemeError};

use super::{Signing, get, hex, ok, post};
use crate::server::{Received, Reply};

/// Calls to the Data API of Redshift with the credentials of a role.
fn role() -> Value {
    let region = "{{region}}";
    json!([{ "computed": {
        "values": { "role": { "mint": {
            "url": "BASE/sts",
            "parameters": {
                "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": "{{role_arn}}",
                "RoleSessionName": "valetkey", "ExternalId": "{{external_id}}", "DurationSeconds": "3600",
            },
            "aws_sigv4": {
                "access_key_id": "{{access_key_id}}", "secret_access_key": "{{secret_access_key}}",
                "region": region, "service": "sts",
            },
            "answer": {
                "format": "xml",
                "access_token": "/AssumeRoleResponse/AssumeRoleResult/Credentials/SessionToken",
                "capture": {
                    "access_key_id": "/AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId",
                    "secret_access_key": "/AssumeRoleResponse/AssumeRoleResult/Credentials/SecretAccessKey",
                },
                "lifetime": {
                    "pointer": "/AssumeRoleResponse/AssumeRoleResult/Credentials/Expiration", "unit": "rfc3339",
                },
                "errors": [{ "pointer": "/ErrorResponse/Error/Code" }],
            },
            "refused": [403],
        } } },
        "place": [{ "aws_sigv4": {
            "access_key_id": "{{role.access_key_id}}", "secret_access_key": "{{role.secret_access_key}}",
            "session_token": "{{role}}", "region": region, "service": "redshift-data",
        } }],
    } }])
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

async fn account(region: &str, replies: impl IntoIterator<Item = Reply>) -> Signing {
    let details = json!({
        "access_key_id": "AKIDEXAMPLE", "secret_access_key": SECRET,
        "role_arn": "arn:aws:iam::123456789012:role/data", "external_id": "tenant-42",
    });
    let mut signing = Signing::new(role(), details, replies).await;
    signing.site.fields.insert("region".into(), region.into());
    signing
}

/// As STS answers, but for what is shortened.
fn assumed(number: u8, expires: &str) -> Reply {
    Reply::xml(
        200,
        &format!(
            r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
                <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/data/valetkey</Arn></AssumedRoleUser>
                <Credentials><AccessKeyId>ASIA{number}</AccessKeyId><SecretAccessKey>secret/+{number}</SecretAccessKey>
                <SessionToken>session-token-{number}==</SessionToken><Expiration>{expires}</Expiration></Credentials>
            </AssumeRoleResult></AssumeRoleResponse>"#
        ),
    )
}

const IN_AN_HOUR: &str = "2027-01-15T09:00:00Z";

/// What `authorization` has to be for a request with this key, put together anew from what arrived.
fn expected(sent: &Received, id: &str, secret: &str, service: &str) -> String {
    let date = sent.header("x-amz-date").unwrap();
    let signed = sent.header("authorization").unwrap().split("SignedHeaders=").nth(1).unwrap();
    let names = signed.split(',').next().unwrap();
    let lines: Vec<String> =
        names.split(';').map(|name| format!("{name}:{}\n", sent.header(name).unwrap())).collect();
    let lines = lines.concat();
    let payload = hex(digest(&SHA256, sent.body.as_bytes()));
    let canonical = format!("{}\n{}\n\n{lines}\n{names}\n{payload}", sent.method, sent.url.path());
    let scope = format!("{}/eu-central-1/{service}/aws4_request", &date[..8]);
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(digest(&SHA256, canonical.as_bytes())));
    let keyed = |key: &[u8], text: &str| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
    };
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| keyed(&key, part));
    let signature = hex(keyed(&key, &text));
    format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
}

#[tokio::test]
async fn quirk_73_a_role_is_assumed_with_an_external_id_and_its_credentials_sign_the_calls() {
    let signing = account("eu-central-1", [assumed(1, IN_AN_HOUR), ok(), ok()]).await;
    signing.call(post("/", &[], r#"{"Sql":"select 1"}"#)).await.unwrap();
    signing.get("/b").await;
    let received = signing.site.server.received();
    let [sts, first, second] = &received[..] else { panic!("{received:?}") };
    assert_eq!(sts.parameter("Action").as_deref(), Some("AssumeRole"));
    assert_eq!(sts.parameter("ExternalId").as_deref(), Some("tenant-42"));
    assert_eq!(sts.parameter("RoleArn").as_deref(), Some("arn:aws:iam::123456789012:role/data"));
    assert_eq!((sts.header("x-amz-security-token"), sts.header("accept")), (None, Some("application/xml")));
    assert_eq!(sts.header("authorization").unwrap(), expected(sts, "AKIDEXAMPLE", SECRET, "sts"));
    for call in [first, second] {
        assert_eq!(call.header("x-amz-security-token"), Some("session-token-1=="));
        let wanted = expected(call, "ASIA1", "secret/+1", "redshift-data");
        assert_eq!(call.header("authorization").unwrap(), wanted);
    }
}

#[tokio::test]
async fn quirk_73_credentials_of_a_role_are_not_used_in_their_last_minute() {
    let replies = [assumed(1, "2027-01-15T08:01:00Z"), ok(), assumed(2, IN_AN_HOUR), ok()];
    let signing = account("eu-central-1", replies).await;
    for token in ["session-token-1==", "session-token-2=="] {
        assert_eq!(signing.get("/a").await.header("x-amz-security-token"), Some(token));
    }
}

#[tokio::test]
async fn quirk_73_credentials_of_a_role_that_are_refused_are_had_again_once() {
    let refused = Reply::json(403, json!({ "__type": "ExpiredTokenException" }));
    let replies = [assumed(1, IN_AN_HOUR), ok(), refused, assumed(2, IN_AN_HOUR), ok()];
    let signing = account("eu-central-1", replies).await;
    signing.get("/a").await;
    assert_eq!(signing.call(get("/b")).await.unwrap().status, 200);
    let last = signing.site.server.received().pop().unwrap();
    assert_eq!(last.header("authorization").unwrap(), expected(&last, "ASIA2", "secret/+2", "redshift-data"));
}

#[tokio::test]
async fn quirk_73_a_role_that_may_not_be_assumed_is_told_without_keys() {
    let text = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{SECRET}</Message></Error></ErrorResponse>"
    );
    let signing = account("eu-central-1", [Reply::xml(403, &text)]).await;
    let refused = signing.call(get("/a")).await.unwrap_err();
    let told = format!("{refused} {refused:?}");
    assert!(told.contains("AccessDenied") && !told.contains("wJalr"), "{told}");
}

#[tokio::test]
async fn quirk_73_a_region_that_would_be_another_scope_is_refused_before_anything_is_sent() {
    for region in ["eu-central-1/s3", "EU-1", ""] {
        let signing = account(region, []).await;
        let refused = signing.call(get("/a")).await.unwrap_err();
        assert!(matches!(refused, CallError::Scheme(SchemeError::Scope(_))), "{refused}");
        assert!(signing.site.server.received().is_empty());
    }
}

#[tokio::test]
async fn t73_temporary_keys_do_not_come_back_in_an_answer() {
    let echo = Reply::json(200, json!({ "key": "secret/+1", "token": "session-token-1==", "id": "ASIA1" }));
    let long = assumed(1, IN_AN_HOUR);
    let signing = account("eu-central-1", [long, echo]).await;
    let answer = signing.call(get("/a")).await.unwrap();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(!text.contains("secret/+1") && !text.contains("session-token-1"), "{text}");
}
