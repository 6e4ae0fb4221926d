//! Which application calls the token endpoint (RFC 6749 §2.3).

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use super::{parameters::Parameters, state::Memory};

/// The id of the authenticated client, or the error code of RFC 6749 §5.2.
pub(super) fn client_id(
    memory: &Memory,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<String, &'static str> {
    let posted = parameters.get("client_secret");
    match (basic(headers), posted) {
        (Some(_), Some(_)) => Err("invalid_request"),
        (Some((user, password)), None) => by_basic(memory, &user, &password).ok_or("invalid_client"),
        (None, secret) => {
            let id = parameters.get("client_id").ok_or("invalid_client")?;
            let client = memory.clients.get(id).ok_or("invalid_client")?;
            if client.secret.as_deref() == secret { Ok(id.to_owned()) } else { Err("invalid_client") }
        }
    }
}

/// The id of the client that a request names, right or wrong.
pub(super) fn claimed_client(
    memory: &Memory,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Option<String> {
    client_id(memory, headers, parameters).ok().or_else(|| parameters.get("client_id").map(ToOwned::to_owned))
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    pair.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

/// Form-encoded as RFC 6749 §2.3.1 says, as it is, or the secret as user name without a password.
fn by_basic(memory: &Memory, user: &str, password: &str) -> Option<String> {
    let decoded = (form_decode(user), form_decode(password));
    let matches = |id: &str, secret: Option<&str>| {
        (id == decoded.0 && secret == Some(decoded.1.as_str()))
            || (id == user && secret == Some(password))
            || (password.is_empty() && secret == Some(user))
    };
    memory.clients.iter().find(|(id, client)| matches(id, client.secret.as_deref())).map(|(id, _)| id.clone())
}

fn form_decode(text: &str) -> String {
    // A lone value is read as the name of a parameter without value, which may not contain `=` or `&`.
    form_urlencoded::parse(text.replace('=', "%3D").replace('&', "%26").as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}
