//! The authorization request (RFC 6749 §4.1.1) as the provider wants it.

use std::fmt;

use url::{Position, Url};
use valetkey_core::{
    Entropy, Secret,
    connector::{MissingField, Oauth2, Pkce},
    scope::ScopeSet,
};

use super::{
    client::OauthClient,
    context::Context,
    error::TokenError,
    parameters::{Parameters, Reserved},
    pushed::push,
    random::{code_challenge, random_text},
};
use crate::{
    Fields, UrlError,
    url_template::{acceptable, render_url},
};

/// What an authorization request is made from.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationInput<'a> {
    /// The definition, with what the connection overrides already merged.
    pub oauth2: &'a Oauth2,
    /// The registered application.
    pub client: OauthClient<'a>,
    /// The redirect URI, sent byte for byte.
    pub redirect_uri: &'a str,
    /// Scopes of the connection; those that the definition always sends are added here.
    pub scopes: &'a ScopeSet,
    /// Scopes of the second set, for a definition that has one.
    pub secondary_scopes: &'a ScopeSet,
    /// Values of the connection that replace or add to the definition's further parameters.
    pub parameters: &'a Fields,
    /// Connection and account fields.
    pub fields: &'a Fields,
    /// The application's own state, which follows the random one and a dot.
    pub state: Option<&'a str>,
}

/// An authorization request, ready for the browser.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Where the browser goes. It contains the state: do not log it.
    pub url: Url,
    /// The state: 256 random bits in base64url, which has no dot, and the application's own after one.
    pub state: Secret,
    /// The code verifier, where the definition uses PKCE.
    pub code_verifier: Option<Secret>,
    /// The nonce, where the definition wants one.
    pub nonce: Option<Secret>,
    /// All scopes that are asked for, of both sets.
    pub scopes: ScopeSet,
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = &self.url[..Position::AfterPath];
        out.debug_struct("AuthorizationRequest").field("endpoint", &endpoint).finish_non_exhaustive()
    }
}

/// Why there is no authorization request.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuthorizationError {
    /// The address of the endpoint cannot be made.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// A placeholder has no value.
    #[error(transparent)]
    Missing(#[from] MissingField),
    /// A further parameter would replace one of the protocol.
    #[error(
        "the authorization parameter \"{0}\" is set by the protocol; remove it from the connection or definition"
    )]
    ReservedParameter(String),
    /// The redirect URI is not one that may be used.
    #[error("the redirect URI cannot be used: {0}")]
    RedirectUri(&'static str),
    /// The implicit grant (RFC 9700 §2.1.2).
    #[error("the response type \"{0}\" would put a token into the URL, which is refused")]
    InsecureResponseType(String),
    /// The definition leaves out the state, without which a callback cannot be trusted.
    #[error("the definition leaves out the state, without which a callback cannot be trusted")]
    NoState,
    /// The pushed authorization request failed; there is no fall back (RFC 9126).
    #[error("the authorization request could not be pushed: {0}")]
    Pushed(TokenError),
}

impl From<Reserved> for AuthorizationError {
    fn from(Reserved(name): Reserved) -> Self {
        Self::ReservedParameter(name)
    }
}

/// Makes the request, and pushes it where the definition says so.
pub(crate) async fn authorization_request(
    context: Context<'_>,
    input: AuthorizationInput<'_>,
) -> Result<AuthorizationRequest, AuthorizationError> {
    let (mut request, parameters) = prepare(context.entropy, &input)?;
    let query = match &input.oauth2.authorization.pushed {
        None => parameters.query(),
        Some(pushed) => {
            let request_uri = push(context, pushed, &input, parameters).await?;
            let mut rest = Parameters::new(&input.oauth2.authorization.parameter_names);
            rest.standard("client_id", input.client.client_id);
            rest.standard("request_uri", request_uri);
            rest.query()
        }
    };
    append_query(&mut request.url, &query);
    Ok(request)
}

