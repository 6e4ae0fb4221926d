//! Signed tokens (quirk 69).

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Map, Value};
use valetkey_core::{
    Entropy, Secret, Timestamp,
    connector::{Jwt, JwtAlgorithm, MissingField, Template},
};

use super::{
    digest::key_bytes,
    key::{self, Unusable},
};
use crate::{SchemeError, oauth::random_text, scheme::document::filled};

/// A token as `jwt` says, for a value of the name `name`.
pub(super) fn signed(
    name: &str,
    jwt: &Jwt,
    entropy: &dyn Entropy,
    now: Timestamp,
    render: &dyn Fn(&Template) -> Result<Secret, MissingField>,
) -> Result<Secret, SchemeError> {
    let unusable = |reason| SchemeError::Key { value: name.to_owned(), reason };
    let (algorithm, key) = signing_key(jwt, &render(&jwt.key)?).map_err(unusable)?;
    let text = |template: &Template| render(template).map(|text| text.expose().to_owned());
    let mut header = Header::new(algorithm);
    header.kid = jwt.key_id.as_ref().map(text).transpose()?;
    if let Some(certificate) = &jwt.certificate {
        header.x5t_s256 = Some(key::thumbprint(render(certificate)?.expose()).map_err(unusable)?);
    }
    for (name, template) in &jwt.header {
        match name.as_str() {
            "typ" => header.typ = Some(text(template)?),
            "nonce" => header.nonce = Some(text(template)?),
            _ => header.extras.insert(name, text(template)?),
        }
    }
    let issued = now.plus_seconds(-jwt.backdated_seconds).seconds();
    let mut claims = Map::new();
    for (name, value) in &jwt.claims {
        let value = filled(value, render)?;
        if value != Value::String(String::new()) {
            claims.insert(name.clone(), value);
        }
    }
    claims.insert("iat".into(), issued.into());
    claims.insert("exp".into(), now.plus_seconds(jwt.lifetime_seconds).seconds().into());
    if jwt.unique_id {
        claims.insert("jti".into(), random_text(entropy).expose().into());
    }
    let refused = "it does not sign with the algorithm of the definition";
    encode(&header, &claims, &key).map(Secret::from).map_err(|_| unusable(refused))
}

fn signing_key(jwt: &Jwt, key: &Secret) -> Result<(Algorithm, EncodingKey), Unusable> {
    let secret = || {
        let bytes = key_bytes(jwt.key_encoding, key.expose()).filter(|bytes| !bytes.is_empty());
        bytes.map(|bytes| EncodingKey::from_secret(&bytes)).ok_or("it is empty, or not in its encoding")
    };
    Ok(match jwt.algorithm {
        JwtAlgorithm::Hs256 => (Algorithm::HS256, secret()?),
        JwtAlgorithm::Hs512 => (Algorithm::HS512, secret()?),
        JwtAlgorithm::Rs256 => (Algorithm::RS256, key::rsa(key.expose())?),
        JwtAlgorithm::Ps256 => (Algorithm::PS256, key::rsa(key.expose())?),
        JwtAlgorithm::Es256 => (Algorithm::ES256, key::ec(key.expose())?),
    })
}
