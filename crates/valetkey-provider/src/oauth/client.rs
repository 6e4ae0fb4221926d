//! How we authenticate as a client (RFC 6749 §2.3).

use http::HeaderValue;
use url::form_urlencoded::byte_serialize;
use valetkey_core::{Secret, connector::ClientAuthentication};

use super::{error::TokenError, parameters::Parameters};
use crate::scheme::basic_value;

/// The application that is registered at the provider.
#[derive(Clone, Copy, Debug)]
pub struct OauthClient<'a> {
    /// The client id.
    pub client_id: &'a str,
    /// The client secret; a public client has none.
    pub client_secret: Option<&'a Secret>,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
}

/// Authenticates by exactly one method: parameters are added, or the `Authorization` header is returned.
pub(crate) fn authenticate(
    client: &OauthClient<'_>,
    parameters: &mut Parameters<'_>,
) -> Result<Option<HeaderValue>, TokenError> {
    let id = client.client_id;
    let secret = || {
        client.client_secret.filter(|secret| !secret.is_empty()).ok_or_else(|| {
            TokenError::setup("the connection has no client secret, which its client authentication needs")
        })
    };
    let header = match client.authentication {
        ClientAuthentication::ClientSecretPost => {
            let secret = secret()?.clone();
            parameters.standard("client_id", id);
            parameters.standard("client_secret", secret);
            return Ok(None);
        }
        ClientAuthentication::None => {
            parameters.standard("client_id", id);
            return Ok(None);
        }
        ClientAuthentication::ClientSecretBasic => {
            let encode = |text: &str| Secret::from(byte_serialize(text.as_bytes()).collect::<String>());
            basic_value(encode(id).expose(), encode(secret()?.expose()).expose())
        }
        ClientAuthentication::ClientSecretBasicRaw => basic_value(id, secret()?.expose()),
        ClientAuthentication::SecretAsUsername => basic_value(secret()?.expose(), ""),
    };
    header.map(Some).map_err(TokenError::setup)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::collections::BTreeMap;

    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    fn attempt(authentication: ClientAuthentication) -> (Option<String>, String) {
        let names = BTreeMap::new();
        let mut parameters = Parameters::new(&names);
        let secret = Secret::from("s:%+ é");
        let client = OauthClient { client_id: "id:1", client_secret: Some(&secret), authentication };
        let header = authenticate(&client, &mut parameters).unwrap().map(|value| {
            let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap().to_owned();
            String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
        });
        (header, parameters.form())
    }

    #[test]
    fn t17_basic_form_encodes_id_and_secret() {
        let (header, body) = attempt(ClientAuthentication::ClientSecretBasic);
        assert_eq!(header.as_deref(), Some("id%3A1:s%3A%25%2B+%C3%A9"));
        assert_eq!(body, "");
    }

    #[test]
    fn quirk_32_basic_may_be_sent_without_encoding() {
        assert_eq!(attempt(ClientAuthentication::ClientSecretBasicRaw).0.as_deref(), Some("id:1:s:%+ é"));
    }

    #[test]
    fn quirk_31_the_secret_may_be_the_user_name() {
        assert_eq!(attempt(ClientAuthentication::SecretAsUsername).0.as_deref(), Some("s:%+ é:"));
    }

    #[test]
    fn t16_each_method_puts_the_secret_in_one_place() {
        use ClientAuthentication::{
            ClientSecretBasic, ClientSecretBasicRaw, ClientSecretPost, None, SecretAsUsername,
        };
        for method in [ClientSecretBasic, ClientSecretBasicRaw, SecretAsUsername] {
            let (header, body) = attempt(method);
            assert!(header.is_some() && body.is_empty(), "{method:?}");
        }
        assert_eq!(
            attempt(ClientSecretPost),
            (Option::None, "client_id=id%3A1&client_secret=s%3A%25%2B+%C3%A9".into())
        );
        assert_eq!(attempt(None), (Option::None, "client_id=id%3A1".into()));
    }

    #[test]
    fn a_missing_secret_is_reported_before_anything_is_sent() {
        let names = BTreeMap::new();
        let client = OauthClient {
            client_id: "id",
            client_secret: None,
            authentication: ClientAuthentication::ClientSecretBasic,
        };
        let refused = authenticate(&client, &mut Parameters::new(&names));
        assert!(matches!(refused, Err(TokenError::Setup { .. })));
    }
}
