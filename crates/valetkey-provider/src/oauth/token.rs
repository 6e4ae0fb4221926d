//! The token request (RFC 6749 §4.1.3) as the provider wants it.

use http::{HeaderValue, Method as HttpMethod, header};
use url::Url;
use valetkey_core::{
    Secret, Timestamp,
    connector::{BodyFormat, Method, Oauth2, TokenEndpoint},
};

use super::{
    answer::{RawAnswer, read_token_answer},
    client::{OauthClient, authenticate},
    error::{TokenError, Unusable},
    grant::TokenGrant,
    parameters::Parameters,
};
use crate::{
    Fields,
    check::http_method,
    egress::{Answer, EgressClient, EgressError, Outcome, Purpose, Request},
    scheme::{header_name, header_value},
    url_template::render_url,
};

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

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
    client: &EgressClient,
    now: Timestamp,
    input: CodeExchange<'_>,
) -> Result<TokenGrant, TokenError> {
    let answer = send(client, request(&input)?).await?;
    let secrets: Vec<&Secret> =
        [Some(input.code), input.code_verifier, input.client.client_secret].into_iter().flatten().collect();
    read_token_answer(input.oauth2, &answer.raw(), now, &secrets)
}

fn request(input: &CodeExchange<'_>) -> Result<Request, TokenError> {
    let endpoint = &input.oauth2.token;
    if endpoint.grant_type.eq_ignore_ascii_case("password") {
        return Err(TokenError::setup("the password grant is refused (RFC 9700 §2.4)"));
    }
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
    let authorization = authenticate(&input.client, &mut parameters)?;
    let field = |name: &str| field_value(input, name);
    for (name, template) in &endpoint.parameters {
        let value = template.render(field).map_err(TokenError::setup)?;
        parameters.further(name, value).map_err(TokenError::setup)?;
    }
    let url = render_url(&endpoint.url, input.fields).map_err(TokenError::setup)?;
    let mut request = with_parameters(endpoint, url, &parameters)
        .header(header::ACCEPT, HeaderValue::from_static("application/json"));
    for (name, template) in &endpoint.headers {
        let value = template.render(field).map_err(TokenError::setup)?;
        let name = header_name(name).map_err(TokenError::setup)?;
        let value = header_value(name.as_str(), &value).map_err(TokenError::setup)?;
        request = request.header(name, value);
    }
    Ok(authorization.into_iter().fold(request, |request, value| request.header(header::AUTHORIZATION, value)))
}

fn field_value<'a>(input: &CodeExchange<'a>, name: &str) -> Option<&'a str> {
    match name {
        "client_id" => Some(input.client.client_id),
        _ => input.fields.get(name).map(String::as_str),
    }
}

fn with_parameters(endpoint: &TokenEndpoint, mut url: Url, parameters: &Parameters<'_>) -> Request {
    let method: HttpMethod = http_method(endpoint.method);
    if endpoint.method == Method::Get || endpoint.body == BodyFormat::Query {
        let query = match url.query() {
            Some(present) if !present.is_empty() => format!("{present}&{}", parameters.query()),
            _ => parameters.query(),
        };
        url.set_query(Some(&query));
        return Request::new(Purpose::Token, method, url);
    }
    let request = Request::new(Purpose::Token, method, url);
    match endpoint.body {
        BodyFormat::Json => request.body(JSON, parameters.json()),
        BodyFormat::Form | BodyFormat::Query => request.body(FORM, parameters.form()),
    }
}

/// Sends a request of the token endpoint's kind: redirects are refused, failures get their class.
pub(super) async fn send(client: &EgressClient, request: Request) -> Result<Answer, TokenError> {
    match client.send(request).await {
        Ok(Outcome::Answered(answer)) => Ok(answer),
        Ok(Outcome::Redirected(answer)) => {
            let target = answer.header(&header::LOCATION).and_then(|to| Url::parse(to).ok());
            let host = target.as_ref().and_then(Url::host_str).unwrap_or("the same host").to_owned();
            Err(Unusable::Redirected(host).into())
        }
        Err(EgressError::TooLarge { limit, .. }) => Err(Unusable::TooLarge { limit }.into()),
        Err(error) if error.is_transient() => {
            Err(TokenError::Transient { reason: error.to_string(), retry_after: None, sent: error.sent() })
        }
        Err(error) => Err(TokenError::setup(error)),
    }
}

impl Answer {
    /// The parts that are read.
    pub(super) fn raw(&self) -> RawAnswer<'_> {
        RawAnswer {
            status: self.status.as_u16(),
            content_type: self.header(&header::CONTENT_TYPE),
            retry_after: self.header(&header::RETRY_AFTER),
            body: &self.body,
        }
    }
}
