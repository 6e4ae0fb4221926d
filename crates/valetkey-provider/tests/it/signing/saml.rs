//! Assertions of SAML that are exchanged for a token (quirk 71).

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::StatusCode;
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use roxmltree::{Document, Node};
use serde_json::{Value, json};
use valetkey_provider::{CallError, oauth::TokenError};

use super::{Signing, computed, get, ok};
use crate::server::Reply;

/// As SAP documents for `SuccessFactors`: the assertion is made once, and its key is nowhere.
fn success_factors() -> Value {
    computed(
        json!({ "token": { "mint": {
            "url": "BASE/oauth/token",
            "parameters": {
                "company_id": "{{company}}", "client_id": "{{api_key}}",
                "grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer", "assertion": "{{assertion}}",
            },
        } } }),
        "Bearer {{token}}",
    )
}

/// What a user pastes: base64 with line breaks of a signed document, as long as those are.
fn assertion() -> String {
    "PHNhbWwyOkFzc2VydGlvbiB4bWxuczpzYW1sMj0idXJuOm9hc2lzOm5hbWVzOnRjOlNBTUw6Mi4wOmFzc2VydGlvbiI+".repeat(60)
}

async fn account(replies: impl IntoIterator<Item = Reply>) -> Signing {
    let details = json!({ "company": "acme", "api_key": "key-0123", "assertion": assertion() });
    Signing::new(success_factors(), details, replies).await
}

fn token(name: &str) -> Reply {
    Reply::json(200, json!({ "access_token": name, "token_type": "Bearer", "expires_in": 86_399 }))
}

#[tokio::test]
async fn quirk_71_an_assertion_of_saml_is_exchanged_for_a_token_and_never_sent_to_the_api() {
    let signing = account([token("first-token"), ok(), ok()]).await;
    for path in ["/User", "/Position"] {
        let call = signing.get(path).await;
        assert_eq!(call.header("authorization"), Some("Bearer first-token"));
        assert!(!call.body.contains("assertion"));
    }
    let received = signing.site.server.received();
    assert_eq!(received.len(), 3);
    let sent = |name| received[0].parameter(name);
    assert_eq!(sent("grant_type").as_deref(), Some("urn:ietf:params:oauth:grant-type:saml2-bearer"));
    assert_eq!((sent("assertion"), sent("company_id")), (Some(assertion()), Some("acme".into())));
}

#[tokio::test]
async fn quirk_71_a_token_that_is_refused_is_had_again_for_the_same_assertion() {
    let refused = Reply::json(401, json!({ "error": { "code": "LGN0007" } }));
    let signing = account([token("first-token"), ok(), refused, token("second-token"), ok()]).await;
    signing.get("/a").await;
    assert_eq!(signing.call(get("/b")).await.unwrap().status, StatusCode::OK);
    let received = signing.site.server.received();
    assert_eq!(received[4].header("authorization"), Some("Bearer second-token"));
    assert_eq!(received[3].parameter("assertion"), received[0].parameter("assertion"));
}

#[tokio::test]
async fn quirk_71_an_assertion_that_is_over_is_told_and_not_repeated() {
    let said = format!("Unable to authenticate the client (SAML assertion {} expired)", assertion());
    let refusal = Reply::json(400, json!({ "error": "invalid_grant", "error_description": said }));
    let signing = account([refusal]).await;
    let refused = signing.call(get("/a")).await.unwrap_err();
    assert!(matches!(refused, CallError::Token(TokenError::GrantInvalid(_))), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains("PHNhbWwy"), "{refused:?}");
}

/// An assertion that is made anew for each login.
async fn with_key(pair: &KeyPair, user: &str, replies: impl IntoIterator<Item = Reply>) -> Signing {
    let values = json!({
        "made": { "saml": {
            "key": "{{private_key}}", "issuer": "{{api_key}}", "subject": "{{user}}", "encoding": "base64",
            "audience": "www.successfactors.com", "recipient": "https://api.example/oauth/token?a=1&b=\"2\"",
            "authentication_context": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "attributes": { "api_key": "{{api_key}}" },
        } },
        "token": { "mint": { "url": "BASE/oauth/token", "parameters": {
            "grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer", "assertion": "{{made}}",
        } } },
    });
    let details = json!({ "private_key": pair.serialize_pem(), "api_key": "key-0123", "user": user });
    Signing::new(computed(values, "Bearer {{token}}"), details, replies).await
}

