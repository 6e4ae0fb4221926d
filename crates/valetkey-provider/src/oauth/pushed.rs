//! Pushed authorization requests (RFC 9126). A failure ends the flow: falling back to the query would hide an attack.

use http::{HeaderValue, Method, header};
use valetkey_core::{Secret, connector::PushedAuthorization};

use super::{
    answer::{failure_of, json_of},
    authorize::{AuthorizationError, AuthorizationInput},
    client::authenticate,
    context::Context,
    error::{TokenError, Unusable},
    parameters::Parameters,
    request::{FORM, send},
};
use crate::{
    egress::{Purpose, Request},
    url_template::render_url,
};

/// Pushes the parameters and returns the `request_uri` that stands for them.
pub(super) async fn push(
    context: Context<'_>,
    pushed: &PushedAuthorization,
    input: &AuthorizationInput<'_>,
    mut parameters: Parameters<'_>,
) -> Result<Secret, AuthorizationError> {
    let url = render_url(&pushed.url, input.fields)?;
    let mut request = Request::new(Purpose::Authorization, Method::POST, url)
        .header(header::ACCEPT, HeaderValue::from_static("application/json"));
    let mut credentials = Parameters::new(&input.oauth2.authorization.parameter_names);
    let authorization = authenticate(context, input.oauth2, &input.client, input.fields, &mut credentials)
        .map_err(AuthorizationError::Pushed)?;
    parameters.extend(credentials);
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request.body(FORM, parameters.form());
    let secrets: Vec<&Secret> = input.client.client_secret.into_iter().collect();
    request_uri(context, request, &secrets).await.map_err(AuthorizationError::Pushed)
}

async fn request_uri(
    context: Context<'_>,
    request: Request,
    secrets: &[&Secret],
) -> Result<Secret, TokenError> {
    let answer = send(context.client, request).await?;
    let raw = answer.raw();
    if !matches!(raw.status, 200 | 201) {
        return Err(failure_of(&raw, context.now, secrets));
    }
    let document = json_of(&raw).ok_or(Unusable::NotReadable("JSON"))?;
    let request_uri = document.get("request_uri").and_then(|value| value.as_str());
    let request_uri = request_uri
        .filter(|uri| !uri.is_empty())
        .ok_or(Unusable::NotReadable("an answer with request_uri"))?;
    Ok(Secret::from(request_uri))
}
