//! What a callback means, quirk by quirk.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a failed unwrap is a failed test, and JSON reads best as an argument"
)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn oauth2(issuer: Option<&str>, callback: Value, token_url: &str) -> Oauth2 {
    serde_json::from_value(json!({
        "authorization": { "url": "https://a.example/authorize", "issuer": issuer },
        "callback": callback,
        "token": { "url": token_url },
    }))
    .unwrap()
}

fn plain() -> Oauth2 {
    oauth2(None, json!({}), "https://t.example/token")
}

fn field(value: Value) -> Field {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_code_and_a_state_are_read() {
    let query = "code=c%2B1&state=s1";
    assert_eq!(callback_state(&plain(), query), Some(Secret::from("s1")));
    assert_eq!(read_callback(&plain(), &[], query).unwrap().code, Secret::from("c+1"));
}

#[test]
fn t06_the_issuer_is_compared_exactly_also_on_errors() {
    let strict = oauth2(Some("https://issuer.example"), json!({}), "https://t.example/token");
    assert!(read_callback(&strict, &[], "code=c&iss=https%3A%2F%2Fissuer.example").is_ok());
    for query in [
        "code=c",
        "code=c&iss=",
        "code=c&iss=https://issuer.example/",
        "code=c&iss=https://ISSUER.example",
        "code=c&iss=https://evil.example",
        "error=access_denied",
        "error=access_denied&iss=https://evil.example",
    ] {
        let refused = read_callback(&strict, &[], query);
        assert!(matches!(refused, Err(CallbackError::IssuerMismatch { .. })), "{query}");
    }
    let twice = "code=c&iss=https://issuer.example&iss=https://evil.example";
    assert!(read_callback(&strict, &[], twice).is_err());
    assert!(read_callback(&plain(), &[], "code=c&iss=https://whoever.example").is_ok());
}

#[test]
fn an_error_counts_even_where_a_code_is_there_too() {
    let refused = read_callback(&plain(), &[], "code=c&error=access_denied&error_description=No%0Away");
    let Err(CallbackError::Denied(answer)) = refused else { panic!("{refused:?}") };
    assert_eq!(answer.description.as_deref(), Some("No way"));
    let refused = read_callback(&plain(), &[], "error=%3Cscript%3E");
    assert!(matches!(refused, Err(CallbackError::Provider(ErrorAnswer { code: None, .. }))));
}

#[test]
fn a_parameter_that_comes_twice_is_refused() {
    assert_eq!(read_callback(&plain(), &[], "code=a&code=b"), Err(CallbackError::Malformed("code".into())));
    assert_eq!(callback_state(&plain(), "state=a&state=b"), None);
}

#[test]
fn quirk_21_and_3_code_and_state_may_have_other_names() {
    let renamed = json!({ "code_parameter": "spapi_oauth_code", "state_parameter": "customField" });
    let oauth2 = oauth2(None, renamed, "https://t.example/token");
    let query = "spapi_oauth_code=c&customField=s";
    assert_eq!(callback_state(&oauth2, query), Some(Secret::from("s")));
    assert!(read_callback(&oauth2, &[], query).is_ok());
    let missing = read_callback(&oauth2, &[], "code=c");
    assert_eq!(missing, Err(CallbackError::NoCode("spapi_oauth_code".into())));
}

#[test]
fn quirk_23_further_parameters_become_fields() {
    let capture = json!({ "capture": { "realm": "realmId", "none": "none" } });
    let oauth2 = oauth2(None, capture, "https://t.example/token");
    let found = read_callback(&oauth2, &[], "code=c&realmId=123").unwrap();
    assert_eq!(found.captured, Fields::from([("realm".into(), "123".into())]));
    assert!(read_callback(&oauth2, &[], "code=c&realmId=1%0A2").is_err());
}

#[test]
fn quirk_24_a_token_host_from_the_callback_must_be_bounded_by_the_definition() {
    let capture = json!({ "capture": { "server": "accounts-server" } });
    let oauth2 = oauth2(None, capture, "https://{{server}}/token");
    let suffix = field(json!({
        "name": "server", "label": "Server", "format": "hostname", "host_suffix": ".zoho.example",
    }));
    let unbounded = field(json!({ "name": "server", "label": "Server", "format": "hostname" }));
    let good = "code=c&accounts-server=accounts.zoho.example";
    assert!(read_callback(&oauth2, std::slice::from_ref(&suffix), good).is_ok());
    for query in ["code=c&accounts-server=evil.example", "code=c&accounts-server=zoho.example.evil.example"] {
        let refused = read_callback(&oauth2, std::slice::from_ref(&suffix), query);
        assert!(matches!(refused, Err(CallbackError::Field(_))), "{query}");
    }
    for fields in [&[][..], &[unbounded]] {
        assert!(matches!(read_callback(&oauth2, fields, good), Err(CallbackError::Field(_))));
    }
}

proptest! {
    #[test]
    fn any_query_is_read_without_a_panic(query in "\\PC{0,200}") {
        let _ = callback_state(&plain(), &query);
        let _ = read_callback(&plain(), &[], &query);
    }
}
