#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use valetkey_core::{Entropy, Timestamp, connector::TokenEndpoint};

use super::*;
use crate::egress::{EgressClient, EgressOptions};

struct Zero;

impl Entropy for Zero {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

const AWKWARD: &str = "s:%+ é";

fn oauth2() -> Oauth2 {
    serde_json::from_value(serde_json::json!({
        "authorization": { "url": "https://a.example/authorize" },
        "token": TokenEndpoint::at("https://t.example/token"),
    }))
    .unwrap()
}

/// The decoded header and the form that a way of authentication gives.
fn attempt(
    authentication: ClientAuthentication,
    secret: Option<&str>,
) -> Result<(Option<String>, String), TokenError> {
    let (names, secret) = (BTreeMap::new(), secret.map(Secret::from));
    let mut parameters = Parameters::new(&names);
    let client = OauthClient { client_id: "id:1", client_secret: secret.as_ref(), authentication };
    let egress = EgressClient::new(EgressOptions::default()).unwrap();
    let context = Context { client: &egress, entropy: &Zero, now: Timestamp::EPOCH };
    let header = authenticate(context, &oauth2(), &client, &Fields::new(), &mut parameters)?.map(|value| {
        let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap().to_owned();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    });
    Ok((header, parameters.form()))
}

#[tokio::test]
async fn t17_basic_form_encodes_id_and_secret() {
    let (header, body) = attempt(ClientAuthentication::ClientSecretBasic, Some(AWKWARD)).unwrap();
    assert_eq!(header.as_deref(), Some("id%3A1:s%3A%25%2B+%C3%A9"));
    assert_eq!(body, "");
}

#[tokio::test]
async fn quirk_32_basic_may_be_sent_without_encoding() {
    let (header, _) = attempt(ClientAuthentication::ClientSecretBasicRaw, Some(AWKWARD)).unwrap();
    assert_eq!(header.as_deref(), Some("id:1:s:%+ é"));
}

#[tokio::test]
async fn quirk_31_the_secret_may_be_the_user_name() {
    let (header, _) = attempt(ClientAuthentication::SecretAsUsername, Some(AWKWARD)).unwrap();
    assert_eq!(header.as_deref(), Some("s:%+ é:"));
}

#[tokio::test]
async fn t16_each_method_puts_the_secret_in_one_place() {
    use ClientAuthentication::{
        ClientSecretBasic, ClientSecretBasicRaw, ClientSecretPost, None, SecretAsUsername,
    };
    for method in [ClientSecretBasic, ClientSecretBasicRaw, SecretAsUsername] {
        let (header, body) = attempt(method, Some(AWKWARD)).unwrap();
        assert!(header.is_some() && body.is_empty(), "{method:?}");
    }
    let posted = "client_id=id%3A1&client_secret=s%3A%25%2B+%C3%A9".to_owned();
    assert_eq!(attempt(ClientSecretPost, Some(AWKWARD)), Ok((Option::None, posted)));
    assert_eq!(attempt(None, Some(AWKWARD)), Ok((Option::None, "client_id=id%3A1".into())));
}

#[tokio::test]
async fn a_missing_secret_is_reported_before_anything_is_sent() {
    for method in [ClientAuthentication::ClientSecretBasic, ClientAuthentication::PrivateKeyJwt] {
        assert!(matches!(attempt(method, None), Err(TokenError::Setup { .. })), "{method:?}");
    }
}