/// The exclusive canonical form of an element (<https://www.w3.org/TR/xml-exc-c14n/>) as a reader makes it, without the
/// elements that are called `left_out`. `known` are the prefixes that are declared further up in the result.
fn canonical(element: Node<'_, '_>, left_out: &str, known: &[&str]) -> String {
    let namespace = element.tag_name().namespace().unwrap();
    let prefix = element.lookup_prefix(namespace).unwrap();
    let name = format!("{prefix}:{}", element.tag_name().name());
    let mut start = format!("<{name}");
    let mut inner = known.to_vec();
    if !known.contains(&prefix) {
        start.push_str(&[" xmlns:", prefix, "=\"", namespace, "\""].concat());
        inner.push(prefix);
    }
    let mut attributes: Vec<_> = element.attributes().map(|found| (found.name(), found.value())).collect();
    attributes.sort_unstable();
    for (name, value) in attributes {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let value = value.replace('\t', "&#x9;").replace('\n', "&#xA;").replace('\r', "&#xD;");
        start.push_str(&[" ", name, "=\"", &value, "\""].concat());
    }
    let content: String = element
        .children()
        .filter(|child| child.tag_name().name() != left_out)
        .map(|child| match child.text() {
            Some(text) if child.is_text() => {
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                text.replace('\r', "&#xD;")
            }
            _ => canonical(child, left_out, &inner),
        })
        .collect();
    format!("{start}>{content}</{name}>")
}

fn named<'a, 'i>(document: &'a Document<'i>, name: &str) -> Node<'a, 'i> {
    let mut found = document.descendants().filter(|node| node.tag_name().name() == name);
    let only = found.next().unwrap();
    assert!(found.next().is_none(), "two elements {name}");
    only
}

#[tokio::test]
async fn quirk_71_an_assertion_is_made_and_signed_so_that_a_reader_of_xml_signatures_verifies_it() {
    let user = "al<i>ce & \"b\"\r\n</saml:NameID>]]>\t'\u{e9}";
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let signing = with_key(&pair, user, [token("first-token"), ok()]).await;
    signing.get("/User").await;
    let sent = signing.site.server.received().remove(0).parameter("assertion").unwrap();
    let text = String::from_utf8(STANDARD.decode(sent).unwrap()).unwrap();
    let document = Document::parse(&text).unwrap();
    let root = document.root_element();
    let reference = named(&document, "Reference").attribute("URI").unwrap();
    assert_eq!(Some(reference), root.attribute("ID").map(|id| format!("#{id}")).as_deref());
    let hash = STANDARD.encode(digest(&SHA256, canonical(root, "Signature", &[]).as_bytes()));
    assert_eq!(named(&document, "DigestValue").text(), Some(hash.as_str()));
    let signature = STANDARD.decode(named(&document, "SignatureValue").text().unwrap()).unwrap();
    let message = canonical(named(&document, "SignedInfo"), "Signature", &[]);
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key_raw());
    public.verify(message.as_bytes(), &signature).unwrap();
    // What is said is what was given, and lives shortly.
    assert_eq!(named(&document, "NameID").text(), Some(user));
    assert_eq!(named(&document, "Issuer").text(), Some("key-0123"));
    let confirmed = named(&document, "SubjectConfirmationData");
    assert_eq!(confirmed.attribute("Recipient"), Some("https://api.example/oauth/token?a=1&b=\"2\""));
    assert_eq!(confirmed.attribute("NotOnOrAfter"), Some("2027-01-15T08:10:00Z"));
    assert_eq!(named(&document, "Conditions").attribute("NotBefore"), Some("2027-01-15T07:59:00Z"));
}

#[tokio::test]
async fn quirk_71_each_login_has_an_assertion_of_its_own() {
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let refused = Reply::json(401, json!({}));
    let replies = [token("first-token"), ok(), refused, token("second-token"), ok()];
    let signing = with_key(&pair, "alice", replies).await;
    signing.get("/a").await;
    assert_eq!(signing.get("/b").await.header("authorization"), Some("Bearer second-token"));
    let received = signing.site.server.received();
    assert_ne!(received[0].parameter("assertion"), received[3].parameter("assertion"));
}

#[tokio::test]
async fn quirk_71_a_key_that_cannot_sign_an_assertion_is_told_and_not_shown() {
    let pair = KeyPair::generate().unwrap();
    let signing = with_key(&pair, "alice", []).await;
    let refused = signing.call(get("/a")).await.unwrap_err();
    let told = format!("{refused} {refused:?}");
    assert!(told.contains("\"made\"") && told.contains("RSA"), "{told}");
    assert!(!told.contains(&pair.serialize_pem()[40..60]), "{told}");
}