/// The request without its query, and the parameters of the query.
fn prepare<'a>(
    entropy: &dyn Entropy,
    input: &AuthorizationInput<'a>,
) -> Result<(AuthorizationRequest, Parameters<'a>), AuthorizationError> {
    let endpoint = &input.oauth2.authorization;
    check(input)?;
    let request = AuthorizationRequest {
        url: render_url(&endpoint.url, input.fields)?,
        state: state(random_text(entropy), input.state),
        code_verifier: (endpoint.pkce == Pkce::S256).then(|| random_text(entropy)),
        nonce: endpoint.nonce.then(|| random_text(entropy)),
        scopes: primary_scopes(input).union(input.secondary_scopes),
    };
    let mut parameters = Parameters::new(&endpoint.parameter_names);
    parameters.standard("response_type", endpoint.response_type.as_str());
    parameters.standard("client_id", input.client.client_id);
    parameters.standard("redirect_uri", input.redirect_uri);
    parameters.standard("state", request.state.clone());
    if let Some(verifier) = &request.code_verifier {
        parameters.standard("code_challenge", code_challenge(verifier));
        parameters.standard("code_challenge_method", "S256");
    }
    if let Some(nonce) = &request.nonce {
        parameters.standard("nonce", nonce.clone());
    }
    add_scopes(input, &mut parameters);
    add_further(input, &mut parameters)?;
    Ok((request, parameters))
}

fn state(random: Secret, own: Option<&str>) -> Secret {
    match own {
        Some(own) => Secret::from(format!("{}.{own}", random.expose())),
        None => random,
    }
}

fn check(input: &AuthorizationInput<'_>) -> Result<(), AuthorizationError> {
    let endpoint = &input.oauth2.authorization;
    if endpoint.response_type.split_whitespace().any(|word| word.eq_ignore_ascii_case("token")) {
        return Err(AuthorizationError::InsecureResponseType(endpoint.response_type.clone()));
    }
    if endpoint.parameter_names.get("state").is_some_and(String::is_empty) {
        return Err(AuthorizationError::NoState);
    }
    let redirect = Url::parse(input.redirect_uri);
    let redirect = redirect.map_err(|_| AuthorizationError::RedirectUri("it is malformed"))?;
    acceptable(&redirect).map_err(AuthorizationError::RedirectUri)
}

fn primary_scopes(input: &AuthorizationInput<'_>) -> ScopeSet {
    input.oauth2.scopes.always.iter().map(String::as_str).collect::<ScopeSet>().union(input.scopes)
}

fn add_scopes(input: &AuthorizationInput<'_>, parameters: &mut Parameters<'_>) {
    let scopes = &input.oauth2.scopes;
    if !scopes.sent {
        return;
    }
    parameters.standard(&scopes.parameter, primary_scopes(input).join(&scopes.separator));
    if let Some(secondary) = &scopes.secondary {
        parameters.standard(&secondary.parameter, input.secondary_scopes.join(&scopes.separator));
    }
}

/// The definition's further parameters with the connection's values, then those that only the connection has.
fn add_further(
    input: &AuthorizationInput<'_>,
    parameters: &mut Parameters<'_>,
) -> Result<(), AuthorizationError> {
    let defined = &input.oauth2.authorization.parameters;
    let field = |name: &str| match name {
        "client_id" => Some(input.client.client_id),
        _ => input.fields.get(name).map(String::as_str),
    };
    for (name, template) in defined {
        let value = match input.parameters.get(name) {
            Some(value) => value.clone(),
            None => template.render(field)?,
        };
        parameters.further(name, value)?;
    }
    for (name, value) in input.parameters.iter().filter(|(name, _)| !defined.contains_key(*name)) {
        parameters.further(name, value.as_str())?;
    }
    Ok(())
}

/// Appends to the query; for the route of a single-page application, to the query after the `#`.
fn append_query(url: &mut Url, query: &str) {
    let join = |present: &str| match present {
        "" => query.to_owned(),
        present => format!("{present}&{query}"),
    };
    if let Some(route) = url.fragment().map(ToOwned::to_owned) {
        let (path, present) = route.split_once('?').unwrap_or((&route, ""));
        url.set_fragment(Some(&format!("{path}?{}", join(present))));
    } else {
        let joined = join(url.query().unwrap_or_default());
        url.set_query(Some(&joined));
    }
}

#[cfg(test)]
#[path = "authorize_tests.rs"]
mod tests;
