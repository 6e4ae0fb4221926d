//! The assertion of `private_key_jwt` (RFC 7523 §2.2 and §3).

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use valetkey_core::{
    Secret,
    connector::{AssertionAlgorithm, Oauth2},
};

use super::{context::Context, error::TokenError, random::random_text, request::Values};
use crate::{scheme::key, url_template::render_url};

/// How long an assertion works, in seconds.
const LIFETIME_SECONDS: i64 = 60;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

/// An assertion signed with `key`, a private key as PEM.
pub(super) fn assertion(
    context: Context<'_>,
    oauth2: &Oauth2,
    values: Values<'_>,
    key: &Secret,
) -> Result<Secret, TokenError> {
    let settings = oauth2.token.client_assertion.as_ref().ok_or_else(|| {
        TokenError::setup("the connector does not say what an assertion of private_key_jwt contains")
    })?;
    let issuer = settings.issuer.as_ref().map(|template| values.render(template)).transpose()?;
    let audience = match &settings.audience {
        Some(template) => values.render(template)?,
        None => render_url(&oauth2.token.url, values.fields).map_err(TokenError::setup)?.into(),
    };
    let id = random_text(context.entropy);
    let claims = Claims {
        iss: issuer.as_deref().unwrap_or(values.client_id),
        sub: values.client_id,
        aud: &audience,
        jti: id.expose(),
        iat: context.now.seconds(),
        exp: context.now.plus_seconds(LIFETIME_SECONDS).seconds(),
    };
    let (algorithm, key) = signing_key(settings.algorithm, key)?;
    let header = Header { kid: Some(values.render(&settings.key_id)?), ..Header::new(algorithm) };
    encode(&header, &claims, &key)
        .map(Secret::from)
        .map_err(|_| unusable_key(settings.algorithm, "it does not sign"))
}

fn signing_key(algorithm: AssertionAlgorithm, key: &Secret) -> Result<(Algorithm, EncodingKey), TokenError> {
    let (name, key) = match algorithm {
        AssertionAlgorithm::Rs256 => (Algorithm::RS256, key::rsa(key.expose())),
        AssertionAlgorithm::Ps256 => (Algorithm::PS256, key::rsa(key.expose())),
        AssertionAlgorithm::Es256 => (Algorithm::ES256, key::ec(key.expose())),
    };
    key.map(|key| (name, key)).map_err(|reason| unusable_key(algorithm, reason))
}

fn unusable_key(algorithm: AssertionAlgorithm, reason: &str) -> TokenError {
    TokenError::setup(format!(
        "private_key_jwt signs with the client secret by {algorithm:?}, and cannot: {reason}"
    ))
}
