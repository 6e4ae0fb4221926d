//! Who has authorized, asked with the new token.

use http::{HeaderValue, header};
use serde_json::Value;
use valetkey_core::connector::{Identity, Oauth2};

use super::grant::IdentityValues;
use crate::{
    Access, CallError,
    check::http_method,
    destination::Destination,
    egress::{EgressClient, Purpose, Request},
    scheme::{Rest, Signer, attach, sign},
};

/// Asks the provider who has authorized. Empty where the definition has no such request.
pub(crate) async fn identity(
    signer: Signer<'_>,
    access: &Access<'_>,
    oauth2: &Oauth2,
) -> Result<IdentityValues, CallError> {
    let Some((definition, url)) =
        oauth2.identity.as_ref().and_then(|found| Some((found, found.url.as_ref()?)))
    else {
        return Ok(IdentityValues::default());
    };
    let destination = Destination::absolute(access.api, access.fields, url)?;
    let request = attach(access, Purpose::Userinfo, http_method(definition.method), destination)?;
    let request = match &definition.body {
        Some(body) => request.body("application/json", body.clone()),
        None => request,
    };
    let (request, _) = sign(signer, access, request, Rest::Whole, None).await?;
    Ok(identity_values(definition, &json(signer.client, request).await?))
}

/// The values of `definition` in `document`.
pub(crate) fn identity_values(definition: &Identity, document: &Value) -> IdentityValues {
    let text = |pointer: Option<&String>| pointer.and_then(|pointer| text_at(document, pointer));
    IdentityValues {
        account_id: text(definition.account_id.as_ref()),
        email: text(definition.email.as_ref()),
    }
}

/// The text or number at `pointer`, if it is printable and at most 2 KiB long.
pub(crate) fn text_at(document: &Value, pointer: &str) -> Option<String> {
    let text = match document.pointer(pointer)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    let fine = !text.is_empty() && text.len() <= 2048 && !text.chars().any(char::is_control);
    fine.then_some(text)
}

/// Sends `request` and reads the JSON of a successful answer.
pub(super) async fn json(client: &EgressClient, request: Request) -> Result<Value, CallError> {
    let host = request.host().to_owned();
    let request = request.header(header::ACCEPT, HeaderValue::from_static("application/json"));
    let answer = client.send(request).await?.into_answer();
    if !answer.status.is_success() {
        return Err(CallError::Status { host, status: answer.status.as_u16() });
    }
    serde_json::from_slice(&answer.body).map_err(|_| CallError::NotJson(host))
}
