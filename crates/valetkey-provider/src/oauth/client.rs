//! How we authenticate as a client (RFC 6749 §2.3).

use http::HeaderValue;
use url::form_urlencoded::byte_serialize;
use valetkey_core::{
    Secret,
    connector::{ClientAuthentication, Oauth2},
};

use super::{
    assertion::assertion, context::Context, error::TokenError, parameters::Parameters, request::Values,
};
use crate::{Fields, scheme::basic_value};

/// The type of an assertion that authenticates a client (RFC 7523 §2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

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
    context: Context<'_>,
    oauth2: &Oauth2,
    client: &OauthClient<'_>,
    fields: &Fields,
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
        ClientAuthentication::PrivateKeyJwt => {
            let signed = assertion(context, oauth2, Values::new(id, fields), secret()?)?;
            parameters.standard("client_id", id);
            parameters.standard("client_assertion_type", ASSERTION_TYPE);
            parameters.standard("client_assertion", signed);
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
#[path = "client_tests.rs"]
mod tests;
