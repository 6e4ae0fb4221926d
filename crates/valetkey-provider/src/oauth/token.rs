//! The exchange of a code (RFC 6749 §4.1.3) as the provider wants it.

use valetkey_core::{Secret, connector::Oauth2};

use super::{
    answer::read_token_answer,
    client::{OauthClient, authenticate},
    context::Context,
    error::TokenError,
    grant::TokenGrant,
    parameters::Parameters,
    request::{Draft, Values, add_further, send},
    session::open_session,
};
use crate::{
    Fields,
    egress::{Purpose, Request},
    url_template::render_url,
};

/// What the exchange of a code is made from.
#[derive(Clone, Copy, Debug)]
pub struct CodeExchange<'a> {
    /// The definition, with what the connection overrides already merged.
    pub oauth2: &'a Oauth2,
    /// The registered application.
    pub client: OauthClient<'a>,
    /// The redirect URI of the authorization request, byte for byte.
    pub redirect_uri: &'a str,
    /// The code of the callback.
    pub code: &'a Secret,
    /// The code verifier of the authorization request.
    pub code_verifier: Option<&'a Secret>,
    /// The state of the authorization request, for providers that want it here too.
    pub state: Option<&'a Secret>,
    /// Connection and account fields, those captured from the callback included.
    pub fields: &'a Fields,
}

/// Exchanges a code for tokens. The code is spent after this, whatever the outcome.
pub(crate) async fn exchange(
    context: Context<'_>,
    input: CodeExchange<'_>,
) -> Result<TokenGrant, TokenError> {
    let answer = send(context.client, request(context, &input)?).await?;
    let secrets: Vec<&Secret> =
        [Some(input.code), input.code_verifier, input.client.client_secret].into_iter().flatten().collect();
    let mut grant = read_token_answer(input.oauth2, &answer.raw(), context.now, &secrets)?;
    let values = Values::new(input.client.client_id, input.fields);
    open_session(context, input.oauth2, values, None, &mut grant).await?;
    Ok(grant)
}

fn request(context: Context<'_>, input: &CodeExchange<'_>) -> Result<Request, TokenError> {
    let endpoint = &input.oauth2.token;
    if endpoint.grant_type.eq_ignore_ascii_case("password") {
        return Err(TokenError::setup("the password grant is refused (RFC 9700 §2.4)"));
    }
    let values = Values::new(input.client.client_id, input.fields);
    let mut parameters = Parameters::new(&endpoint.parameter_names);
    parameters.standard("grant_type", endpoint.grant_type.as_str());
    parameters.standard("code", input.code.clone());
    parameters.standard("redirect_uri", input.redirect_uri);
    if let Some(verifier) = input.code_verifier {
        parameters.standard("code_verifier", verifier.clone());
    }
    if let Some(state) = input.state.filter(|_| endpoint.send_state) {
        parameters.standard("state", state.clone());
    }
    let authorization = authenticate(context, input.oauth2, &input.client, input.fields, &mut parameters)?;
    add_further(&mut parameters, &endpoint.parameters, values)?;
    let draft = Draft {
        purpose: Purpose::Token,
        method: endpoint.method,
        url: render_url(&endpoint.url, input.fields).map_err(TokenError::setup)?,
        body: endpoint.body,
        parameters,
        headers: &endpoint.headers,
        authorization,
    };
    draft.into_request(values)
}
